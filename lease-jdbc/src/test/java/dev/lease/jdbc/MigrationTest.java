package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import ch.qos.logback.classic.Level;
import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class MigrationTest {

  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final String[] TABLES = {"lease_schema_history", "lease_job", "lease_token_floor"};
  private static final List<NewJob> JOB = List.of(NewJob.builder("q", "1", "t", "p").build());

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 eight that open an empty database at once all succeed")
  void together(TestDatabase kind) throws Exception {
    try (var logs = new Logs("org.flywaydb")) {
      for (int round = 0; round < 8; round++) {
        together(kind.emptyUrl());
      }
      assertThat(logs.from(Level.ERROR)).isEmpty();
    }
  }

  /** Opens a database. */
  static final class Opening {
    private Opening() {}

    public static void main(String[] arguments) {
      JdbcBackend.open(TestDatabase.config(arguments[0])).close();
      System.out.println("opened");
    }
  }

  @Test
  @DisplayName("Q52 processes that open an empty file at once log no error")
  void processes() throws Exception {
    Path directory = Files.createTempDirectory("migration");
    String url = "jdbc:sqlite:" + directory.resolve("lease.db");
    List<Process> running = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      running.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  Opening.class.getName(),
                  url)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("log-" + i).toFile())
              .start());
    }
    for (int i = 0; i < running.size(); i++) {
      assertThat(running.get(i).waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(Files.readString(directory.resolve("log-" + i)))
          .endsWith("opened\n")
          .doesNotContain("ERROR");
    }
    assertThat(directory.resolve("lease.db-migration")).doesNotExist();
  }

  @Test
  @DisplayName("a migration gives up on a lock, because others wait behind it")
  void lockTimeout() throws Exception {
    String url = TestDatabase.POSTGRESQL.emptyUrl();
    earlierVersion(TestDatabase.POSTGRESQL, url, "1");
    TestDatabase.execute(
        url,
        "create table settings as select current_setting('lock_timeout') as lock_timeout",
        "create function note() returns trigger language plpgsql as $$ begin"
            + " insert into settings values (current_setting('lock_timeout')); return null; end $$",
        "create trigger note after insert on lease_schema_history"
            + " for each row execute function note()");

    JdbcBackend.migrate(TestDatabase.config(url));

    // The first line is of the statement that made the table.
    assertThat(contents(url, "settings")).containsOnly("settings 0", "settings 90s");
  }

  private static void together(String url) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    var start = new CountDownLatch(1);
    List<Future<Boolean>> opened =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    pool.submit(
                        () -> {
                          start.await();
                          try (var backend = JdbcBackend.open(JdbcConfig.of(url).withPoolSize(2))) {
                            return backend.jobQueue().find("q", "1").isEmpty();
                          }
                        }))
            .toList();
    start.countDown();
    for (Future<Boolean> one : opened) {
      assertThat(one.get()).isTrue();
    }
    pool.shutdown();
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "Q52 opening a current schema changes nothing, and a user's own tables are no hindrance")
  void current(TestDatabase kind) throws SQLException {
    String url = kind.emptyUrl();
    TestDatabase.execute(url, "create table orders (id int)");
    try (var first = JdbcBackend.open(JdbcConfig.of(url))) {
      first.jobQueue().enqueue(JOB);
    }
    try (var second = JdbcBackend.open(JdbcConfig.of(url))) {
      assertThat(second.jobQueue().find("q", "1")).isPresent();
    }
    TestDatabase.execute(url, "select count(*) from orders");
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("a current schema opens without Flyway; else SchemaHistory lacks a migration")
  void withoutFlyway(TestDatabase kind) throws Exception {
    String url = kind.emptyUrl();
    TestDatabase.execute(url, "create table orders (id int)");
    JdbcBackend.migrate(JdbcConfig.of(url));

    try (var loader = new WithoutFlyway()) {
      Class<?> config = loader.loadClass(JdbcConfig.class.getName());
      Object ofUrl = config.getMethod("of", String.class).invoke(null, url);
      Object backend =
          loader
              .loadClass(JdbcBackend.class.getName())
              .getMethod("open", config)
              .invoke(null, ofUrl);
      assertThat(backend.getClass()).isNotSameAs(JdbcBackend.class);
      ((AutoCloseable) backend).close();
    }
  }

  /** Loads this module's classes anew, beside a class path that has no Flyway. */
  private static final class WithoutFlyway extends URLClassLoader {

    WithoutFlyway() {
      super(
          new URL[] {JdbcBackend.class.getProtectionDomain().getCodeSource().getLocation()},
          JdbcBackend.class.getClassLoader());
    }

    @Override
    public Class<?> loadClass(String name) throws ClassNotFoundException {
      if (name.startsWith("org.flywaydb.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("dev.lease.jdbc.")) {
        return super.loadClass(name);
      }
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        return loaded != null ? loaded : findClass(name);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 a history that is not as it should be is refused")
  void edited(TestDatabase kind) throws SQLException {
    String url = kind.emptyUrl();
    JdbcBackend.migrate(JdbcConfig.of(url));
    TestDatabase.execute(
        url, "update lease_schema_history set checksum = checksum + 1 where version = '1'");

    assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("checksum mismatch");

    TestDatabase.execute(
        url,
        "update lease_schema_history set checksum = checksum - 1 where version = '1'",
        "update lease_schema_history set success = not success where version = '2'");

    assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url).withMigrate(false)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not up to date");
  }

  @Test
  @DisplayName("Q52 a schema has tables of its own, also where the search path goes on to others")
  void searchPath() throws SQLException {
    String url = TestDatabase.POSTGRESQL.emptyUrl();
    try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
      backend.jobQueue().enqueue(JOB);
    }
    TestDatabase.execute(url, "create schema \"Its own\"");

    String own = url + "&currentSchema=%22Its%20own%22,public";
    for (int start = 0; start < 2; start++) {
      try (var backend = JdbcBackend.open(JdbcConfig.of(own))) {
        assertThat(backend.jobQueue().find("q", "1")).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 a schema of a newer version is refused with a clear error")
  void newer(TestDatabase kind) throws SQLException {
    String url = kind.emptyUrl();
    try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
      backend.jobQueue().enqueue(JOB);
    }
    TestDatabase.execute(
        url,
        "insert into lease_schema_history (installed_rank, version, description, type, script, checksum,"
            + " installed_by, installed_on, execution_time, success) select 99, '999', 'from the future', 'SQL',"
            + " 'V999__future.sql', 1, 'x', current_timestamp, 1, success from lease_schema_history"
            + " where version = '1'");

    List<String> before = contents(url, TABLES);
    assertThat(before).anyMatch(row -> row.contains("from the future"));
    for (boolean migrate : new boolean[] {true, false}) {
      assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url).withMigrate(migrate)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "the schema has version 999, made by a newer version of Lease; this version knows up to 9");
    }
    assertThat(contents(url, TABLES)).as("what is there").isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q52 a migration that takes longer than a call may is not cut")
  void slow(TestDatabase kind) throws SQLException {
    String url = kind.emptyUrl();
    earlierVersion(kind, url, "3");
    if (kind == TestDatabase.POSTGRESQL) {
      TestDatabase.execute(
          url,
          "create function slowly() returns trigger language plpgsql as"
              + " $$ begin perform pg_sleep(5); return new; end $$",
          "create trigger slow before update on lease_job for each row execute function slowly()");
    } else {
      TestDatabase.execute(
          url, "create trigger slow before update on lease_job for each row set @slow = sleep(5)");
    }
    var source = new HikariConfig();
    source.setJdbcUrl(url);
    try (var pool = new HikariDataSource(source);
        var backend =
            JdbcBackend.over(
                pool,
                JdbcConfig.defaults().withPoolSize(1).withCallTimeout(Duration.ofSeconds(3)))) {
      assertThat(backend.jobQueue().find("q", "waiting")).isPresent();
    }
  }

  @Test
  @DisplayName("a migration of MariaDB's that looks at all jobs keeps none of them locked")
  void othersGoOn() throws Exception {
    String url = TestDatabase.MARIADB.emptyUrl();
    earlierVersion(TestDatabase.MARIADB, url, "3");
    try (Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      other.setAutoCommit(false);
      // It comes to this job after it has looked at the others.
      statement.executeQuery("select id from lease_job where queue = 'q' and id = ' ' for update");
      var migrated =
          CompletableFuture.runAsync(() -> JdbcBackend.migrate(TestDatabase.config(url)));
      TestDatabase.MARIADB.awaitBlocked(url);

      assertThat(
              TestDatabase.answer(
                  url,
                  "select id from lease_job where queue = 'q' and id = 'held' for update nowait"))
          .isEqualTo("held");

      other.commit();
      migrated.get(2, TimeUnit.MINUTES);
    }
  }

  @Test
  @DisplayName("a migration that waits for a reader says so, and does not make its index anew")
  void waitsForReaders() throws Exception {
    String url = TestDatabase.POSTGRESQL.emptyUrl();
    migrate(TestDatabase.POSTGRESQL, url, "4");
    try (var logs = new Logs(Migrations.class.getName());
        Connection reader = DriverManager.getConnection(url);
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      // Only the last statement of version 5 waits for that.
      statement.execute("lock table lease_job in access share mode");
      JdbcConfig config = JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(5));
      var migrated = CompletableFuture.runAsync(() -> JdbcBackend.migrate(config));
      Await.until(() -> !logs.from(Level.WARN).isEmpty());

      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("Cannot migrate the schema yet: ")
          .contains("lock timeout");
      assertThat(TestDatabase.answer(url, "select to_regclass('lease_job_list')"))
          .isEqualTo("lease_job_list");

      reader.commit();
      migrated.get(2, TimeUnit.MINUTES);
      assertThat(TestDatabase.answer(url, "select to_regclass('lease_job_seq')")).isNull();
    }
  }

  @Test
  @DisplayName("a migration that is tried again leaves the rules that it has made")
  void leavesRules() throws Exception {
    String url = TestDatabase.POSTGRESQL.emptyUrl();
    String made =
        "select string_agg(oid::text, ' ' order by oid) from pg_constraint where conname like 'lease%rules'"
            + " and conname <> 'lease_action_rules'";
    migrate(TestDatabase.POSTGRESQL, url, "3");
    try (var logs = new Logs(Migrations.class.getName());
        Connection reader = DriverManager.getConnection(url);
        Statement statement = reader.createStatement()) {
      reader.setAutoCommit(false);
      // The rules of this table come last.
      statement.execute("lock table lease_job in row exclusive mode");
      JdbcConfig config = JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(5));
      var migrated = CompletableFuture.runAsync(() -> JdbcBackend.migrate(config));
      Await.until(() -> !logs.from(Level.WARN).isEmpty());
      String before = TestDatabase.answer(url, made);
      assertThat(before.split(" ")).hasSize(6);

      reader.commit();
      migrated.get(2, TimeUnit.MINUTES);
      assertThat(TestDatabase.answer(url, made)).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("U2 a user who may not make tables is told so at once")
  void withoutRights(TestDatabase kind) throws SQLException {
    String url = kind.emptyUrl();
    String user = "reader_" + UUID.randomUUID().toString().substring(0, 8);
    if (kind == TestDatabase.POSTGRESQL) {
      TestDatabase.execute(
          url,
          "create role " + user + " login password 'secret'",
          "revoke create on schema public from public");
    } else {
      TestDatabase.execute(
          url, "create user " + user + " identified by 'secret'", "grant select on * to " + user);
    }
    String bare = url.replaceAll("([?&])(user|password)=[^&]*", "$1");
    JdbcConfig config = TestDatabase.config(bare).withUser(user, "secret");

    assertThatThrownBy(() -> JdbcBackend.open(config))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(
            kind == TestDatabase.POSTGRESQL
                ? "the role " + user + " has no right to create tables in the schema public"
                : "CREATE command denied to user '" + user);
  }

  private static List<String> contents(String url, String... tables) throws SQLException {
    List<String> rows = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (String table : tables) {
        try (ResultSet row = statement.executeQuery("select * from " + table + " order by 1")) {
          while (row.next()) {
            var text = new StringBuilder(table);
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
              text.append(' ').append(row.getString(i));
            }
            rows.add(text.toString());
          }
        }
      }
    }
    return rows;
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 a migration that failed half-way says why, and ends well once that is gone")
  void failed(TestDatabase kind) throws SQLException {
    String url = kind.emptyUrl();
    TestDatabase.execute(url, "create table lease_job_view (id int)");

    assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("lease_job_view");
    assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url).withMigrate(false)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not up to date");

    TestDatabase.execute(url, "drop table lease_job_view");
    try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
      assertThat(backend.jobQueue().enqueue(JOB)).hasSize(1);
    }
  }

  @Test
  @DisplayName("Q52 a migration that was cut between two statements of MariaDB's is run again")
  void cut() throws SQLException {
    String url = TestDatabase.MARIADB.emptyUrl();
    migrate(TestDatabase.MARIADB, url, "1");
    // As a starter leaves it that dies: half of the tables, and no mark of a migration yet.
    TestDatabase.execute(
        url,
        "drop table lease_schema_history",
        "drop view lease_job_view",
        "drop table lease_lease");

    try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
      assertThat(backend.jobQueue().enqueue(JOB)).hasSize(1);
      assertThat(backend.leaseStore().acquire("name", "me", Duration.ofMinutes(1))).isPresent();
    }
  }

  @Test
  @DisplayName("Q52 each later migration can be run again on MariaDB")
  void cutAtTheEnd() throws SQLException {
    String url = TestDatabase.MARIADB.emptyUrl();
    JdbcBackend.migrate(JdbcConfig.of(url));
    TestDatabase.execute(
        url, "delete from lease_schema_history where version in ('6', '7', '8', '9')");

    try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
      assertThat(backend.jobQueue().enqueue(JOB)).hasSize(1);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 eight that open a store of version 1 at once keep what it has, and work on it")
  void fromFirstVersion(TestDatabase kind) throws Exception {
    fromVersion(kind, "1");
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 eight that open a store of version 2 at once keep what it has, and work on it")
  void fromSecondVersion(TestDatabase kind) throws Exception {
    fromVersion(kind, "2");
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 eight that open a store of version 3 at once keep what it has, and work on it")
  void fromThirdVersion(TestDatabase kind) throws Exception {
    fromVersion(kind, "3");
  }

  private static void fromVersion(TestDatabase kind, String version) throws Exception {
    String url = kind.emptyUrl();
    earlierVersion(kind, url, version);

    assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url).withMigrate(false)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not up to date");
    together(url);

    try (var backend = JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO))) {
      assertThat(backend.jobQueue().find("q", "finished"))
          .hasValueSatisfying(
              job -> {
                assertThat(job.state()).isEqualTo(JobState.DONE);
                assertThat(job.keep()).isEqualTo(Duration.ofDays(36_500));
              });
      assertThat(backend.jobQueue().find("q", "unkept").map(Job::payload)).contains("p");
      assertThat(backend.jobAdmin().counts().queues().get(0).count(JobState.DONE)).isEqualTo(2);
      assertThat(backend.jobAdmin().purge("q", 10)).isEqualTo(1);
      assertThat(backend.jobQueue().find("q", "unkept")).isEmpty();
      var held = JobLease.of("q", "held", "old worker", 7, Instant.EPOCH);
      assertThat(backend.jobQueue().checkpoints(held)).contains(Map.of("step", "held value"));
      assertThat(backend.jobQueue().settle(List.of(Settlement.retry(held, LEASE, "failed"))))
          .containsExactly(Settlement.Result.ACCEPTED);
      assertThat(backend.jobAdmin().failedAttempts("q", "held"))
          .extracting(FailedAttempt::owner)
          .containsExactly("old worker");
      List<ClaimedJob> claimed =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs();
      assertThat(claimed).extracting(job -> job.lease().jobId()).containsExactly("waiting");
      assertThat(backend.jobQueue().checkpoints(claimed.get(0).lease()))
          .contains(Map.of("step", "waiting value"));
      assertThat(backend.jobAdmin().counts().queues().get(0).count(JobState.FAILED)).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 what nobody can name is no hindrance, and other rows stay")
  void unnamed(TestDatabase kind) throws Exception {
    String url = kind.emptyUrl();
    migrate(kind, url, "3");
    for (String name : List.of("n", " ")) {
      TestDatabase.execute(
          url,
          "insert into lease_lease values ('" + name + "', 'o', 5, 6000000000000000)",
          "insert into lease_paused_queue values ('" + name + "')",
          "insert into lease_fence (resource, queue, name, token, used_on) values ('"
              + name
              + "', '', 'n', 7, 6000000000000000)",
          "insert into lease_checkpoint (queue, job_id, step, value) values ('q', 'j', '"
              + name
              + "', 'v')");
    }
    TestDatabase.execute(url, "update lease_token_floor set token = 6000000000000000");

    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      assertThat(backend.leaseStore().list("", null, 10).leases())
          .extracting(Lease::token)
          .containsExactly(5L);
      assertThat(backend.jobAdmin().counts().queues())
          .extracting(QueueCounts::queue, QueueCounts::paused)
          .containsExactly(tuple("n", true));
      backend.jobQueue().enqueue(JOB);
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs())
          .extracting(job -> job.lease().token())
          .containsExactly(6_000_000_000_000_001L);
    }
    assertThat(contents(url, "lease_fence")).anyMatch(row -> row.contains("n  n 7"));
    assertThat(contents(url, "lease_checkpoint")).anyMatch(row -> row.contains("q j n v"));
  }

  @Test
  @DisplayName("Q52 views of the user's are no hindrance, even a broken one")
  void views() throws Exception {
    String url = TestDatabase.SQLITE.emptyUrl();
    migrate(TestDatabase.SQLITE, url, "3");
    String[] tables = {"lease_token_floor", "lease_paused_queue", "lease_lease", "lease_fence"};
    for (String table : tables) {
      TestDatabase.execute(url, "create view my_" + table + " as select * from " + table);
    }
    TestDatabase.execute(
        url,
        "create view broken as select * from a_table_that_is_gone",
        "insert into lease_paused_queue values ('q')",
        "insert into lease_lease values ('n', 'o', 5, 6)",
        "insert into lease_fence values ('r', 'q', 'n', 7, 8)",
        "update lease_token_floor set token = 9");
    List<String> before = contents(url, tables);

    JdbcBackend.migrate(TestDatabase.config(url));

    // A lease has a note since version 8.
    before.replaceAll(row -> row.startsWith("lease_lease") ? row + " null" : row);
    assertThat(contents(url, tables)).isEqualTo(before).hasSize(4);
    for (String table : tables) {
      assertThat(contents(url, "my_" + table)).hasSize(1);
    }
    assertThat(
            TestDatabase.answer(
                url, "select group_concat(name) from sqlite_schema where name like '%copy%'"))
        .isNull();
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q52 a largest token that the store did not write is no hindrance")
  void tokenFloor(TestDatabase kind) throws Exception {
    for (String change :
        List.of("update lease_token_floor set token = -5", "delete from lease_token_floor")) {
      String url = kind.emptyUrl();
      migrate(kind, url, "3");
      TestDatabase.execute(url, change);

      JdbcBackend.migrate(TestDatabase.config(url));

      assertThat(contents(url, "lease_token_floor")).containsExactly("lease_token_floor 0");
    }
  }

  @Test
  @DisplayName("Q52 statements that a process of the version before has prepared go on")
  void prepared() throws Exception {
    String url = TestDatabase.SQLITE.emptyUrl();
    migrate(TestDatabase.SQLITE, url, "3");
    try (Connection before = DriverManager.getConnection(url);
        PreparedStatement fence =
            before.prepareStatement(
                "insert into lease_fence (resource, queue, name, token, used_on) values ('r', 'q', 'n', ?, 1)"
                    + " on conflict (resource, queue, name) do update set token = excluded.token");
        PreparedStatement sweep =
            before.prepareStatement(
                "delete from lease_fence where rowid in (select rowid from lease_fence where token = ?)");
        PreparedStatement floor =
            before.prepareStatement("update lease_token_floor set token = ? where token < 9");
        PreparedStatement pause =
            before.prepareStatement("insert into lease_paused_queue (queue) values (?)");
        PreparedStatement lease =
            before.prepareStatement(
                "insert into lease_lease (name, owner, token, expires_at) values ('n', 'o', ?, 1)"
                    + " on conflict (name) do update set token = excluded.token")) {
      for (int token = 1; token <= 2; token++) {
        for (PreparedStatement one : List.of(fence, sweep, fence, floor, pause, lease)) {
          one.setInt(1, token);
          assertThat(one.executeUpdate()).isEqualTo(1);
        }
        JdbcBackend.migrate(TestDatabase.config(url));
      }
    }
    assertThat(
            contents(url, "lease_fence", "lease_token_floor", "lease_paused_queue", "lease_lease"))
        .containsExactly(
            "lease_fence r q n 2 1",
            "lease_token_floor 2",
            "lease_paused_queue 1",
            "lease_paused_queue 2",
            "lease_lease n o 2 1 null");
  }

  /** Makes the schema of an earlier version. */
  static void migrate(TestDatabase kind, String url, String version) {
    Flyway.configure()
        .dataSource(url, null, null)
        .locations("classpath:dev/lease/jdbc/migration/" + kind)
        .table("lease_schema_history")
        .baselineOnMigrate(true)
        .baselineVersion("0")
        .target(version)
        .load()
        .migrate();
  }

  /** As an earlier version leaves it: with jobs that wait, are held and are finished. */
  private static void earlierVersion(TestDatabase kind, String url, String version)
      throws SQLException {
    migrate(kind, url, version);
    String job =
        "insert into lease_job (queue, id, type, payload, headers, priority, due_at, max_attempts, created_at,"
            + " attempts, owner, token, expires_at, finished_at, outcome, kept_until) values ('q', ";
    TestDatabase.execute(
        url,
        job + "'waiting', 't', 'p', '', 5, 1, 3, 1, 0, null, 0, 0, null, null, null)",
        job
            + "'held', 't', 'p', '', 5, 1, 3, 1, 1, 'old worker', 7, 6000000000000000, null, null, null)",
        job
            + "'finished', 't', 'p', '', 5, 1, 3, 1, 1, 'old worker', 5, 0, 1, 3, 3153600000000001)",
        job + "' ', 't', 'p', '', 5, 1, 3, 1, 0, null, 0, 0, null, null, null)",
        job + "'unkept', 't', 'p', '', 5, 1, 3, 1, 1, 'old worker', 5, 0, 1, 3, 100000001)",
        "update lease_job set keep = 0 where id = 'unkept'",
        "insert into lease_checkpoint (queue, job_id, step, value) values ('q', 'waiting', 'step', 'waiting value')",
        "insert into lease_checkpoint (queue, job_id, step, value) values ('q', 'held', 'step', 'held value')");
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  void withoutMigrationAnEmptyDatabaseIsRefusedAndAMigratedOneOpens(TestDatabase kind) {
    JdbcConfig config = TestDatabase.config(kind.emptyUrl()).withMigrate(false);

    assertThatThrownBy(() -> JdbcBackend.open(config))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("run JdbcBackend.migrate");

    JdbcBackend.migrate(config);
    try (var backend = JdbcBackend.open(config)) {
      assertThat(backend.jobQueue().find("q", "1")).isEmpty();
    }
  }
}
