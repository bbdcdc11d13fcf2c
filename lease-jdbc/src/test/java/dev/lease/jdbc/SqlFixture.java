package dev.lease.jdbc;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lease.Backend;
import dev.lease.Micros;
import dev.lease.testkit.StoreFixture;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Function;

/**
 * A fresh database for the kit. Its time moves either by a clock in a table of its own, which the
 * statements read instead of the database's, or by a shift of all stored times into the past.
 */
final class SqlFixture implements StoreFixture {

  private static final long START = 1_767_225_600_000_000L;

  private final TestDatabase kind;
  private final boolean frozen;
  private final JdbcConfig config;
  private final Connection connection;

  SqlFixture(TestDatabase kind, boolean frozen) {
    // A kit makes thousands of commits, and no machine goes down in between.
    this(
        kind,
        frozen,
        kind.newUrl() + (kind == TestDatabase.SQLITE ? "?synchronous=off" : ""),
        TestDatabase::config);
  }

  private SqlFixture(
      TestDatabase kind, boolean frozen, String url, Function<String, JdbcConfig> config) {
    this.kind = kind;
    this.frozen = frozen;
    JdbcBackend.migrate(TestDatabase.config(url));
    this.config = config.apply(url).withOrderSlack(Duration.ZERO);
    this.connection = connect(url);
    execute("create table lease_test_clock (now bigint)");
    execute("insert into lease_test_clock values (%d)".formatted(frozen ? START : 0));
  }

  /** PostgreSQL behind a PgBouncer in transaction mode, where that is installed. */
  static SqlFixture behindPgBouncer() {
    assumeTrue(PgBouncer.isInstalled(), "no pgbouncer here; on Debian: apt-get install pgbouncer");
    return new SqlFixture(
        TestDatabase.POSTGRESQL,
        false,
        TestDatabase.POSTGRESQL.newUrl(),
        direct -> PgBouncer.transactionPooling(PgBouncer.Shared.TRANSACTION_MODE, direct));
  }

  @Override
  public Backend open() {
    String moved = "(select now from lease_test_clock)";
    return JdbcBackend.open(config, clock -> frozen ? moved : "(" + clock + " + " + moved + ")");
  }

  @Override
  public void advance(Duration by) {
    execute("update lease_test_clock set now = now + " + Micros.of(by));
  }

  @Override
  public void setBack(Duration by) {
    execute("update lease_test_clock set now = now - " + Micros.of(by));
  }

  @Override
  public String name() {
    return "lease-jdbc on "
        + kind.name().toLowerCase(Locale.ROOT)
        + (frozen ? ", frozen clock" : "")
        + (config.transactionPooling() ? ", transaction pooling" : "");
  }

  @Override
  public String runsOn() throws SQLException {
    DatabaseMetaData database = connection.getMetaData();
    return database.getDatabaseProductName() + " " + database.getDatabaseProductVersion();
  }

  @Override
  public Time time() {
    return frozen ? Time.FROZEN : Time.MOVABLE;
  }

  @Override
  public Duration unit() {
    return kind == TestDatabase.SQLITE && !frozen
        ? Duration.ofMillis(1)
        : Duration.of(1, ChronoUnit.MICROS);
  }

  private static Connection connect(String url) {
    try {
      return DriverManager.getConnection(url);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private void execute(String sql) {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
