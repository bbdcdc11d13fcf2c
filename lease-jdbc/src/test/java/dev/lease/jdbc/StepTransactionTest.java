package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.LeaseLostException;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StepTransaction;
import dev.lease.StoreException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps on connections of a pool of the user's. */
@SuppressWarnings("NullAway.Init")
class StepTransactionTest {

  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final int THREADS = 4;
  private static final String INSERT = "insert into orders values (?)";

  private String url;
  private JdbcBackend backend;
  private WatchedPool pool;
  private StepTransaction<Connection> steps;

  private void open(TestDatabase kind, boolean autoCommit) throws SQLException {
    url = kind.newUrl();
    backend = JdbcBackend.open(TestDatabase.config(url));
    TestDatabase.execute(
        url,
        "create table orders (id varchar(100) primary key)",
        "create table stock (amount int)",
        "insert into stock values (1000)");
    var config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setAutoCommit(autoCommit);
    config.setMaximumPoolSize(THREADS);
    if (kind == TestDatabase.SQLITE) {
      // The default is 3 s, in which many who want to write are not sure to get their turn.
      config.addDataSourceProperty("busy_timeout", "60000");
    }
    pool = new WatchedPool(config);
    steps = backend.steps(pool);
  }

  @AfterEach
  void close() {
    assertThat(pool.givenBack).as("modes").allMatch(mode -> mode == pool.isAutoCommit());
    assertThat(pool.isClosed() ? 0 : pool.getHikariPoolMXBean().getActiveConnections())
        .as("in use")
        .isZero();
    pool.close();
    backend.close();
  }

  @ParameterizedTest
  @CsvSource({
    "SQLITE, true", "SQLITE, false",
    "POSTGRESQL, true", "POSTGRESQL, false",
    "MARIADB, true", "MARIADB, false"
  })
  @DisplayName("Q26 Q31 a step's effect and its value are there together, and only once")
  void once(TestDatabase kind, boolean autoCommit) throws Exception {
    open(kind, autoCommit);
    JobLease lease = claim("1");

    assertThat(steps.run(lease, "place", connection -> placed(connection, "o1"))).isEqualTo("o1");
    assertThat(orders()).isEqualTo(1);
    assertThat(steps.run(lease, "place", connection -> placed(connection, "o2"))).isEqualTo("o1");

    assertThat(orders()).isEqualTo(1);
    assertThat(backend.jobQueue().checkpoints(lease).orElseThrow())
        .containsExactly(entry("place", "o1"));
    assertThat(backend.jobQueue().settle(List.of(Settlement.done(lease))))
        .containsExactly(Settlement.Result.ACCEPTED);
  }

