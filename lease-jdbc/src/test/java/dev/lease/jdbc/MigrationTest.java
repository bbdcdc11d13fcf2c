package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class MigrationTest {

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

  @Tag("slow")
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
        "update lease_schema_history set success = not success where version = '1'");

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
              "the schema has version 999, made by a newer version of Lease; this version knows up to 1");
    }
    assertThat(contents(url, TABLES)).as("what is there").isEqualTo(before);
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

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "Q52 another's table with a name of the store's fails at once, and is no hindrance once it is gone")
  void strangers(TestDatabase kind) throws SQLException {
    for (String table : List.of("lease_job", "lease_job_view")) {
      String url = kind.emptyUrl();
      TestDatabase.execute(url, "create table " + table + " (id int)");
      try (var logs = new Logs("org.flywaydb")) {
        assertThatThrownBy(() -> JdbcBackend.open(TestDatabase.config(url)))
            .isInstanceOf(StoreException.class)
            .hasMessageMatching(
                "could not migrate the schema: .*; there was already (\\w+\\.)?"
                    + table
                    + ": rename it, or choose another schema \\(JdbcConfig.withSchema\\) or database for the store");
        assertThat(logs.from(Level.ERROR)).as("one for each try").hasSizeLessThan(2);
      }
      assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url).withMigrate(false)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("not up to date");

      TestDatabase.execute(url, "drop table " + table);
      try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
        assertThat(backend.jobQueue().enqueue(JOB)).hasSize(1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("a Flyway of the user's works in the same schema, whichever of them comes first")
  void usersFlyway(TestDatabase kind) throws SQLException {
    String first = kind.emptyUrl();
    users(first).load().migrate();
    JdbcBackend.migrate(TestDatabase.config(first));
    users(first).load().migrate();

    String second = kind.emptyUrl();
    JdbcBackend.migrate(TestDatabase.config(second));
    assertThatThrownBy(() -> users(second).load().migrate())
        .as("what the README warns of")
        .isInstanceOf(FlywayException.class)
        .hasMessageContaining("but no schema history table");
    users(second).baselineOnMigrate(true).baselineVersion("0").load().migrate();
    JdbcBackend.migrate(TestDatabase.config(second));

    for (String url : List.of(first, second)) {
      TestDatabase.execute(url, "insert into orders values (1)");
      try (var backend = JdbcBackend.open(TestDatabase.config(url).withMigrate(false))) {
        assertThat(backend.jobQueue().enqueue(JOB)).hasSize(1);
      }
    }
  }

  private static FluentConfiguration users(String url) {
    return Flyway.configure().dataSource(url, null, null).locations("classpath:users");
  }

  @Test
  @DisplayName("Q52 a migration that was cut between two statements of MariaDB's is run again")
  void cut() throws SQLException {
    String url = TestDatabase.MARIADB.emptyUrl();
    JdbcBackend.migrate(JdbcConfig.of(url));
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
  @DisplayName("Q52 a migration that was cut after its last statement of MariaDB's is run again")
  void cutAtTheEnd() throws SQLException {
    String url = TestDatabase.MARIADB.emptyUrl();
    JdbcBackend.migrate(JdbcConfig.of(url));
    TestDatabase.execute(url, "delete from lease_schema_history where version = '1'");

    try (var backend = JdbcBackend.open(JdbcConfig.of(url))) {
      assertThat(backend.jobQueue().enqueue(JOB)).hasSize(1);
    }
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
