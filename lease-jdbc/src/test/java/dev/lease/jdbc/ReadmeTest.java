package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.lease.ClaimRequest;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.StepTransaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

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