  @ParameterizedTest
  @CsvSource({
    "SQLITE, true", "SQLITE, false",
    "POSTGRESQL, true", "POSTGRESQL, false",
    "MARIADB, true", "MARIADB, false"
  })
  @DisplayName("Q26 Q31 whatever a step throws is thrown on as it is, and nothing of it stays")
  @SuppressWarnings("NullAway")
  void thrown(TestDatabase kind, boolean autoCommit) throws Exception {
    open(kind, autoCommit);
    JobLease lease = claim("1");
    for (Throwable failure :
        new Throwable[] {
          new IOException(), new IllegalStateException(), new StackOverflowError()
        }) {
      assertThatThrownBy(
              () ->
                  steps.run(
                      lease,
                      "place",
                      connection -> {
                        placed(connection, "o1");
                        throw sneaky(failure);
                      }))
          .isSameAs(failure);
    }
    assertThatThrownBy(
            () ->
                steps.run(
                    lease, "place", connection -> placed(connection, "o1").isEmpty() ? "" : null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the value of step place must not be null");

    assertThat(orders()).isZero();
    assertThat(backend.jobQueue().checkpoints(lease).orElseThrow()).isEmpty();
    assertThat(steps.run(lease, "place", connection -> placed(connection, "o1"))).isEqualTo("o1");
  }

  private static Exception sneaky(Throwable failure) throws Exception {
    if (failure instanceof Error error) {
      throw error;
    }
    return (Exception) failure;
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q31 a stale holder's step is not run")
  void lost(TestDatabase kind) throws Exception {
    open(kind, true);
    JobLease stale = claim("1");
    backend.jobQueue().settle(List.of(Settlement.released(stale, Duration.ZERO)));
    ClaimedJob again =
        backend.jobQueue().claim(ClaimRequest.of("q", "other", 1, LEASE)).jobs().get(0);

    assertThatThrownBy(() -> steps.run(stale, "place", connection -> placed(connection, "o1")))
        .isInstanceOf(LeaseLostException.class);

    assertThat(orders()).isZero();
    assertThat(backend.jobQueue().checkpoints(again.lease()).orElseThrow()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("L22 that there is no connection is a StoreException, and nothing was done")
  void noConnection(TestDatabase kind) throws Exception {
    open(kind, true);
    JobLease lease = claim("1");
    pool.close();

    assertThatThrownBy(() -> steps.run(lease, "place", connection -> placed(connection, "o1")))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse())
        .hasMessageStartingWith("could not run a step: no connection: ");
  }

  @Test
  @DisplayName("Q31 a commit that the database refuses is a StoreException, and nothing was done")
  void refusedCommit() throws Exception {
    open(TestDatabase.POSTGRESQL, true);
    TestDatabase.execute(
        url,
        "create table line (orders varchar(100) references orders deferrable initially deferred)");
    JobLease lease = claim("1");

    assertThatThrownBy(
            () ->
                steps.run(
                    lease,
                    "place",
                    connection -> {
                      execute(connection, "insert into line values ('o1')");
                      return "o1";
                    }))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse())
        .hasMessageStartingWith("could not commit a step: ");
    assertThat(backend.jobQueue().checkpoints(lease).orElseThrow()).isEmpty();
    assertThat(steps.run(lease, "place", connection -> placed(connection, "o1"))).isEqualTo("o1");
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q31 steps of many jobs at once, which write to one row, come one after the other")
  void together(TestDatabase kind) throws Exception {
    open(kind, true);
    List<Callable<String>> workers =
        IntStream.range(0, THREADS)
            .mapToObj(i -> claims("w" + i, 10))
            .map(leases -> (Callable<String>) () -> takeFromStock(leases))
            .toList();
    Together.run(workers);

    assertThat(number("select amount from stock")).isEqualTo(1000 - THREADS * 10 * 2);
    assertThat(orders()).isEqualTo(THREADS * 10 * 2);
  }

  private String takeFromStock(List<JobLease> leases) throws Exception {
    for (JobLease lease : leases) {
      for (String step : new String[] {"reserve", "place"}) {
        String order = lease.jobId() + " " + step;
        steps.run(
            lease,
            step,
            connection -> {
              execute(connection, "update stock set amount = amount - 1");
              return placed(connection, order);
            });
      }
    }
    return "done";
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q31 a step that reads before it writes is not refused")
  void readBeforeWrite(TestDatabase kind) throws Exception {
    open(kind, true);
    List<Callable<String>> workers =
        IntStream.range(0, THREADS)
            .mapToObj(i -> claims("w" + i, 10))
            .map(leases -> (Callable<String>) () -> readAndPlace(leases))
            .toList();
    Together.run(workers);

    assertThat(orders()).isEqualTo(THREADS * 10);
  }

  private String readAndPlace(List<JobLease> leases) throws Exception {
    for (JobLease lease : leases) {
      steps.run(
          lease,
          "place",
          connection -> {
            number(connection, "select count(*) from orders");
            return placed(connection, lease.jobId());
          });
    }
    return "done";
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q31 the work of a step may use JDBI")
  void jdbi(TestDatabase kind) throws Exception {
    open(kind, true);
    JobLease lease = claim("1");

    String first =
        steps.run(
            lease,
            "first",
            connection ->
                Jdbi.create(connection).withHandle(handle -> "o" + handle.execute(INSERT, "o1")));
    String second =
        steps.run(lease, "second", connection -> "o" + Jdbi.open(connection).execute(INSERT, "o2"));
    assertThatThrownBy(
            () ->
                steps.run(
                    lease,
                    "third",
                    connection -> {
                      // This closes the connection.
                      try (Handle handle = Jdbi.open(connection)) {
                        return "o" + handle.execute(INSERT, "o3");
                      }
                    }))
        .isInstanceOf(StoreException.class);
    pool.givenBack.clear();

    assertThat(orders()).isEqualTo(2);
    assertThat(backend.jobQueue().checkpoints(lease).orElseThrow())
        .containsExactly(entry("first", first), entry("second", second));
  }

  private JobLease claim(String id) {
    backend.jobQueue().enqueue(List.of(NewJob.builder("q", id, "t", "p").build()));
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
  }

  private List<JobLease> claims(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> claim(prefix + "-" + i)).toList();
  }

  private static String placed(Connection connection, String id) throws SQLException {
    execute(connection, "insert into orders values ('" + id + "')");
    return id;
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int orders() throws SQLException {
    return number("select count(*) from orders");
  }

  private int number(String sql) throws SQLException {
    try (Connection reader = DriverManager.getConnection(url)) {
      return number(reader, sql);
    }
  }

  private static int number(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getInt(1);
    }
  }

  /** A pool that looks at the mode of a connection when it is given back. */
  private static final class WatchedPool extends HikariDataSource {
    private final List<Boolean> givenBack = new CopyOnWriteArrayList<>();

    WatchedPool(HikariConfig config) {
      super(config);
    }

    @Override
    public Connection getConnection() throws SQLException {
      Connection connection = super.getConnection();
      return (Connection)
          Proxy.newProxyInstance(
              getClass().getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("close")) {
                  givenBack.add(connection.getAutoCommit());
                }
                try {
                  return method.invoke(connection, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getTargetException();
                }
              });
    }
  }
}
