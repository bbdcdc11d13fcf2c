package dev.lease.worker;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Module;
import com.google.inject.Stage;
import dev.lease.Backend;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.jdbc.JdbcModule;
import dev.lease.redis.RedisConfig;
import dev.lease.redis.RedisModule;
import dev.lease.testkit.server.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

/** The stores that a worker is proven on, taken as a program takes them: from an injector. */
enum Store {
  JDBC {
    @Override
    Module newModule() {
      // No machine goes down in these tests, so no commit has to wait for the disk.
      return jdbc(newUrl() + "?synchronous=off");
    }
  },
  /** Only where a test class adds it, with {@code @EnumSource(names = "POSTGRESQL")}. */
  POSTGRESQL {
    @Override
    Module newModule() {
      return jdbc(TestServers.postgresql().newDatabase());
    }
  },
  REDIS {
    @Override
    Module newModule() {
      return new RedisModule(
          RedisConfig.of(TestServers.redis())
              .withPrefix("test-" + UUID.randomUUID())
              .withCallTimeout(PATIENCE));
    }
  };

  /** A machine that others use as well may take so long to open a store. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** What a program asks of its injector that wants to know early what is missing. */
  static final Module STRICT =
      new AbstractModule() {
        @Override
        protected void configure() {
          binder().requireExplicitBindings();
          binder().disableCircularProxies();
          binder().requireAtInjectOnConstructors();
          binder().requireExactBindingAnnotations();
        }
      };

  /** The module of a fresh, empty store. Each injector of it has a backend object of its own. */
  abstract Module newModule();

  Backend open(Module module) {
    return Guice.createInjector(Stage.PRODUCTION, STRICT, module).getInstance(Backend.class);
  }

  private static Module jdbc(String url) {
    // Without slack, since tests count on the order of claims.
    return new JdbcModule(config(url).withOrderSlack(Duration.ZERO));
  }

  static JdbcConfig config(String url) {
    return JdbcConfig.of(url).withCallTimeout(PATIENCE);
  }

  /** A SQLite file in a directory of its own, with empty tables. */
  static String newUrl() {
    try {
      return "jdbc:sqlite:" + Files.write(newFile(), Tables.EMPTY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path newFile() throws IOException {
    Path target = Files.createDirectories(Path.of("target"));
    return Files.createTempDirectory(target, "sqlite-").resolve("jobs.db");
  }

  /** A file whose tables were made once, since making them takes longer than many a test. */
  private static final class Tables {
    static final byte[] EMPTY = make();

    private static byte[] make() {
      try {
        Path file = newFile();
        JdbcBackend.open(config("jdbc:sqlite:" + file)).close();
        return Files.readAllBytes(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
