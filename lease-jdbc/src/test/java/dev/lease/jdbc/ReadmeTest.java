package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.StepTransaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The README shows code that compiles and does what it says. */
@SuppressWarnings("NullAway.Init")
class ReadmeTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  private HikariDataSource dataSource;
  private JdbcBackend backend;
  private Jdbi jdbi;

  @BeforeEach
  void open() {
    dataSource = new HikariDataSource();
    dataSource.setJdbcUrl(TestDatabase.SQLITE.newUrl());
    backend = JdbcBackend.over(dataSource);
    jdbi = Jdbi.create(dataSource);
    jdbi.useHandle(
        handle -> {
          handle.execute("create table orders (id text)");
          handle.execute("create table prices (product text, amount integer)");
          handle.execute("insert into prices values ('tea', 1)");
        });
  }

  @AfterEach
  void close() {
    backend.close();
    dataSource.close();
  }

  @Test
  void itsStep() throws Exception {
    backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build()));
    JobLease lease =
        backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();

    assertThat(step(backend, dataSource, lease)).isEqualTo("order-1");
    assertThat(step(backend, dataSource, lease)).isEqualTo("order-1");
    assertThat(number("select count(*) from orders")).isEqualTo(1);
    assertThat(readme()).contains(shown("step"));
  }

  private static String step(JdbcBackend backend, DataSource dataSource, JobLease lease)
      throws Exception {
    // shown: step
    StepTransaction<Connection> steps = backend.steps(dataSource);
    String order =
        steps.run(
            lease,
            "place",
            connection -> {
              String id = "order-" + lease.jobId();
              try (var insert = connection.prepareStatement("insert into orders values (?)")) {
                insert.setString(1, id);
                insert.executeUpdate();
              }
              return id;
            });
    // end
    return order;
  }

  @Test
  void itsFence() throws Exception {
    var lease = backend.leaseStore().acquire("prices", "me", LEASE).orElseThrow();
    // shown: fence
    jdbi.useTransaction(
        handle -> {
          backend.fence(handle.getConnection(), lease, "price list");
          handle.execute("update prices set amount = ? where product = ?", 7, "tea");
        });
    // end
    assertThat(number("select amount from prices")).isEqualTo(7);
    assertThat(readme()).contains(shown("fence"));
  }

  @Test
  void itsGuice() throws Exception {
    // shown: guice
    Injector injector =
        Guice.createInjector(
            new AbstractModule() {
              @Override
              protected void configure() {
                bind(DataSource.class).toInstance(dataSource);
              }
            },
            new JdbcModule(JdbcConfig.defaults()).over(Key.get(DataSource.class)));
    var backend = injector.getInstance(JdbcBackend.class);
    Jdbi.create(dataSource)
        .useTransaction(
            handle -> {
              handle.execute("insert into orders values (?)", "order-1");
              backend.enqueue(
                  handle.getConnection(),
                  List.of(NewJob.builder("orders", "order-1", "place", "{}").build()));
            });
    // end
    assertThat(backend.jobQueue().find("orders", "order-1")).isPresent();
    assertThat(number("select count(*) from orders")).isEqualTo(1);
    backend.close();
    assertThat(readme()).contains(shown("guice"));
  }

  @ParameterizedTest
  @EnumSource
  void theQueryForWhatWaitsCountsOnlyWhatIsDue(TestDatabase kind) throws Exception {
    String page = Files.readString(Path.of("../lease-worker/docs/troubleshooting.md"));
    int from = page.indexOf("select queue, type, count(*)");
    String query = page.substring(from, page.indexOf(';', from));
    String url = kind.newUrl();
    try (var store = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      Due past = Due.at(Instant.now().minus(Duration.ofMinutes(10)));
      Due later = Due.after(Duration.ofMinutes(10));
      store
          .jobQueue()
          .enqueue(
              List.of(
                  NewJob.builder("q", "past", "t", "p").due(past).build(),
                  NewJob.builder("q", "schedule:s", "lease-schedule", "p").due(past).build(),
                  NewJob.builder("q", "later", "t", "p").due(later).build()));

      try (ResultSet row =
          statement.executeQuery(
              kind == TestDatabase.MARIADB
                  ? query.replace("current_timestamp", "utc_timestamp()")
                  : query)) {
        assertThat(row.next()).isTrue();
        assertThat(row.getInt(3)).isOne();
      }
    }
  }

  private int number(String sql) {
    return jdbi.withHandle(handle -> handle.createQuery(sql).mapTo(Integer.class).one());
  }

  private static String readme() throws IOException {
    return Files.readString(Path.of("README.md"));
  }

  /** The lines of this file between two marks. */
  private static String shown(String name) throws IOException {
    return Files.readString(Path.of("src/test/java/dev/lease/jdbc/ReadmeTest.java"))
        .lines()
        .dropWhile(line -> !line.equals("    // shown: " + name))
        .skip(1)
        .takeWhile(line -> !line.equals("    // end"))
        .collect(Collectors.joining("\n"))
        .stripIndent();
  }
}
