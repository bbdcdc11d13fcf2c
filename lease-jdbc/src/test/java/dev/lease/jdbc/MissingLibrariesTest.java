package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.NewJob;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program whose class path lacks a library, in a JVM of its own. */
@Tag("slow")
class MissingLibrariesTest {

  @TempDir private Path directory;

  /** The program. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      boolean migrate = Boolean.parseBoolean(arguments[1]);
      try (var backend = JdbcBackend.open(TestDatabase.config(arguments[0]).withMigrate(migrate))) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
        int claimed =
            backend
                .jobQueue()
                .claim(ClaimRequest.of("q", "w", 10, Duration.ofMinutes(1)))
                .jobs()
                .size();
        System.out.println("claimed " + claimed);
      } catch (RuntimeException e) {
        System.out.println(e);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:sqlite:, x.db, sqlite-jdbc, org.xerial:sqlite-jdbc",
    "jdbc:postgresql:, //localhost:1/x, postgresql, org.postgresql:postgresql",
    "jdbc:mariadb:, //localhost:1/x, mariadb-java-client, org.mariadb.jdbc:mariadb-java-client"
  })
  void aMissingDriverIsNamed(String scheme, String rest, String jar, String artifact)
      throws Exception {
    assertThat(outputWithout(List.of(jar), scheme + rest))
        .endsWith(
            "StoreException: could not connect to %1$s%2$s: no driver for %1$s add %3$s to the class path"
                .formatted(scheme, rest, artifact));
  }

  @ParameterizedTest
  @CsvSource({
    "POSTGRESQL, flyway-database-postgresql, org.flywaydb:flyway-database-postgresql",
    "MARIADB, flyway-mysql, org.flywaydb:flyway-mysql"
  })
  void aMissingModuleOfFlywayIsNamed(TestDatabase kind, String jar, String artifact)
      throws Exception {
    String url = kind.emptyUrl();

    assertThat(outputWithout(List.of(jar), url))
        .endsWith(
            "StoreException: could not migrate the schema: no Flyway module for this database: add "
                + artifact
                + " to the class path");
    assertThat(outputWithout(List.of(jar), url, false))
        .endsWith(
            "StoreException: could not check the schema: no Flyway module for this database: add "
                + artifact
                + " to the class path");

    JdbcBackend.migrate(TestDatabase.config(url));
    assertThat(outputWithout(List.of(jar), url)).as("nothing to migrate").endsWith("claimed 1");
  }

  @Test
  void postgresqlNeedsNoLibraryOfAnotherDatabase() throws Exception {
    String url = TestDatabase.POSTGRESQL.emptyUrl();

    assertThat(
            outputWithout(
                List.of("sqlite-jdbc", "mariadb-java-client", "flyway-mysql", "guice"), url))
        .endsWith("claimed 1");
  }

  @Test
  void withoutAProviderOfSlf4jOnlySlf4jSaysSo() throws Exception {
    assertThat(outputWithout(List.of("logback-classic"), TestDatabase.SQLITE.emptyUrl()).lines())
        .last()
        .isEqualTo("claimed 1");
    assertThat(Files.readString(directory.resolve("output")).lines())
        .filteredOn(line -> !line.startsWith("SLF4J"))
        .containsExactly("claimed 1");
  }

  private String outputWithout(List<String> jars, String url)
      throws IOException, InterruptedException {
    return outputWithout(jars, url, true);
  }

  private String outputWithout(List<String> jars, String url, boolean migrate)
      throws IOException, InterruptedException {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> jars.stream().noneMatch(jar -> isJar(entry, jar)))
            .collect(Collectors.joining(File.pathSeparator));
    Path output = directory.resolve("output");
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Program.class.getName(),
                url,
                Boolean.toString(migrate))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(program.waitFor(2, TimeUnit.MINUTES)).isTrue();
      return Files.readString(output).strip();
    } finally {
      program.destroyForcibly();
    }
  }

  private static boolean isJar(String entry, String jar) {
    return new File(entry).getName().matches(jar + "-[0-9.]+\\.jar");
  }
}
