package dev.lease.jdbc;

import dev.lease.testkit.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;

/** The databases that the store runs on, each time a fresh and empty one. */
enum TestDatabase {
  SQLITE {
    @Override
    String newUrl() {
      try {
        Path directory =
            Files.createTempDirectory(Files.createDirectories(Path.of("target")), "sqlite-");
        return "jdbc:sqlite:" + directory.resolve("lease.db");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  },
  POSTGRESQL {
    @Override
    String newUrl() {
      return TestServers.postgresql().newDatabase();
    }
  };

  abstract String newUrl();

  JdbcConfig newConfig() {
    return JdbcConfig.of(newUrl());
  }

  static void execute(String url, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
