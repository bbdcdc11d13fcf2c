package com.example.h2;

import com.example.MovedClock;
import dev.lease.Backend;
import dev.lease.jdbc.Dialect;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.testkit.StoreFixture;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.h2.jdbcx.JdbcDataSource;

/** A database in memory, whose clock the kit can move. */
final class H2Fixture implements StoreFixture {

  /** That of connections which the store has not changed, in milliseconds. */
  static final int LOCK_TIMEOUT = 4_321;

  private final String url =
      "jdbc:h2:mem:%s;DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE;NON_KEYWORDS=VALUE;LOCK_TIMEOUT=%d"
          .formatted(UUID.randomUUID(), LOCK_TIMEOUT);

  H2Fixture() {
    try (Connection connection = connect()) {
      MovedClock.begin(connection);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  JdbcConfig config() {
    return config(
        new H2Dialect() {
          @Override
          protected Map<String, String> words() {
            return MovedClock.words(super.words());
          }
        });
  }

  JdbcConfig config(Dialect dialect) {
    return JdbcConfig.of(url).withDialect(dialect).withOrderSlack(Duration.ZERO);
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

  @Override
  public void close() throws SQLException {
    execute("shutdown");
  }

  Connection connect() throws SQLException {
    return source().getConnection();
  }

  JdbcDataSource source() {
    var source = new JdbcDataSource();
    source.setURL(url);
    return source;
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
