package com.example.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.JobState;
import dev.lease.LeaseLostException;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the kit does not ask of a store: transactions of the caller's, and the opening. */
class H2DialectTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  private final H2Fixture database = new H2Fixture();
  private JdbcBackend backend;

  @BeforeEach
  void open() {
    backend = JdbcBackend.open(database.config());
  }

  @AfterEach
  void close() throws Exception {
    backend.close();
    database.close();
  }

  @Test
  @DisplayName("a job, a step and its settlement are kept or undone with the caller's transaction")
  void callersTransaction() throws Exception {
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      backend.enqueue(connection, List.of(job("1")));
      connection.rollback();
      assertThat(backend.jobQueue().find("q", "1")).isEmpty();

      backend.enqueue(connection, List.of(job("1")));
      connection.commit();
      ClaimedJob claimed = claim();
      assertThat(backend.step(connection, claimed.lease(), "pay", () -> "first"))
          .isEqualTo("first");
      connection.rollback();
      assertThat(backend.step(connection, claimed.lease(), "pay", () -> "second"))
          .isEqualTo("second");
      assertThat(backend.step(connection, claimed.lease(), "pay", () -> "third"))
          .isEqualTo("second");
      backend.settle(connection, Settlement.done(claimed.lease(), "paid"));
      connection.commit();
      assertThat(backend.jobQueue().find("q", "1").orElseThrow().state()).isEqualTo(JobState.DONE);
    }
  }

  @Test
  @DisplayName("a fence refuses the worker that lost the job")
  void fence() throws Exception {
    backend.jobQueue().enqueue(List.of(job("1")));
    ClaimedJob first = claim();
    database.advance(LEASE.multipliedBy(2));
    ClaimedJob second = claim();
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      backend.fence(connection, second.lease(), "account");
      connection.commit();
      assertThatThrownBy(() -> backend.fence(connection, first.lease(), "account"))
          .isInstanceOf(LeaseLostException.class);
      connection.rollback();
    }
  }

  @Test
  @DisplayName("the wait for a lease that a transaction keeps busy is bounded")
  void busy() throws Exception {
    backend.jobQueue().enqueue(List.of(job("1")));
    ClaimedJob claimed = claim();
    try (Connection connection = database.connect()) {
      connection.setAutoCommit(false);
      backend.settle(connection, Settlement.done(claimed.lease()));
      assertThat(backend.jobQueue().extend(List.of(claimed.lease()), LEASE))
          .singleElement()
          .isInstanceOf(Extension.Busy.class);
      connection.rollback();
    }
    assertThat(backend.jobQueue().extend(List.of(claimed.lease()), LEASE))
        .singleElement()
        .isInstanceOf(Extension.Held.class);
  }

  @Test
  @DisplayName("a pool gets its connections back with the settings that only some sessions change")
  void givenBack() throws Exception {
    var pool = JdbcConnectionPool.create(database.source());
    try {
      try (var over = JdbcBackend.over(pool, JdbcConfig.defaults().withDialect(new H2Dialect()))) {
        over.jobQueue().enqueue(List.of(job("1")));
        over.jobQueue().settle(List.of(Settlement.done(claim().lease())));
      }
      for (int i = 0; i < 5; i++) {
        try (Connection connection = pool.getConnection();
            ResultSet row = connection.createStatement().executeQuery("select lock_timeout()")) {
          row.next();
          assertThat(row.getInt(1)).isEqualTo(H2Fixture.LOCK_TIMEOUT);
        }
      }
    } finally {
      pool.dispose();
    }
  }

  @Tag("slow")
  @Test
  @DisplayName("L31 a statement that has to look at too much ends in time")
  void endless() throws Exception {
    backend.jobQueue().enqueue(List.of(job("1")));
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("drop table lease_paused_queue");
      statement.execute(
          "create view lease_paused_queue as select cast(\"X\" as varchar) as queue"
              + " from system_range(1, 1000000000000) where mod(\"X\", 3) = 5");
    }
    JdbcConfig config = database.config().withCallTimeout(Duration.ofSeconds(1));
    try (var impatient = JdbcBackend.open(config)) {
      assertThatThrownBy(() -> impatient.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("57014");
    }
  }

  @Test
  @DisplayName("no message quotes a payload")
  void quotesNothing() throws Exception {
    try (Connection connection = database.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("alter table lease_job alter column payload varchar(5) not null");
    }
    assertThatThrownBy(
            () ->
                backend
                    .jobQueue()
                    .enqueue(List.of(NewJob.builder("q", "1", "t", "secret").build())))
        .isInstanceOf(StoreException.class)
        .hasMessage("could not enqueue: state 22001, code 22001");
  }

  @Test
  @DisplayName("the second store finds the schema of the first")
  void opensAgain() {
    backend.jobQueue().enqueue(List.of(job("1")));
    JdbcConfig config = database.config().withMigrate(false);
    try (var second = JdbcBackend.open(config)) {
      assertThat(second.jobQueue().find("q", "1")).isPresent();
    }
  }

  @Test
  @DisplayName("the dialect refuses a database that it cannot work with")
  void refused() {
    JdbcConfig config = JdbcConfig.of("jdbc:h2:mem:upper").withDialect(new H2Dialect());
    assertThatThrownBy(() -> JdbcBackend.open(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the URL must have DATABASE_TO_LOWER=TRUE, was jdbc:h2:mem:upper");
    JdbcConfig schema = database.config().withSchema("shop");
    assertThatThrownBy(() -> JdbcBackend.open(schema))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("h2 has no schemas: leave the schema out, was shop");
  }

  @Test
  @DisplayName(
      "Q55 a worker of another store hears of a job, in the caller's transaction after its commit")
  void hints() throws Exception {
    try (var worker = JdbcBackend.open(database.config());
        Connection connection = database.connect()) {
      var hints = new Semaphore(0);
      worker.jobQueue().onWork("q", hints::release);
      assertThat(hints.tryAcquire(1, TimeUnit.MINUTES)).as("it listens now").isTrue();
      backend.jobQueue().enqueue(List.of(job("1")));
      assertThat(hints.tryAcquire(1, TimeUnit.MINUTES)).isTrue();

      connection.setAutoCommit(false);
      backend.enqueue(connection, List.of(job("2")));
      connection.rollback();
      backend.enqueue(connection, List.of(NewJob.builder("later", "1", "t", "p").build()));
      var later = new Semaphore(0);
      worker.jobQueue().onWork("later", later::release);
      connection.commit();
      assertThat(later.tryAcquire(1, TimeUnit.MINUTES)).isTrue();
      assertThat(hints.availablePermits()).isZero();
    }
  }

  @Test
  @DisplayName(
      "the dialect is asked for the right to make tables in its turn, which ends afterwards")
  void turn() throws Exception {
    var calls = new ArrayList<String>();
    var refusing =
        new H2Dialect() {
          @Override
          protected MigrationTurn awaitMigrationTurn(Connection connection) {
            calls.add("turn");
            return () -> calls.add("end");
          }

          @Override
          protected void checkMayCreate(Connection connection, @Nullable String schema)
              throws SQLException {
            calls.add("check");
            throw new SQLException("the user may not make tables", "42501");
          }
        };
    var empty = new H2Fixture();
    assertThatThrownBy(() -> JdbcBackend.open(empty.config(refusing)))
        .isInstanceOf(StoreException.class)
        .hasMessage("could not migrate the schema: the user may not make tables");
    assertThat(calls).containsExactly("turn", "check", "end");
    empty.close();
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }

  private ClaimedJob claim() {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
  }
}
