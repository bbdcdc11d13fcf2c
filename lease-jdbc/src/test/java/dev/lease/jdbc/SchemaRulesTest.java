package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.NewJob;
import dev.lease.Requeueing;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What the tables themselves refuse, and what becomes of rows that are there all the same. */
class SchemaRulesTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q43 a row that the store could not work with cannot be made by hand")
  void refused(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(url, insert("q", "good", "t", 5, 3, 0));
      List<String> bad =
          List.of(
              insert("q", "", "t", 5, 3, 0),
              insert("q", "  ", "t", 5, 3, 0),
              insert("q", "\t\n", "t", 5, 3, 0),
              insert("q", "\u00e4".repeat(101), "t", 5, 3, 0),
              insert(" ", "1", "t", 5, 3, 0),
              insert("q", "1", "", 5, 3, 0),
              insert("q", "1", "t", 10, 3, 0),
              insert("q", "1", "t", -1, 3, 0),
              insert("q", "1", "t", 5, 0, 0),
              insert("q", "1", "t", 5, 3, 4),
              insert("q", "1", "t", 5, 3, 1, "null, 1"),
              "update lease_job set id = ''",
              "update lease_job set priority = 10",
              "update lease_job set max_crashes = 0");
      for (String sql : bad) {
        refused(url, sql);
      }
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs())
          .extracting(job -> job.lease().jobId())
          .containsExactly("good");
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("no claim finds jobs that a key or other parts keep from claims")
  void room(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      if (backend.capabilities().contains(Capability.KEYS)) {
        backend.admission().limit("q", null, KeyLimit.of(0));
        backend.admission().limitQueue("q", 0);
      }
      String job =
          "insert into lease_job (queue, id, type, payload, headers, max_crashes, created_at, due_at, priority,"
              + " job_key, graph, part) values ('q', 'job %1$d', 't', 'p', '', 3, 1, 1, %1$d, %2$s)";
      int[] priorities = {10, 19, 20, 29, 30, 39, 40, 49};
      for (int priority : priorities) {
        boolean waits = priority / 10 == 2;
        refused(url, job.formatted(priority, waits ? "'k', null, 'p'" : "null, 'g', 'p'"));
        refused(url, job.formatted(priority, waits ? "'k', 'g', null" : "' ', 'g', 'p'"));
        TestDatabase.execute(
            url, job.formatted(priority, waits ? "null, 'g', 'p'" : "'k', null, null"));
      }
      refused(url, job.formatted(50, "'k', 'g', 'p'"));
      refused(url, job.formatted(60, "'k', 'g', 'p'"));
      refused(url, "update lease_job set priority = priority + 10 where priority >= 40");
      refused(url, "update lease_job set job_key = ''");

      List<String> seen = new ArrayList<>();
      for (int priority : priorities) {
        String of = " from lease_job_view where id = 'job " + priority + "'";
        seen.add(
            TestDatabase.answer(url, "select priority" + of)
                + " "
                + TestDatabase.answer(
                    url, "select case when held_back then 'held back' else 'not' end" + of));
      }
      assertThat(seen)
          .containsExactly(
              "9 held back",
              "0 held back",
              "9 not",
              "0 not",
              "9 held back",
              "0 held back",
              "9 held back",
              "0 held back");
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs()).isEmpty();
      assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q43 no table takes a row that no call could have made")
  void refusedElsewhere(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
    String name = "'" + "n".repeat(200) + "'";
    List<String> bad = List.of("''", "' '", "'\t\n'", "'" + "\u00e4".repeat(101) + "'");
    Map<String, Integer> names =
        Map.of(
            "lease_lease (name, owner, token, expires_at) values (%s, %s, 0, 0)",
            2,
            "lease_fence (resource, queue, name, token, used_on) values (%s, %s, %s, 0, 0)",
            3,
            "lease_checkpoint (queue, job_id, step, value, kept_at) values (%s, %s, %s, '', 1)",
            3,
            "lease_action (operator, queue, job_id, acted_at, reason, kind, changed, what)"
                + " values (%s, %s, %s, 1, '', 'PAUSE', 1, '')",
            3,
            "lease_paused_queue (queue) values (%s)",
            1);
    for (var row : names.entrySet()) {
      String sql = "insert into " + row.getKey();
      for (int i = 0; i < row.getValue(); i++) {
        for (String value : bad) {
          Object[] values = Collections.nCopies(row.getValue(), name).toArray();
          values[i] = value;
          if (!(sql.contains("lease_fence") && i == 1 && value.equals("''"))) {
            refused(url, sql.formatted(values));
          }
        }
      }
      TestDatabase.execute(url, sql.formatted(Collections.nCopies(row.getValue(), name).toArray()));
    }
    String attempt = "insert into lease_attempt values ('q', 'j', 1, 1, 'w', 1, '%s')";
    TestDatabase.execute(
        url,
        attempt.formatted("\u00e4".repeat(2_000)),
        "insert into lease_fence (resource, queue, name, token, used_on) values ('r', '', 'n', 1, 1)");
    refused(url, attempt.formatted("e".repeat(2_001)));
    refused(
        url, "insert into lease_lease (name, owner, token, expires_at) values ('n', 'o', -1, 0)");
    String action =
        "insert into lease_action (acted_at, operator, reason, kind, queue, changed, what)"
            + " values (1, 'anna', '%s', '%s', 'q', %d, '%s')";
    TestDatabase.execute(url, action.formatted("", "PAUSE", 1, ""));
    refused(url, action.formatted("r".repeat(1_001), "PAUSE", 1, ""));
    refused(url, action.formatted("", "", 1, ""));
    refused(url, action.formatted("", "PAUSE", 0, ""));
    refused(url, action.formatted("", "PAUSE", 1, "w".repeat(1_001)));
    refused(
        url,
        "insert into lease_fence (resource, queue, name, token, used_on) values ('r', 'q', 'n', -1, 0)");
    refused(
        url,
        "insert into lease_fence (resource, queue, name, token, used_on) values ('r', 'q', 'n', 0, -1)");
    refused(
        url,
        "insert into lease_checkpoint (queue, job_id, step, kept_at, value) values ('q', 'j', 's', 1, '"
            + "v".repeat(1_048_577)
            + "')");
    refused(url, "update lease_token_floor set token = -1");
  }

  private static void refused(String url, String sql) {
    assertThatThrownBy(() -> TestDatabase.execute(url, sql))
        .as(sql.substring(0, Math.min(300, sql.length())))
        .isInstanceOf(SQLException.class);
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q43 Q57 a job that is held by nobody is claimed once its lease has expired")
  void withoutOwner(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(url, withoutRules(kind));
      TestDatabase.execute(url, insert("q", "1", "t", 5, 3, 1, "null, 1"));

      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs())
          .extracting(ClaimedJob::attempt)
          .containsExactly(2);
      assertThat(backend.jobAdmin().failedAttempts("q", "1")).isEmpty();

      TestDatabase.execute(url, insert("reset", "1", "t", 5, 3, 1, "null, 1"));
      assertThat(backend.jobAdmin().resetExpired("reset", 1).count()).isEqualTo(1);
      assertThat(backend.jobAdmin().failedAttempts("reset", "1")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q43 a row that is there all the same is finished, and its neighbours are claimed")
  void finished(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      TestDatabase.execute(url, withoutRules(kind));
      TestDatabase.execute(
          url,
          insert("q", "1", "t", 5, 3, 0),
          insert("q", " ", "t", 5, 3, 0),
          insert("q", "2", "t", 5, 3, 0));

      var claim = backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE));

      assertThat(claim.jobs())
          .extracting(job -> job.lease().jobId() + " " + job.attempt())
          .containsExactly("1 1", "2 1");
      assertThat(claim.finished()).extracting(FinishedJob::id).containsExactly(" ");
      JobFilter failed = JobFilter.all().inState(JobState.FAILED);
      assertThat(backend.jobAdmin().list(JobQuery.of(failed).limit(10)).jobs())
          .singleElement()
          .extracting(Job::error)
          .asString()
          .contains("must not be blank");

      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "3", "t", "p").build()));
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE)).jobs())
          .extracting(ClaimedJob::attempt)
          .containsExactly(1);
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q58 a call by filter passes over a row that it cannot name or change, and says so")
  void passedOver(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var logs = new Logs(JdbcJobAdmin.class.getName());
        var backend = JdbcBackend.open(TestDatabase.config(url))) {
      if (kind == TestDatabase.SQLITE) {
        TestDatabase.execute(url, withoutRules(kind));
      }
      // A finished job may break the rules.
      TestDatabase.execute(url, failed("q", " "), failed(" ", "1"), failed("q", "good"));
      JobFilter failed = JobFilter.all().inState(JobState.FAILED);

      assertThat(all(after -> backend.jobAdmin().requeue(failed, Requeueing.now(), after, 1)))
          .isEqualTo(1);
      assertThat(logs.from(Level.WARN))
          .hasSize(2)
          .allSatisfy(line -> assertThat(line).contains("must not be blank"));
      assertThat(logs.from(Level.WARN).get(0))
          .startsWith("Could not change row 1 of queue q, which stays as it is");

      assertThat(all(after -> backend.jobAdmin().cancel(JobFilter.all(), after, 2))).isEqualTo(1);
      assertThat(all(after -> backend.jobAdmin().delete(JobFilter.all(), after, 10))).isEqualTo(1);
      assertThat(logs.from(Level.WARN)).hasSize(6);
      assertThat(backend.jobAdmin().purge("q", 10)).as("what it can reach").isEqualTo(1);
    }
  }

  @Test
  @DisplayName("Q58 a call by filter passes over a job that would break a rule of the table")
  void unchangeable() throws Exception {
    // The others have triggers, which a requeue does not run.
    String url = TestDatabase.MARIADB.newUrl();
    try (var logs = new Logs(JdbcJobAdmin.class.getName());
        var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(
          url,
          failed("q", "bad"),
          failed("q", "good"),
          "update lease_job set priority = 10 where id = 'bad'");

      JobFilter failed = JobFilter.all().inState(JobState.FAILED);
      assertThat(all(after -> backend.jobAdmin().requeue(failed, Requeueing.now(), after, 10)))
          .isEqualTo(1);
      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("Could not change row 1 of queue q, which stays as it is");
      assertThatThrownBy(() -> backend.jobAdmin().requeue("q", "bad"))
          .isInstanceOf(StoreException.class);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SQLITE", mode = Mode.EXCLUDE)
  @DisplayName("Q58 a call by filter passes over a job that a foreign key of the user's holds")
  void foreignKey(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    String key =
        "varchar(200) " + (kind == TestDatabase.MARIADB ? "collate utf8mb4_nopad_bin" : "");
    try (var logs = new Logs(JdbcJobAdmin.class.getName());
        var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(
          url,
          failed("q", "ordered"),
          failed("q", "free"),
          "create table orders (queue %s, job %s, constraint of_a_job foreign key (queue, job)"
                  .formatted(key, key)
              + " references lease_job (queue, id))",
          "insert into orders values ('q', 'ordered')");

      assertThat(all(after -> backend.jobAdmin().delete(JobFilter.all(), after, 10))).isEqualTo(1);

      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("Could not change row 1 of queue q, which stays as it is")
          .contains("of_a_job")
          .doesNotContain("made by Lease");
      assertThatThrownBy(() -> backend.jobAdmin().purge("q", 10))
          .isInstanceOf(StoreException.class)
          .hasMessageStartingWith("could not purge")
          .hasMessageContaining("of_a_job");
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q43 Q48 a list shows a row that is held and that nobody can name")
  void listed(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      TestDatabase.execute(url, withoutRules(kind));
      TestDatabase.execute(
          url,
          insert("q", " ", "t", 5, 3, 1, "'w', 6000000000000000"),
          insert("q", "1", "t", 5, 3, 1, "null, 6000000000000000"));

      assertThat(backend.jobAdmin().list(JobQuery.of(JobFilter.all()).limit(10)).jobs())
          .hasSize(2)
          .allSatisfy(
              job -> {
                assertThat(job.state()).isEqualTo(JobState.PROCESSING);
                assertThat(job.lease()).isNull();
              });
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SQLITE", mode = Mode.EXCLUDE)
  @DisplayName("a row that a rule of the user's refuses is not told as stored")
  void usersRules(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection own = DriverManager.getConnection(url)) {
      own.setAutoCommit(false);
      TestDatabase.execute(
          url,
          "alter table lease_job add constraint mine check (type <> 'refused')",
          "alter table lease_paused_queue add constraint mine2 check (queue <> 'refused')",
          "alter table lease_checkpoint add constraint mine3 check (step <> 'refused')");
      JobQueue jobs = backend.jobQueue();
      notDone(
          () -> jobs.enqueue(List.of(NewJob.builder("q", "1", "refused", "p").build())),
          "could not enqueue");
      notDone(() -> backend.jobAdmin().pause("refused"), "could not pause a queue");
      jobs.enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
      JobLease lease = jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      notDone(() -> jobs.checkpoint(lease, "refused", "v"), "could not write a checkpoint");
      notDone(() -> backend.checkpoint(own, lease, "refused", "v"), "could not write a checkpoint");
      own.rollback();
      assertThat(jobs.checkpoints(lease)).contains(Map.of());
      assertThat(backend.step(own, lease, "other", () -> "v")).isEqualTo("v");
    }
  }

  @Test
  @DisplayName("Q45 Q58 on SQLite a rule of the user's is not told as done, nor as a conflict")
  void usersRulesOnSqlite() throws Exception {
    String url = TestDatabase.SQLITE.newUrl() + "?foreign_keys=on";
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      String abort = " begin select raise(abort, 'refused by a rule of mine'); end";
      TestDatabase.execute(
          url,
          "create trigger mine before insert on lease_paused_queue when new.queue = 'refused'"
              + abort,
          "create trigger mine2 before update of attempts on lease_job when new.id = 'ordered'"
              + abort,
          failed("q", "ordered"),
          failed("q", "free"),
          "create table orders (queue text, job text,"
              + " foreign key (queue, job) references lease_job (queue, id))",
          "insert into orders values ('q', 'ordered')");
      JobAdmin admin = backend.jobAdmin();

      notDone(() -> admin.pause("refused"), "could not pause a queue");
      admin.pause("q");
      admin.pause("q");
      notDone(() -> admin.requeue("q", "ordered"), "could not requeue a job");
      assertThat(all(after -> admin.delete(JobFilter.all(), after, 10))).isEqualTo(1);
      assertThat(backend.jobQueue().find("q", "ordered")).isPresent();
    }
  }

  private static void notDone(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse())
        .hasMessageStartingWith(message)
        .hasMessageMatching("(?s).*(mine|refused|refuses).*");
  }

  private static int all(Function<@Nullable String, JobPiece> call) {
    int changed = 0;
    String after = null;
    do {
      JobPiece piece = call.apply(after);
      changed += piece.changed();
      after = piece.next();
    } while (after != null);
    return changed;
  }

  private static String failed(String queue, String id) {
    return ("insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, attempts,"
            + " created_at, due_at, finished_at, outcome, kept_until)"
            + " values ('%s', '%s', 't', 'p', '', 5, 3, 3, 1, 1, 1, 4, 1)")
        .formatted(queue, id);
  }

  @Test
  @DisplayName("a rule that a row breaks shows no payload in a message")
  void noPayload() throws SQLException {
    String url = TestDatabase.POSTGRESQL.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "secret").build()));
      TestDatabase.execute(
          url, "alter table lease_job add constraint mine check (attempts = 0) not valid");

      assertThatThrownBy(() -> backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("mine")
          .hasMessageNotContaining("secret")
          .rootCause()
          .hasMessageNotContaining("secret");
    }
  }

  private static String[] withoutRules(TestDatabase kind) {
    return switch (kind) {
      case SQLITE ->
          new String[] {"drop trigger lease_job_inserted", "drop trigger lease_job_updated"};
      case MARIADB -> new String[] {"alter table lease_job drop constraint lease_job_rules"};
      case POSTGRESQL -> new String[] {"drop trigger lease_job_rules on lease_job"};
    };
  }

  private static String insert(
      String queue, String id, String type, int priority, int maxCrashes, int attempts) {
    return insert(queue, id, type, priority, maxCrashes, attempts, "null, 0");
  }

  /** With the owner and the end of a lease. */
  private static String insert(
      String queue,
      String id,
      String type,
      int priority,
      int maxCrashes,
      int attempts,
      String held) {
    return ("insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, attempts,"
            + " created_at, due_at, owner, expires_at) values ('%s', '%s', '%s', 'p', '', %d, %d, %d, 1, 1, %s)")
        .formatted(queue, id, type, priority, maxCrashes, attempts, held);
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("every table has a primary key, by which replicas find its rows")
  void primaryKeys(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    JdbcBackend.migrate(JdbcConfig.of(url));
    String own = kind == TestDatabase.POSTGRESQL ? "current_schema()" : "database()";
    String keys =
        kind == TestDatabase.SQLITE
            ? "select name, (select count(*) from pragma_table_info(t.name) where pk > 0)"
                + " from sqlite_schema t where type = 'table'"
            : "select t.table_name, (select count(*) from information_schema.table_constraints c"
                + " where c.table_schema = t.table_schema and c.table_name = t.table_name"
                + " and c.constraint_type = 'PRIMARY KEY') from information_schema.tables t"
                + " where t.table_schema = "
                + own
                + " and t.table_type = 'BASE TABLE'";
    List<String> without = new ArrayList<>();
    int tables = 0;
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(keys)) {
      while (row.next()) {
        tables++;
        if (row.getInt(2) == 0) {
          without.add(row.getString(1));
        }
      }
    }
    assertThat(tables).isGreaterThanOrEqualTo(8);
    assertThat(without).isEmpty();
  }
}
