package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The language of a JVM is that in which PostgreSQL's driver says what is a detail of an error. It
 * reads it once, so that each language needs a JVM of its own.
 */
@Tag("slow")
class TranslatedErrorsTest {

  @TempDir private Path directory;

  /** Stores a job that the database refuses, over a pool that nobody has set up with care. */
  static final class Program {
    private Program() {}

    public static void main(String[] arguments) {
      var pooled = new HikariConfig();
      pooled.setJdbcUrl(arguments[0]);
      try (var pool = new HikariDataSource(pooled);
          var backend = JdbcBackend.over(pool, TestDatabase.config())) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "s3cret").build()));
      } catch (StoreException e) {
        System.out.println(String.valueOf(e.getCause()).contains("s3cret"));
        System.out.println(e.getMessage());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"en", "fr", "ja"})
  @DisplayName("a message quotes no payload, whatever the language of the JVM")
  void language(String language) throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
    TestDatabase.execute(
        url, "alter table lease_job add constraint mine check (payload not like '%s3cret%')");
    Path output = directory.resolve("output");
    Process program =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Duser.language=" + language,
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName(),
                url)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(program.waitFor(2, TimeUnit.MINUTES)).isTrue();
    } finally {
      program.destroyForcibly();
    }
    assertThat(Files.readAllLines(output))
        .as("whether the database's own error quotes it, and the message")
        .endsWith(
            "true",
            "could not enqueue: ERROR: new row for relation \"lease_job\" violates check constraint \"mine\"");
  }
}
