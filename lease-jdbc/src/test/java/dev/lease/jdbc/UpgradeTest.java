package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.slf4j.LoggerFactory;

/**
 * A store is upgraded to a version that is made up, which has a column, an index and a rule more.
 */
class UpgradeTest {

  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final Duration PATIENT = Duration.ofMinutes(2);

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 processes of the version before go on, and open again once it is undone")
  void thereAndBack(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    JdbcConfig config = TestDatabase.config(url);
    try (var before = JdbcBackend.open(config)) {
      before.jobQueue().enqueue(List.of(job("waiting"), job("held")));
      List<ClaimedJob> held = claim(before, 1);

      NextVersion.migrate(url, PATIENT);

      before.jobQueue().enqueue(List.of(job("new")));
      assertThat(claim(before, 10)).hasSize(2);
      assertThat(before.jobQueue().settle(List.of(Settlement.done(held.get(0).lease()))))
          .containsExactly(Settlement.Result.ACCEPTED);
      assertThatThrownBy(() -> before.jobQueue().enqueue(List.of(ofType("t".repeat(101)))))
          .as("the new rule")
          .isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> JdbcBackend.open(config))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "the schema has version 2, made by a newer version of Lease; this version knows up to 1");

      TestDatabase.execute(url, back(kind));
      before.jobQueue().enqueue(List.of(ofType("t".repeat(101))));
    }
    try (var again = JdbcBackend.open(config)) {
      assertThat(claim(again, 10)).hasSize(1);
    }
    NextVersion.migrate(url, PATIENT);
  }

  /** Undoes the version, but for the column, which is in nobody's way. */
  static String[] back(TestDatabase kind) {
    String history = "delete from lease_schema_history where version = '2'";
    return switch (kind) {
      case POSTGRESQL ->
          new String[] {
            "drop index lease_job_type",
            "create or replace function lease_job_rules() returns trigger language plpgsql as"
                + " $$ begin return new; end $$",
            history
          };
      case MARIADB ->
          new String[] {
            "alter table lease_job drop key lease_job_type, modify tenant varchar(200)", history
          };
      case SQLITE ->
          new String[] {
            "drop index lease_job_type",
            "drop trigger lease_job_inserted",
            "alter table lease_job drop column tenant",
            "create trigger lease_job_inserted before insert on lease_job when false begin select 1; end",
            history
          };
    };
  }

  @Test
  @DisplayName("Q52 an index that is not valid is not taken for the one that a version makes")
  void invalidIndex() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    JdbcConfig config = TestDatabase.config(url);
    try (var backend = JdbcBackend.open(config)) {
      backend.jobQueue().enqueue(List.of(job("1"), job("2")));
    }
    assertThatThrownBy(
            () ->
                TestDatabase.execute(
                    url,
                    "create unique index concurrently lease_job_type on lease_job (queue, type)"))
        .isInstanceOf(SQLException.class);

    assertThatThrownBy(() -> NextVersion.migrate(url, PATIENT))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("the index public.lease_job_type is not valid")
        .hasMessageEndingWith("run drop index concurrently public.lease_job_type");
    JdbcBackend.open(config).close();

    TestDatabase.execute(
        url,
        "drop index concurrently public.lease_job_type",
        "create index concurrently lease_job_type on lease_job (queue, type, seq) where finished_at is null");
    String made = TestDatabase.answer(url, "select 'lease_job_type'::regclass::oid");
    NextVersion.migrate(url, PATIENT);
    assertThat(TestDatabase.answer(url, "select 'lease_job_type'::regclass::oid")).isEqualTo(made);
  }

  @Test
  @DisplayName("a migration that waits for a reader says so, and others do not wait behind it")
  void waitsForReaders() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
    try (var logs = new Logs(Migrations.class.getName());
        Connection reader = DriverManager.getConnection(url);
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      statement.execute("lock table lease_job in access share mode");
      var migrated =
          CompletableFuture.runAsync(() -> NextVersion.migrate(url, Duration.ofSeconds(3)));
      Await.until(() -> !logs.from(Level.WARN).isEmpty());

      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("Cannot migrate the schema yet: ")
          .contains("lock timeout");

      reader.commit();
      migrated.get(2, TimeUnit.MINUTES);
      assertThat(TestDatabase.answer(url, "select to_regclass('lease_job_type')")).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q52 a migration that takes longer than a call may is not cut")
  void slow(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
    if (kind == TestDatabase.POSTGRESQL) {
      TestDatabase.execute(
          url,
          "create table settings as select current_setting('lock_timeout') as lock_timeout",
          "create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(3);"
              + " insert into settings values (current_setting('lock_timeout')); return new; end $$",
          "create trigger slow before insert on lease_schema_history for each row execute function slowly()");
    } else {
      TestDatabase.execute(
          url,
          "create trigger slow before insert on lease_schema_history for each row set @slow = sleep(3)");
    }

    NextVersion.migrate(url, Duration.ofSeconds(2));

    if (kind == TestDatabase.POSTGRESQL) {
      assertThat(TestDatabase.answer(url, "select max(lock_timeout) from settings"))
          .as("it gives up on a lock, because others wait behind it")
          .isEqualTo("1500ms");
    }
  }

  @Test
  @DisplayName("Q52 a migration of SQLite's waits for a writer, and does not try 30 times")
  void waitsForWriters() throws Exception {
    String url = TestDatabase.SQLITE.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
    var logger = (Logger) LoggerFactory.getLogger(Migrations.class);
    logger.setLevel(Level.DEBUG);
    try (var logs = new Logs(logger.getName());
        Connection writer = DriverManager.getConnection(url);
        Statement statement = writer.createStatement()) {
      statement.execute("begin immediate");
      var migrated = CompletableFuture.runAsync(() -> NextVersion.migrate(url, PATIENT));
      assertThatThrownBy(() -> migrated.get(1, TimeUnit.SECONDS))
          .isInstanceOf(TimeoutException.class);
      statement.execute("commit");
      migrated.get(2, TimeUnit.MINUTES);

      assertThat(logs.from(Level.DEBUG))
          .as("one try")
          .containsExactly("Migrated the schema from version 1 to version 2");
    } finally {
      logger.setLevel(null);
    }
  }

  @Test
  @DisplayName("Q52 a later migration that was cut after a statement of MariaDB's is run again")
  void cut() throws SQLException {
    String url = TestDatabase.MARIADB.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
    NextVersion.migrate(url, PATIENT);
    TestDatabase.execute(
        url,
        "alter table lease_job drop key lease_job_type",
        "update lease_schema_history set success = 0 where version = '2'");

    NextVersion.migrate(url, PATIENT);

    assertThat(
            TestDatabase.answer(
                url,
                "select count(*) from information_schema.statistics where table_schema = database()"
                    + " and index_name = 'lease_job_type'"))
        .isEqualTo("4");
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 eight that upgrade a store at once all succeed, and keep what it has")
  void together(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      backend.jobQueue().enqueue(List.of(job("1")));
      List<CompletableFuture<Void>> starters = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        starters.add(CompletableFuture.runAsync(() -> NextVersion.migrate(url, PATIENT)));
      }
      for (var starter : starters) {
        starter.get(2, TimeUnit.MINUTES);
      }
      assertThat(claim(backend, 10)).hasSize(1);
    }
  }

  private static List<ClaimedJob> claim(JdbcBackend backend, int limit) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", limit, LEASE)).jobs();
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }

  private static NewJob ofType(String type) {
    return NewJob.builder("q", "of a long type", type, "p").build();
  }
}
