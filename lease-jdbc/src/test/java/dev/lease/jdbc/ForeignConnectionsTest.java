package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class ForeignConnectionsTest {

  /** Without those of plpgsql, which a session has as soon as a migration has used it. */
  private static final String POSTGRESQL_SETTINGS =
      "POSTGRESQL, set lock_timeout = 4321, 'select name, setting from pg_settings"
          + " where name not like ''plpgsql.%'' order by name'";

  private static final String MARIADB_SETTINGS =
      "MARIADB, set session idle_transaction_timeout = 4321,"
          + " 'select variable_name, variable_value from information_schema.session_variables"
          + " where variable_name not in (''TIMESTAMP'', ''PSEUDO_THREAD_ID'', ''RAND_SEED1'',"
          + " ''RAND_SEED2'', ''LAST_GTID'', ''LAST_INSERT_ID'', ''IDENTITY'') order by 1'";

  private static final Duration LEASE = Duration.ofMinutes(1);

  @ParameterizedTest
  @CsvSource({
    "SQLITE, true, TRANSACTION_SERIALIZABLE",
    "SQLITE, false, TRANSACTION_SERIALIZABLE",
    "POSTGRESQL, false, TRANSACTION_SERIALIZABLE",
    "POSTGRESQL, false, TRANSACTION_REPEATABLE_READ",
    "POSTGRESQL, true, TRANSACTION_READ_COMMITTED",
    "MARIADB, false, TRANSACTION_SERIALIZABLE",
    "MARIADB, false, TRANSACTION_REPEATABLE_READ",
    "MARIADB, true, TRANSACTION_READ_COMMITTED"
  })
  @DisplayName("L29 a pool with another auto-commit or isolation changes nothing")
  void settings(TestDatabase kind, boolean autoCommit, String isolation) throws Exception {
    // For two backends: each holds up to four, and takes three more while it opens.
    try (var pool = pool(kind, autoCommit, isolation, 14);
        var backend = JdbcBackend.over(pool)) {
      var lease = backend.leaseStore().acquire("name", "me", LEASE).orElseThrow();
      assertThat(backend.leaseStore().acquire("name", "you", LEASE)).isEmpty();
      assertThat(backend.leaseStore().release(lease)).isTrue();

      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
      ClaimedJob job = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
      assertThat(backend.jobQueue().extend(List.of(job.lease()), LEASE))
          .singleElement()
          .isInstanceOf(Extension.Held.class);
      backend.jobQueue().settle(List.of(Settlement.done(job.lease())));

      try (var witness = JdbcBackend.over(pool)) {
        assertThat(witness.jobQueue().find("q", "1").orElseThrow().state())
            .isEqualTo(JobState.DONE);
      }
      try (Connection connection = pool.getConnection()) {
        assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "SQLITE, pragma busy_timeout = 4321, pragma busy_timeout",
    POSTGRESQL_SETTINGS,
    MARIADB_SETTINGS
  })
  @DisplayName("a pool gets its connections back as they were")
  void givenBack(TestDatabase kind, String setting, String session) throws Exception {
    try (var pool = new PlainPool(kind.newUrl(), setting)) {
      Connection one = pool.take();
      List<String> before = state(one, session);
      assertThat(before).anyMatch(line -> line.endsWith(" 4321"));
      pool.free.add(one);

      try (var backend = JdbcBackend.over(pool.dataSource())) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
        ClaimedJob job =
            backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
        backend.jobQueue().settle(List.of(Settlement.done(job.lease())));
      }
      assertThat(pool.free).isNotEmpty();
      pool.assertUnchanged(session, before);
    }
  }

  @ParameterizedTest
  @CsvSource({"SQLITE, 3", "POSTGRESQL, 4", "MARIADB, 3"})
  @DisplayName("U11 Y1 over a pool it says how many connections it takes, and how many are left")
  void left(TestDatabase kind, int connections) throws Exception {
    try (var logs = new Logs(StoreOpening.class.getName());
        var ten = pool(kind, true, "TRANSACTION_READ_COMMITTED", 10);
        var small = pool(kind, true, "TRANSACTION_READ_COMMITTED", connections + 1);
        var unknown = new PlainPool(kind.newUrl(), "select 1")) {
      JdbcBackend.over(ten).close();
      assertThat(logs.from(Level.INFO))
          .singleElement()
          .asString()
          .isEqualTo(
              "The store takes up to %d of the 10 connections of the DataSource, so %d are left to the application"
                  .formatted(connections, 10 - connections));

      JdbcBackend.over(unknown.dataSource()).close();
      assertThat(logs.from(Level.INFO))
          .last()
          .asString()
          .startsWith("The store takes up to " + connections + " connections of the DataSource");
      assertThat(logs.from(Level.WARN)).isEmpty();

      // Migrated before: that takes more connections.
      JdbcBackend.migrate(JdbcConfig.of(small.getJdbcUrl()));
      JdbcBackend.over(small).close();
      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("Only 1 connection is left to the application")
          .contains("up to %d of the %d connections".formatted(connections, connections + 1));
    }
  }

  @ParameterizedTest
  @CsvSource({POSTGRESQL_SETTINGS, MARIADB_SETTINGS})
  @DisplayName("a pool gets connections back as they were while the store goes on")
  void retired(TestDatabase kind, String setting, String session) throws Exception {
    try (var pool = new PlainPool(kind.newUrl(), setting)) {
      Connection one = pool.take();
      List<String> before = state(one, session);
      pool.free.add(one);
      try (var backend = JdbcBackend.over(pool.dataSource())) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
        // Otherwise the store has taken the connection again before it is looked at.
        pool.holdsBack = true;

        // Some may still be on their way into the store's pools.
        Await.until(
            () -> {
              backend.database.retireConnections();
              return pool.free.size() >= 4;
            });
        pool.assertUnchanged(session, before);
        assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"POSTGRESQL, set lock_timeout = 4321", "MARIADB, set lock_wait_timeout = 4321"})
  @DisplayName("a pool gets its connection back as it was if the store does not open")
  void refused(TestDatabase kind, String setting) throws Exception {
    try (var pool = new PlainPool(kind.newUrl(), setting)) {
      JdbcConfig nowhere = JdbcConfig.defaults().withSchema("nowhere");
      assertThatThrownBy(() -> JdbcBackend.over(pool.dataSource(), nowhere))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("there is no schema nowhere");

      Connection one = pool.take();
      assertThat(one.getAutoCommit()).isFalse();
      pool.free.add(one);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("a store over a pool of HikariCP's is closed without a warning")
  void closedQuietly(TestDatabase kind) throws Exception {
    try (var logs = new Logs("com.zaxxer.hikari");
        var pool = pool(kind, true, "TRANSACTION_READ_COMMITTED", 10)) {
      var backend = JdbcBackend.over(pool);
      var hints = new Semaphore(0);
      backend.jobQueue().onWork("q", hints::release);
      if (kind == TestDatabase.POSTGRESQL) {
        assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).as("it listens now").isTrue();
      }
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));

      backend.close();

      Await.until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 0);
      assertThat(logs.from(Level.WARN)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("L31 a driver that sets no time limit for a network is told of once, at opening")
  void endlessWaits(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    DataSource source =
        PlainPool.proxy(
            DataSource.class,
            (proxy, method, arguments) -> {
              if (!method.getName().equals("getConnection")) {
                return method.getReturnType() == boolean.class ? false : (Object) 0;
              }
              Connection connection = DriverManager.getConnection(url);
              return PlainPool.proxy(
                  Connection.class,
                  (lent, called, values) -> {
                    if (called.getName().endsWith("NetworkTimeout")) {
                      throw new SQLFeatureNotSupportedException();
                    }
                    try {
                      return called.invoke(connection, values);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
            });
    try (var logs = new Logs(StoreOpening.class.getName())) {
      var backend = JdbcBackend.over(source);
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
      backend.close();
      JdbcBackend.open(TestDatabase.config(url)).close();

      if (kind == TestDatabase.SQLITE) {
        assertThat(logs.from(Level.WARN)).as("it has no network").isEmpty();
      } else {
        assertThat(logs.from(Level.WARN))
            .singleElement()
            .asString()
            .contains("has no time limit for the network");
      }
    }
  }

  @Test
  @DisplayName("a connection that cannot be set up goes back to its pool")
  void notSetUp() throws Exception {
    // The store's pools borrow in threads of their own.
    Thread caller = Thread.currentThread();
    var open = new AtomicInteger();
    var broken = new AtomicBoolean();
    String url = TestDatabase.POSTGRESQL.newUrl();
    DataSource source =
        PlainPool.proxy(
            DataSource.class,
            (proxy, method, arguments) -> {
              if (!method.getName().equals("getConnection")) {
                return method.getReturnType() == boolean.class ? false : (Object) 0;
              }
              boolean breaks = broken.get() && Thread.currentThread() == caller;
              open.addAndGet(breaks ? 1 : 0);
              Connection connection = DriverManager.getConnection(url);
              var limits = new AtomicInteger();
              return PlainPool.proxy(
                  Connection.class,
                  (lent, called, values) -> {
                    if (breaks && called.getName().equals("close")) {
                      open.decrementAndGet();
                    }
                    // The first comes when it is borrowed.
                    if (breaks
                        && called.getName().equals("setNetworkTimeout")
                        && limits.incrementAndGet() == 2) {
                      throw new SQLException("broken");
                    }
                    try {
                      return called.invoke(connection, values);
                    } catch (InvocationTargetException e) {
                      throw e.getCause();
                    }
                  });
            });
    try (var backend = JdbcBackend.over(source)) {
      broken.set(true);

      assertThatThrownBy(backend.database::ownConnection)
          .isInstanceOf(SQLException.class)
          .hasMessage("broken");

      assertThat(open.get()).isZero();
      broken.set(false);
    }
  }

  private static List<String> state(Connection connection, String query) throws SQLException {
    List<String> lines = new ArrayList<>();
    lines.add("auto-commit " + connection.getAutoCommit());
    lines.add("isolation " + connection.getTransactionIsolation());
    try {
      lines.add("network " + connection.getNetworkTimeout());
    } catch (SQLFeatureNotSupportedException e) {
      lines.add("no network");
    }
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      int columns = rows.getMetaData().getColumnCount();
      while (rows.next()) {
        lines.add(rows.getString(1) + " " + rows.getString(columns));
      }
    }
    if (!connection.getAutoCommit()) {
      connection.rollback();
    }
    return lines;
  }

  /** A pool that hands a connection on as it came back. */
  private static final class PlainPool implements AutoCloseable {
    final Deque<Connection> free = new ConcurrentLinkedDeque<>();
    final String url;
    private final String setting;
    volatile boolean holdsBack;

    PlainPool(String url, String setting) {
      this.url = url;
      this.setting = setting;
    }

    Connection take() throws SQLException {
      Connection pooled = free.poll();
      return pooled == null ? connect() : pooled;
    }

    private Connection connect() throws SQLException {
      Connection connection = DriverManager.getConnection(url);
      try (Statement statement = connection.createStatement()) {
        statement.execute(setting);
      }
      connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
      connection.setAutoCommit(false);
      return connection;
    }

    DataSource dataSource() {
      return proxy(
          DataSource.class,
          (proxy, method, arguments) ->
              switch (method.getName()) {
                case "getConnection" -> lent(holdsBack ? connect() : take());
                case "isWrapperFor" -> false;
                default -> 0;
              });
    }

    void assertUnchanged(String session, List<String> before) throws SQLException {
      for (Connection connection : free) {
        List<String> changed = state(connection, session);
        changed.removeAll(before);
        assertThat(changed).as("what was changed").isEmpty();
      }
    }

    private Connection lent(Connection connection) {
      var closed = new AtomicBoolean();
      return proxy(
          Connection.class,
          (proxy, method, arguments) -> {
            if (method.getName().equals("close")) {
              if (!closed.getAndSet(true)) {
                free.add(connection);
              }
              return null;
            }
            if (method.getName().equals("isClosed")) {
              return closed.get();
            }
            try {
              return method.invoke(connection, arguments);
            } catch (InvocationTargetException e) {
              throw e.getCause();
            }
          });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
      return type.cast(
          Proxy.newProxyInstance(
              ForeignConnectionsTest.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Override
    public void close() throws SQLException {
      for (Connection connection : free) {
        connection.close();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("leases are kept while handlers have all connections of the user's pool")
  void starved(TestDatabase kind) throws Exception {
    // The store has three, and the handlers have two. Nobody asks for hints, so nothing listens.
    try (var pool = pool(kind, true, "TRANSACTION_READ_COMMITTED", 5);
        var backend = JdbcBackend.over(pool)) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
      ClaimedJob job = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
      try (Connection one = pool.getConnection();
          Connection two = pool.getConnection()) {
        assertThat(one).isNotSameAs(two);
        assertThat(backend.jobQueue().extend(List.of(job.lease()), LEASE))
            .singleElement()
            .isInstanceOf(Extension.Held.class);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("a trip that gets no connection did nothing, and nobody need try it again alone")
  void noneLeftForATrip(TestDatabase kind) throws Exception {
    int size = 8;
    JdbcConfig config = JdbcConfig.defaults().withCallTimeout(Duration.ofSeconds(1));
    var handlers = new ArrayList<Connection>();
    var held = new CountDownLatch(1);
    var free = new CountDownLatch(1);
    try (var pool = pool(kind, true, "TRANSACTION_READ_COMMITTED", size);
        var backend = JdbcBackend.over(pool, config)) {
      Await.until(() -> pool.getHikariPoolMXBean().getActiveConnections() == 1);
      try {
        // First, since the store takes one more when it looks and has none that is idle.
        while (handlers.size() < size - 1) {
          handlers.add(pool.getConnection());
        }
        // A settlement uses the one that the store has.
        var settling =
            CompletableFuture.runAsync(
                () ->
                    backend
                        .database
                        .on(Lane.SETTLING, Deadline.in(LEASE))
                        .read("settle", session -> hold(session, held, free)));
        assertThat(held.await(1, TimeUnit.MINUTES)).isTrue();
        assertThatThrownBy(() -> backend.leaseStore().acquire("a", "w", LEASE))
            .isInstanceOfSatisfying(
                StoreException.class,
                e -> {
                  assertThat(e.isOutcomeUnknown()).isFalse();
                  assertThat(backend.database.isOutage(e)).isTrue();
                  assertThat(backend.database.isLockTimeout(e)).isFalse();
                });
        free.countDown();
        settling.get(1, TimeUnit.MINUTES);
      } finally {
        free.countDown();
        for (Connection connection : handlers) {
          connection.close();
        }
      }
    }
  }

  private static Session hold(Session session, CountDownLatch held, CountDownLatch until) {
    held.countDown();
    try {
      until.await();
      return session;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  @DisplayName("W11 the first call after an outage succeeds, however long that has lasted")
  void outage() throws Exception {
    String url = TestDatabase.SQLITE.newUrl();
    var isGone = new AtomicBoolean();
    var tries = new AtomicInteger();
    DataSource source =
        BorrowedConnections.proxy(
            DataSource.class,
            (proxy, method, arguments) -> {
              if (method.getName().equals("isWrapperFor")) {
                return false;
              }
              if (isGone.get()) {
                tries.incrementAndGet();
                throw new SQLException("gone", "08001");
              }
              return DriverManager.getConnection(url);
            });
    try (var backend =
        JdbcBackend.over(source, JdbcConfig.defaults().withCallTimeout(Duration.ofSeconds(2)))) {
      ClaimRequest request = ClaimRequest.of("q", "w", 1, LEASE);
      isGone.set(true);
      backend.database.retireConnections();
      // HikariCP waits twice as long after each try, and would in the end wait for 5 s.
      while (tries.get() < 20) {
        assertThatThrownBy(() -> backend.jobQueue().claim(request))
            .isInstanceOf(StoreException.class);
      }
      isGone.set(false);

      assertThat(backend.jobQueue().claim(request).jobs()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("E16 a connection that the server cut is replaced")
  void cut(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withPoolSize(1))) {
      backend.jobQueue().find("q", "1");
      cutAll(kind, url);
      Await.until(
          () -> {
            try {
              return backend.jobQueue().find("q", "1").isEmpty();
            } catch (StoreException e) {
              return false;
            }
          });
    }
  }

  private static void cutAll(TestDatabase kind, String url) throws SQLException {
    String others =
        kind == TestDatabase.MARIADB
            ? "select id from information_schema.processlist"
                + " where db = database() and id <> connection_id()"
            : "select pid from pg_stat_activity"
                + " where datname = current_database() and pid <> pg_backend_pid()";
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      List<Long> connections = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery(others)) {
        while (rows.next()) {
          connections.add(rows.getLong(1));
        }
      }
      assertThat(connections).isNotEmpty();
      for (long other : connections) {
        statement.execute(kind.cut(other));
      }
    }
  }

  private static HikariDataSource pool(
      TestDatabase kind, boolean autoCommit, String isolation, int size) {
    var config = new HikariConfig();
    config.setJdbcUrl(kind.newUrl());
    config.setAutoCommit(autoCommit);
    config.setTransactionIsolation(isolation);
    config.setMaximumPoolSize(size);
    config.setMinimumIdle(1);
    return new HikariDataSource(config);
  }
}
