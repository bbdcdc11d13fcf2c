package com.example;

import dev.lease.Backend;
import dev.lease.jdbc.Dialect;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.testkit.StoreFixture;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * A dialect for a relative of a database that the store knows, run on that database. The tables are
 * those of the store's own dialect: its scripts make them, and the history of these is dropped.
 */
public final class RelativeFixture implements StoreFixture {

  private final String url;
  private final Dialect dialect;

  /**
   * Makes the tables.
   *
   * @param url an empty database
   * @param dialect the relative's dialect
   */
  public RelativeFixture(String url, Dialect dialect) {
    this.url = url;
    this.dialect = dialect;
    JdbcBackend.migrate(patient());
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("drop table lease_schema_history");
      MovedClock.begin(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A machine that others use as well may take long. */
  private JdbcConfig patient() {
    return JdbcConfig.of(url).withCallTimeout(Duration.ofMinutes(2));
  }

  /** The configuration of a store with the relative's dialect. */
  public JdbcConfig config() {
    return patient().withDialect(dialect).withOrderSlack(Duration.ZERO);
  }

  /** A connection to the database. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  @Override
  public Backend open() {
    return JdbcBackend.open(config());
  }

  @Override
  public Time time() {
    return Time.MOVABLE;
  }

  @Override
  public void advance(Duration by) throws SQLException {
    try (Connection connection = connect()) {
      MovedClock.advance(connection, by);
    }
  }
}
