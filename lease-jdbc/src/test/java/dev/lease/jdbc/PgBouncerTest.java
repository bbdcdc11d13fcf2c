package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** PostgreSQL behind PgBouncer, where that is installed. */
@Timeout(300)
class PgBouncerTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  @BeforeAll
  static void installed() {
    assumeTrue(PgBouncer.isInstalled(), "no pgbouncer here; on Debian: apt-get install pgbouncer");
  }

  @Test
  @DisplayName("L29 in session mode the store has its settings, and its hints arrive")
  void sessionMode() throws Exception {
    String direct = TestDatabase.POSTGRESQL.newUrl();
    try (var bouncer = new PgBouncer(direct, "session");
        var backend = JdbcBackend.open(TestDatabase.config(bouncer.url()));
        var producer = JdbcBackend.open(TestDatabase.config(direct))) {
      assertThat(setting(backend, "lock_timeout")).isEqualTo("2400ms");
      var hints = new Semaphore(0);
      backend.jobQueue().onWork("q", hints::release);
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).as("it listens now").isTrue();
      hints.drainPermits();

      producer.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));

      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      ClaimedJob job = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
      assertThat(backend.jobQueue().settle(List.of(Settlement.done(job.lease()))))
          .containsExactly(Settlement.Result.ACCEPTED);
    }
  }

  private static String setting(JdbcBackend backend, String name) {
    return backend.database.run(
        "read a setting",
        session -> session.statement("show " + name).first(row -> row.getString(1)).orElseThrow());
  }

  @Test
  @DisplayName("L29 in transaction mode the store is refused with the reason")
  void transactionMode() throws Exception {
    try (var bouncer = new PgBouncer(TestDatabase.POSTGRESQL.newUrl(), "transaction")) {
      assertThatThrownBy(() -> JdbcBackend.open(TestDatabase.config(bouncer.url())))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("use pool_mode = session, connect to the server itself, or say so");

      var config = new HikariConfig();
      config.setJdbcUrl(bouncer.url());
      try (var pool = new HikariDataSource(config)) {
        assertThatThrownBy(() -> JdbcBackend.over(pool))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("pool_mode = session");
        assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
      }
    }
  }

  @Test
  @DisplayName("L29 Q55 declared transaction mode needs a role with settings, and sets none itself")
  void transactionPooling() throws Exception {
    String direct = TestDatabase.POSTGRESQL.newUrl();
    try (var bouncer = new PgBouncer(direct, "transaction")) {
      JdbcConfig unmigrated =
          TestDatabase.config(bouncer.url()).withTransactionPooling(true).withListenUrl(direct);
      assertThatThrownBy(() -> JdbcBackend.open(unmigrated))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("set lock_timeout = '2400'; alter role")
          .hasMessageContaining("set statement_timeout = '108000'");

      JdbcConfig config = PgBouncer.transactionPooling(bouncer, direct);
      JdbcConfig polling = TestDatabase.config(bouncer.url()).withTransactionPooling(true);
      try (var backend = JdbcBackend.open(config);
          var deaf = JdbcBackend.open(polling);
          var producer = JdbcBackend.open(TestDatabase.config(direct))) {
        assertThat(deaf.capabilities()).doesNotContain(Capability.HINTS_FROM_OTHERS);
        var hints = new Semaphore(0);
        backend.jobQueue().onWork("q", hints::release);
        assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).as("it listens now").isTrue();
        hints.drainPermits();
        producer.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
        assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();

        ClaimedJob job =
            backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
        // With so little time it gives the server other limits.
        assertThat(backend.jobQueue().extend(List.of(job.lease()), Duration.ofSeconds(3)))
            .singleElement()
            .isInstanceOf(Extension.Held.class);
        assertThat(
                TestDatabase.answer(
                    bouncer.url(),
                    "select count(*) from pg_settings where source = 'session' and name in"
                        + " ('lock_timeout', 'statement_timeout', 'plan_cache_mode', 'jit')"))
            .isEqualTo("0");
      }
    }
  }

  @Test
  @DisplayName("L29 over a pool in transaction mode nothing of a session is changed")
  void transactionPoolingOverADataSource() throws Exception {
    String direct = TestDatabase.POSTGRESQL.newUrl();
    try (var bouncer = new PgBouncer(direct, "transaction")) {
      JdbcConfig declared = PgBouncer.transactionPooling(bouncer, direct);
      var pooled = new HikariConfig();
      pooled.setJdbcUrl(bouncer.url());
      try (var pool = new HikariDataSource(pooled);
          var backend =
              JdbcBackend.over(
                  pool,
                  JdbcConfig.defaults()
                      .withCallTimeout(declared.callTimeout())
                      .withTransactionPooling(true))) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
        assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).hasSize(1);
      }
    }
  }

  @Test
  @Tag("slow")
  @DisplayName("Q55 a connection that lives and hears nothing is told once, and comes back")
  void deaf() throws Exception {
    String direct = TestDatabase.POSTGRESQL.newUrl();
    try (var logs = new Logs(NotificationListener.class.getName());
        var bouncer = new PgBouncer(direct, "session");
        var backend = JdbcBackend.open(TestDatabase.config(bouncer.url()))) {
      var hints = new Semaphore(0);
      backend.jobQueue().onWork("q", hints::release);
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).as("it listens now").isTrue();
      bouncer.changeTo("transaction");
      cutListener(direct);
      Await.until(() -> paused(!logs.from(Level.WARN).isEmpty()));
      hints.drainPermits();
      // It connects again, and wakes for what it may have missed.
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("Notifications do not arrive, so only polls find new work");

      bouncer.changeTo("session");
      Await.until(() -> paused(logs.from(Level.INFO).size() > 1));
      assertThat(logs.from(Level.INFO)).endsWith("Notifications of other processes arrive again");
    }
  }

  /** These are waited for many seconds, so others may have the processor meanwhile. */
  private static boolean paused(boolean condition) throws InterruptedException {
    Thread.sleep(50);
    return condition;
  }

  private static void cutListener(String direct) throws Exception {
    TestDatabase.execute(
        direct,
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where datname = current_database() and query like 'listen%'");
  }
}
