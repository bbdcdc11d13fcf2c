package dev.lease.jdbc;

import dev.lease.testkit.server.TestServers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The databases that the store runs on, each time a fresh one. */
enum TestDatabase {
  SQLITE {
    @Override
    String emptyUrl() {
      return "jdbc:sqlite:" + newFile();
    }

    @Override
    String newUrl() {
      try {
        return "jdbc:sqlite:" + Files.write(newFile(), Tables.EMPTY);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  },
  POSTGRESQL {
    @Override
    String emptyUrl() {
      return TestServers.postgresql().newDatabase();
    }

    @Override
    String blocked() {
      return "select pid from pg_stat_activity"
          + " where datname = current_database() and wait_event_type = 'Lock'";
    }

    @Override
    String cut(long connection) {
      return "select pg_terminate_backend(" + connection + ")";
    }
  },
  MARIADB {
    @Override
    String emptyUrl() {
      return TestServers.mariadb().newDatabase();
    }

    @Override
    String blocked() {
      return "select id from information_schema.processlist"
          + " left join information_schema.innodb_trx on trx_mysql_thread_id = id"
          + " where db = database()"
          + " and (trx_state = 'LOCK WAIT' or state = 'Waiting for table metadata lock')";
    }

    @Override
    String cut(long connection) {
      return "kill connection " + connection;
    }
  };

  /** One without tables. */
  abstract String emptyUrl();

  /** One whose tables are there, or are made when it is opened. */
  String newUrl() {
    return emptyUrl();
  }

  private static Path newFile() {
    try {
      Path target = Files.createDirectories(Path.of("target"));
      return Files.createTempDirectory(target, "sqlite-").resolve("lease.db");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  /** Asks for the connections that wait for a lock in the database that it is asked in. */
  String blocked() {
    throw new UnsupportedOperationException("the writers of " + this + " just queue");
  }

  /** Cuts a connection on the server's side. */
  String cut(long connection) {
    throw new UnsupportedOperationException(this + " has no server");
  }

  /** Waits until a connection waits for a lock, and gives it. */
  long awaitBlocked(String url) throws Exception {
    return awaitBlocked(url, 1).get(0);
  }

  /** Waits until so many connections wait for locks, and gives them. */
  List<Long> awaitBlocked(String url, int count) throws Exception {
    List<Long> blocked = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      Await.until(
          () -> {
            try (ResultSet row = statement.executeQuery(blocked())) {
              blocked.clear();
              while (row.next()) {
                blocked.add(row.getLong(1));
              }
            }
            boolean enough = blocked.size() >= count;
            if (!enough) {
              // Asked again within 100 ms, MariaDB shows what it showed before.
              Thread.sleep(150);
            }
            return enough;
          });
    }
    return blocked;
  }

  /** How many connections wait for a lock. */
  int countBlocked(String url) throws SQLException {
    return Integer.parseInt(answer(url, "select count(*) from (" + blocked() + ") waiting"));
  }

  JdbcConfig newConfig() {
    return config(newUrl());
  }

  /** A machine that others use as well may take so long to open a store. */
  static JdbcConfig config(String url) {
    return withTime(JdbcConfig.of(url));
  }

  /** The same, for a store on a {@code DataSource}. */
  static JdbcConfig config() {
    return withTime(JdbcConfig.defaults());
  }

  private static JdbcConfig withTime(JdbcConfig config) {
    return config.withCallTimeout(Duration.ofMinutes(2));
  }

  static void execute(String url, String... statements) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** The first column of the first row. */
  static String answer(String url, String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
