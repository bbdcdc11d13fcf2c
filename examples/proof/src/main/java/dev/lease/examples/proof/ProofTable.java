package dev.lease.examples.proof;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.examples.shared.StoreName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;

/** A table in the database of the store, in which jobs make their effects. */
final class ProofTable {

  private static final String CREATE =
      "create table if not exists proof_effect (queue varchar(100) not null,"
          + " job varchar(100) not null, step varchar(20) not null, token bigint not null,"
          + " made_at bigint not null)";

  private ProofTable() {}

  /** Connections of the program's own, as a user has them. */
  static HikariDataSource open(StoreName store) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(store.url());
    config.setMaximumPoolSize(2);
    if (store.isFile()) {
      // Milliseconds that a writer waits for other writers.
      config.addDataSourceProperty("busy_timeout", "30000");
    }
    return new HikariDataSource(config);
  }

  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(CREATE);
    }
  }

  static void add(Connection connection, String queue, String job, String step, long token)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into proof_effect values (?, ?, ?, ?, ?)")) {
      insert.setString(1, queue);
      insert.setString(2, job);
      insert.setString(3, step);
      insert.setLong(4, token);
      insert.setLong(5, micros(Instant.now()));
      insert.executeUpdate();
    }
  }

  /** Reads the effects of the jobs of a queue. */
  static void read(Connection connection, String queue, ProofEffects effects) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "select job, step, token from proof_effect where queue = ? order by made_at")) {
      select.setString(1, queue);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          effects.add(rows.getString(1), rows.getString(2), rows.getLong(3));
        }
      }
    }
  }

  private static long micros(Instant instant) {
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }
}
