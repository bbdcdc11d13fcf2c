package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs the script that starts the program. Here, java is a script that prints its arguments. */
@DisabledOnOs(OS.WINDOWS)
class RunTest {

  @TempDir private Path directory;

  @Test
  void itFindsTheProjectThroughALinkAndInSpiteOfCdpath() throws Exception {
    Path project = Files.createDirectories(directory.toRealPath().resolve("a project"));
    Path bot = Files.createDirectories(project.resolve("examples/order-bot"));
    Path run = Files.copy(Path.of("run"), bot.resolve("run"));
    Files.copy(Path.of("../build.sh"), bot.resolveSibling("build.sh"));
    Files.createDirectories(bot.resolve("src/main"));
    Files.createDirectories(project.resolve("module/src/main"));
    Files.createDirectories(project.resolve("examples/shared/src/main"));
    Files.createFile(project.resolve("examples/shared/pom.xml"));
    Files.createFile(project.resolve("pom.xml"));
    Files.createFile(project.resolve("module/pom.xml"));
    Files.createFile(bot.resolve("pom.xml"));
    Path built = Files.createDirectories(bot.resolve("target")).resolve("run.built");
    Files.setLastModifiedTime(
        Files.createFile(built), FileTime.from(Instant.now().plusSeconds(60)));
    Path link = directory.resolve("link");
    Files.createSymbolicLink(link, Path.of("other"));
    Files.createSymbolicLink(directory.resolve("other"), run);

    String target = bot.resolve("target").toString();
    assertThat(outputOf(directory, "./link", "status"))
        .startsWith(
            "--enable-native-access=ALL-UNNAMED -cp "
                + target
                + "/order-bot.jar:"
                + target
                + "/lib/*")
        .endsWith("OrderBot status\n");
    assertThat(outputOf(project, "examples/order-bot/run", "demo"))
        .contains("-cp " + target)
        .endsWith("OrderBot demo\n");
  }

  private String outputOf(Path where, String... command) throws Exception {
    File output = directory.resolve("output.txt").toFile();
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(where.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output);
    builder.environment().put("CDPATH", directory + ":" + where);
    builder.environment().put("JAVA_HOME", javaHome().toString());
    Process process = builder.start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    return Files.readString(output.toPath());
  }

  private Path javaHome() throws IOException {
    Path java = Files.createDirectories(directory.resolve("jdk/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho \"$@\"\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    return directory.resolve("jdk");
  }
}
