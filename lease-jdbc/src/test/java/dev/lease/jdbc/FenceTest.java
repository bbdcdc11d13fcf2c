package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.Micros;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What many do with a fence at once, and what becomes of its guards. */
@Tag("slow")
class FenceTest {

  private static final int THREADS = 6;
  private static final int RESOURCES = 25;
  private static final int WRITES = 4;
  private static final Duration MONTH = Duration.ofDays(31);

  /**
   * Each thread writes tokens that grow into registers behind fences, and does not look at what is
   * there. Some roll back, also the first of all.
   */
  @ParameterizedTest
  @CsvSource({
    "SQLITE, TRANSACTION_SERIALIZABLE",
    "POSTGRESQL, TRANSACTION_READ_COMMITTED",
    "MARIADB, TRANSACTION_READ_COMMITTED",
    "MARIADB, TRANSACTION_REPEATABLE_READ",
    "MARIADB, TRANSACTION_SERIALIZABLE"
  })
  @DisplayName("L05 a register behind a fence never goes back, from its first use on")
  void register(TestDatabase kind, String isolation) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(
          url, "create table register (name varchar(20) primary key, token bigint)");
      for (int i = 0; i < RESOURCES; i++) {
        String resource = "resource-" + i;
        TestDatabase.execute(url, "insert into register values ('" + resource + "', 0)");
        var tokens = new AtomicLong();
        List<Callable<Long>> writers =
            IntStream.range(0, THREADS)
                .<Callable<Long>>mapToObj(
                    thread ->
                        () -> {
                          try (Connection connection = DriverManager.getConnection(url)) {
                            connection.setTransactionIsolation(
                                Connection.class.getField(isolation).getInt(null));
                            connection.setAutoCommit(false);
                            if (kind == TestDatabase.SQLITE) {
                              execute(connection, "pragma busy_timeout = 60000");
                            }
                            return write(backend, connection, resource, tokens);
                          }
                        })
                .toList();
        long largest =
            Together.run(writers).stream().mapToLong(Long::longValue).max().orElseThrow();
        try (Connection connection = DriverManager.getConnection(url)) {
          assertThat(read(connection, resource)).isEqualTo(largest);
        }
      }
    }
  }

  /** The largest token that it committed. */
  private static long write(
      JdbcBackend backend, Connection connection, String resource, AtomicLong tokens)
      throws SQLException {
    long largest = 0;
    for (int i = 0; i < WRITES; i++) {
      long token = tokens.incrementAndGet();
      try {
        backend.fence(connection, lease(token), resource);
      } catch (LeaseLostException e) {
        connection.rollback();
        continue;
      }
      assertThat(read(connection, resource)).as("what is overwritten").isLessThan(token);
      execute(
          connection, "update register set token = " + token + " where name = '" + resource + "'");
      if (token % 3 == 1) {
        connection.rollback();
      } else {
        connection.commit();
        largest = token;
      }
    }
    return largest;
  }

  @ParameterizedTest
  @CsvSource({
    "POSTGRESQL, TRANSACTION_READ_COMMITTED",
    "MARIADB, TRANSACTION_READ_COMMITTED",
    "MARIADB, TRANSACTION_REPEATABLE_READ"
  })
  @DisplayName(
      "L05 those who wait for the first use of a resource all get their turn if it rolls back")
  void firstUseRolledBack(TestDatabase kind, String isolation) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      List<Connection> connections = new ArrayList<>();
      for (int i = 0; i <= THREADS; i++) {
        Connection connection = DriverManager.getConnection(url);
        connection.setTransactionIsolation(Connection.class.getField(isolation).getInt(null));
        connection.setAutoCommit(false);
        connections.add(connection);
      }
      for (int i = 0; i < RESOURCES; i++) {
        String resource = "resource-" + i;
        backend.fence(connections.get(0), lease(1_000), resource);
        List<Callable<Boolean>> others = new ArrayList<>();
        for (Connection connection : connections.subList(1, connections.size())) {
          others.add(
              () -> {
                backend.fence(connection, lease(5), resource);
                connection.commit();
                return true;
              });
        }
        others.add(
            () -> {
              Await.until(() -> blocked(kind, url) == THREADS);
              connections.get(0).rollback();
              return true;
            });
        assertThat(Together.run(others)).containsOnly(true);
      }
      for (Connection connection : connections) {
        connection.close();
      }
    }
  }

  private static int blocked(TestDatabase kind, String url) throws Exception {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(kind.blocked())) {
      int blocked = 0;
      while (rows.next()) {
        blocked++;
      }
      if (blocked < THREADS) {
        // Asked again within 100 ms, MariaDB shows what it showed before.
        TimeUnit.MILLISECONDS.sleep(150);
      }
      return blocked;
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName(
      "L05 fences of different resources, and of different leases, do not wait for each other")
  void independent(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection one = DriverManager.getConnection(url);
        Connection two = DriverManager.getConnection(url)) {
      one.setAutoCommit(false);
      two.setAutoCommit(false);
      for (int round = 0; round < 2; round++) {
        backend.fence(one, lease(5), "b");
        backend.fence(two, lease(5), "a");
        backend.fence(two, lease(5), "c");
        backend.fence(two, Lease.of("other", "me", 5, Instant.EPOCH, Instant.EPOCH), "b");
        backend.fence(one, lease(5), "d");
        one.commit();
        two.commit();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("L25 guards that nobody has used for 30 days are forgotten, and no others")
  void sweep(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      for (String resource : new String[] {"unused", "used", "used again"}) {
        backend.fence(connection, lease(7), resource);
      }
      connection.commit();
      assertThat(TestDatabase.answer(url, "select max(used_on % 86400000000) from lease_fence"))
          .as("the day of the last use, which is written into an index once a day")
          .isEqualTo("0");
      age(url, "unused", Duration.ofDays(32));
      age(url, "used", Duration.ofDays(29));
      age(url, "used again", Duration.ofDays(32));
      backend.fence(connection, lease(7), "used again");

      assertThat(backend.fences.sweep(connection, MONTH)).isEqualTo(1);
      connection.commit();

      assertThat(guards(url)).isEqualTo(2);
      backend.fence(connection, lease(6), "unused");
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("L25 guards are swept in passing, a batch at a time, as fast as they come")
  void inPassing(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      for (int i = 0; i < 250; i++) {
        backend.fence(connection, lease(7), "old-" + i);
      }
      connection.commit();
      age(url, "%", Duration.ofDays(32));
      backend.fences.sweep.next.set(System.nanoTime());

      List<Integer> guards = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        backend.fence(connection, lease(7), "new");
        connection.commit();
        guards.add(guards(url));
      }
      assertThat(guards).containsExactly(151, 51, 1, 1);
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "L25 there are no more guards than were used within the retention and a day, and a hundred")
  void bound(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    int perDay = 60;
    int days = 3;
    try (var backend =
            JdbcBackend.open(TestDatabase.config(url).withFenceRetention(Duration.ofDays(days)));
        Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      int most = 0;
      for (int day = 0; day < 4 * days; day++) {
        for (int i = 0; i < perDay; i++) {
          // As if a minute had passed.
          backend.fences.sweep.next.set(System.nanoTime());
          backend.fence(connection, lease(7), "day-" + day + "-" + i);
          connection.commit();
        }
        most = Math.max(most, guards(url));
        age(url, "%", Duration.ofDays(1));
      }
      // The day of the last use, the days of the retention, and the day that a guard does not tell.
      assertThat(most).isBetween(days * perDay, (days + 2) * perDay);
    }
  }

  private static Lease lease(long token) {
    return Lease.of("name", "me", token, Instant.EPOCH, Instant.EPOCH);
  }

  private static void age(String url, String resource, Duration age) throws SQLException {
    TestDatabase.execute(
        url,
        "update lease_fence set used_on = used_on - %d where resource like '%s'"
            .formatted(Micros.of(age), resource));
  }

  private static int guards(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from lease_fence")) {
      row.next();
      return row.getInt(1);
    }
  }

  private static long read(Connection connection, String resource) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("select token from register where name = '" + resource + "'")) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
