package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the first program of the README as it stands. */
class ReadmeTest {

  @Test
  void theFirstLinesOfJavaRun(@TempDir Path directory) throws Exception {
    assertThat(outputOf(firstLines(), directory))
        .contains("placing Order[product=tea, quantity=3] under key lease:");
  }

  /** The same program with another store. */
  @Test
  void itsDependenciesHaveTheVersionsOfThisBuild() throws IOException {
    String pom = Files.readString(Path.of("../../pom.xml"));
    Matcher version = Pattern.compile("<sqlite.version>(.*?)</sqlite.version>").matcher(pom);
    assertThat(version.find()).isTrue();
    assertThat(Files.readString(Path.of("../../README.md")))
        .contains(
            "<artifactId>sqlite-jdbc</artifactId>\n  <version>" + version.group(1) + "</version>");
  }

  static String onRedis(String uri) throws IOException {
    return firstLines()
        .replace("dev.lease.jdbc.Jdbc", "dev.lease.redis.Redis")
        .replace(
            "JdbcBackend.open(JdbcConfig.of(\"jdbc:sqlite:orders.db\"))",
            "RedisBackend.open(RedisConfig.of(\"" + uri + "\"))");
  }

  private static String firstLines() throws IOException {
    Matcher block =
        Pattern.compile("```java\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("../../README.md")));
    assertThat(block.find()).isTrue();
    return block.group(1);
  }

  /** Compiles a program and runs it in a directory. */
  static String outputOf(String java, Path directory) throws IOException, InterruptedException {
    Path source = Files.writeString(directory.resolve("Main.java"), java);
    String classPath = System.getProperty("java.class.path");
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-cp", classPath, "-d", directory.toString(), source.toString());
    assertThat(compiled).isZero();

    Path output = directory.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                directory + System.getProperty("path.separator") + classPath,
                "Main")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    return Files.readString(output);
  }
}
