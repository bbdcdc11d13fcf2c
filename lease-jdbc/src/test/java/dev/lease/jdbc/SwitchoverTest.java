package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.IMetricsTracker;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import dev.lease.testkit.server.MariadbProcess;
import dev.lease.testkit.server.PostgresqlProcess;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * Two servers behind one address. The old one takes no writes any more but stays alive, and the
 * address turns to the new one.
 */
@Tag("slow")
@Timeout(300)
class SwitchoverTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  /** A user whose writes the server refuses when it is read-only, and that user's database. */
  private static final String USER = "shop";

  private final List<AutoCloseable> open = new ArrayList<>();

  /** A server, with the same database as the other one. */
  private record Server(TestDatabase kind, int port, String url) {

    /** The URL at a port, as the application uses it. */
    String at(int other) {
      return kind == TestDatabase.MARIADB
          ? "jdbc:mariadb://127.0.0.1:%1$d/%2$s?user=%2$s&password=%2$s".formatted(other, USER)
          : url.replace(":" + port + "/", ":" + other + "/");
    }

    void takeNoWrites() throws Exception {
      if (kind == TestDatabase.MARIADB) {
        TestDatabase.execute(url, "set global read_only = 1");
        return;
      }
      try (Connection connection = DriverManager.getConnection(url);
          Statement statement = connection.createStatement()) {
        statement.execute("alter system set default_transaction_read_only = on");
        statement.execute("select pg_reload_conf()");
        // The open connections hear of it a little later.
        Await.until(
            () -> {
              try (ResultSet row = statement.executeQuery("show transaction_read_only")) {
                row.next();
                return row.getString(1).equals("on");
              }
            });
      }
    }
  }

  private Server server(TestDatabase kind) throws SQLException {
    if (kind == TestDatabase.POSTGRESQL) {
      PostgresqlProcess process = opened(PostgresqlProcess.start(Map.of()));
      return new Server(kind, process.port(), process.url());
    }
    MariadbProcess process = opened(MariadbProcess.start());
    TestDatabase.execute(
        process.url(),
        "create database " + USER,
        "create user %1$s@'%%' identified by '%1$s'".formatted(USER),
        "grant all on %1$s.* to %1$s@'%%'".formatted(USER));
    return new Server(kind, process.port(), process.url());
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.add(0, resource);
    return resource;
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable resource : open) {
      resource.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"POSTGRESQL, false", "POSTGRESQL, true", "MARIADB, false", "MARIADB, true"})
  @DisplayName("L22 after a switchover calls go on by themselves, and none of them fails")
  void switchover(TestDatabase kind, boolean over) throws Exception {
    Server before = server(kind);
    Server after = server(kind);
    JdbcBackend witness = opened(JdbcBackend.open(TestDatabase.config(after.at(after.port()))));
    TcpProxy proxy = opened(new TcpProxy("127.0.0.1", before.port()));
    String url = before.at(proxy.port());
    HikariDataSource pool = pool(url);
    JdbcBackend backend =
        opened(
            over
                ? JdbcBackend.over(pool, TestDatabase.config())
                : JdbcBackend.open(TestDatabase.config(url)));
    var hints = new Semaphore(0);
    backend.jobQueue().onWork("hints", hints::release);
    assertThat(calls(backend, "before")).isTrue();
    // One more for the application itself.
    pool.getConnection().close();

    before.takeNoWrites();
    proxy.turnTo("127.0.0.1", after.port());

    Await.until(
        // A session that has not read the setting yet may still write to the server before.
        () -> calls(backend, "after") && witness.jobQueue().find("after", "1").isPresent());
    if (kind == TestDatabase.POSTGRESQL) {
      hints.drainPermits();
      Await.until(
          () -> {
            witness.jobQueue().enqueue(List.of(NewJob.builder("hints", "1", "t", "p").build()));
            witness.jobAdmin().delete("hints", "1");
            return hints.tryAcquire(100, TimeUnit.MILLISECONDS);
          });
    }
    if (over) {
      for (int i = 0; i < 3; i++) {
        assertThat(portOf(kind, opened(pool.getConnection()))).isEqualTo(portOf(kind, after.url()));
      }
    }
  }

  /** Makes calls on each of the store's pools; tells whether all of them met the same server. */
  private static boolean calls(JdbcBackend backend, String queue) {
    JobQueue jobs = backend.jobQueue();
    jobs.enqueue(List.of(NewJob.builder(queue, "1", "t", "p").build()));
    jobs.enqueue(
        List.of(
            NewJob.builder(queue, "2", "t", "p").build(),
            NewJob.builder(queue, "3", "t", "p").build()));
    for (ClaimedJob job : jobs.claim(ClaimRequest.of(queue, "w", 3, LEASE)).jobs()) {
      if (!(jobs.extend(List.of(job.lease()), LEASE).get(0) instanceof Extension.Held)
          || jobs.settle(List.of(Settlement.done(job.lease()))).get(0)
              != Settlement.Result.ACCEPTED) {
        return false;
      }
    }
    backend
        .leaseStore()
        .acquire("lease", "owner", LEASE)
        .ifPresent(lease -> backend.leaseStore().release(lease));
    return true;
  }

  private HikariDataSource pool(String url) {
    return opened(new HikariDataSource(settings(url)));
  }

  private static HikariConfig settings(String url) {
    var config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setMaximumPoolSize(20);
    config.setMinimumIdle(2);
    return config;
  }

  private static long portOf(TestDatabase kind, String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      return portOf(kind, connection);
    }
  }

  private static long portOf(TestDatabase kind, Connection connection) throws SQLException {
    String query = kind == TestDatabase.MARIADB ? "select @@port" : "select inet_server_port()";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 where no server takes writes a call fails, and nothing was done")
  void readOnly(TestDatabase kind) throws Exception {
    Server server = server(kind);
    String url = server.at(server.port());
    JdbcBackend backend = opened(JdbcBackend.open(TestDatabase.config(url)));
    server.takeNoWrites();

    Await.until(
        () -> {
          try {
            calls(backend, "q");
            return false;
          } catch (StoreException e) {
            assertThat(e.isOutcomeUnknown()).isFalse();
            assertThat(backend.database.isOutage(e)).isTrue();
            return true;
          }
        });
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 while no server takes writes a call replaces no connection but its own")
  void staysReadOnly(TestDatabase kind) throws Exception {
    int calls = 30;
    int size = 20;
    Server server = server(kind);
    HikariConfig settings = settings(server.at(server.port()));
    settings.setMaximumPoolSize(size);
    settings.setMinimumIdle(size);
    var connected = new AtomicInteger();
    settings.setMetricsTrackerFactory((name, stats) -> counting(connected));
    HikariDataSource pool = opened(new HikariDataSource(settings));
    JdbcBackend backend = opened(JdbcBackend.over(pool));
    Await.until(() -> pool.getHikariPoolMXBean().getTotalConnections() == size);
    server.takeNoWrites();
    Await.until(() -> !enqueues(backend));
    // Each call works on two connections at most, and both are replaced.
    connected.set(0);
    for (int i = 0; i < calls; i++) {
      assertThat(enqueues(backend)).isFalse();
      Await.until(() -> pool.getHikariPoolMXBean().getTotalConnections() == size);
    }
    assertThat(connected).hasValueLessThanOrEqualTo(size + 2 * calls);
  }

  private static IMetricsTracker counting(AtomicInteger connected) {
    return new IMetricsTracker() {
      @Override
      public void recordConnectionCreatedMillis(long millis) {
        connected.incrementAndGet();
      }
    };
  }

  private static boolean enqueues(JdbcBackend backend) {
    try {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
      return true;
    } catch (StoreException e) {
      assertThat(e.isOutcomeUnknown()).isFalse();
      return false;
    }
  }
}
