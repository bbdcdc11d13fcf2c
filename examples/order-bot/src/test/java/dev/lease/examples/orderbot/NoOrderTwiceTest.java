package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.LeaseLostException;
import dev.lease.Settlement;
import dev.lease.StepTransaction;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobHandler;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Step;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The four ways of lease-worker/docs/no-order-twice.md, with the code of that page. The first
 * attempt fails after everything is done, and the second attempt finishes the job.
 */
@Timeout(300)
class NoOrderTwiceTest {

  record Order(String product, int amount) {}

  record Receipt(String number) {}

  private static final JobType<Order> PLACE_ORDER =
      JobType.of("orders", "place-order", Order.class);

  private static final Duration AT_ONCE = Duration.ofMillis(1);

  @TempDir private Path directory;

  private JdbcBackend backend;
  private HikariDataSource dataSource;
  private final Bank bank = new Bank();
  private final Mail mail = new Mail();

  private static final class Bank {
    private final Map<String, Receipt> charged = new ConcurrentHashMap<>();

    Receipt charge(int amount, String key) {
      return charged.computeIfAbsent(key, k -> new Receipt("r" + charged.size() + "/" + amount));
    }
  }

  private static final class Mail {
    private final Map<String, Object> sent = new ConcurrentHashMap<>();

    void confirm(Object what, String key) {
      sent.put(key, what);
    }
  }

  @BeforeEach
  void open() throws SQLException {
    String url = "jdbc:sqlite:" + directory.resolve("orders.db");
    backend = JdbcBackend.open(JdbcConfig.of(url).withCallTimeout(Duration.ofMinutes(2)));
    HikariConfig pool = new HikariConfig();
    pool.setJdbcUrl(url);
    // Milliseconds that a writer waits for other writers.
    pool.addDataSourceProperty("busy_timeout", "30000");
    dataSource = new HikariDataSource(pool);
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create table orders (number integer primary key, product text)");
      statement.execute("create table stock (product text primary key, amount int)");
    }
  }

  @AfterEach
  void close() {
    dataSource.close();
    backend.close();
  }

  private static long insertOrder(Connection connection, Order order) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into orders (product) values (?) returning number")) {
      insert.setString(1, order.product());
      try (ResultSet row = insert.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private static void setStock(Connection connection, Order order) throws SQLException {
    try (PreparedStatement set =
        connection.prepareStatement("insert or replace into stock values (?, ?)")) {
      set.setString(1, order.product());
      set.setInt(2, order.amount());
      set.executeUpdate();
    }
  }

  private long count(String table) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from " + table)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Runs a job whose first attempt fails after its handler has returned. */
  private Job runTwice(JobHandler<Order> handler) throws InterruptedException {
    JobHandler<Order> failing =
        (order, context) -> {
          handler.handle(order, context);
          if (context.attempt() == 1) {
            throw new IllegalStateException("on purpose");
          }
        };
    try (Worker worker =
        Worker.builder(backend)
            .handle(PLACE_ORDER, failing, RetryPolicy.exponential(AT_ONCE, AT_ONCE))
            .build()) {
      worker.start();
      String id = JobClient.of(backend).enqueue(PLACE_ORDER, new Order("tea", 3)).id();
      Job job = backend.jobQueue().find("orders", id).orElseThrow();
      while (job.state() != JobState.DONE) {
        Thread.sleep(5);
        job = backend.jobQueue().find("orders", id).orElseThrow();
      }
      return job;
    }
  }

  @Test
  void aStepAndAKey() throws Exception {
    JobHandler<Order> handler =
        (order, context) -> {
          Receipt receipt =
              context.step(
                  "charge",
                  Receipt.class,
                  () -> bank.charge(order.amount(), context.idempotencyKey("charge")));
          context.step("confirm", () -> mail.confirm(receipt, context.idempotencyKey("confirm")));
        };

    assertThat(runTwice(handler).attempts()).isEqualTo(2);
    assertThat(bank.charged.values()).containsExactly(new Receipt("r0/3"));
    assertThat(mail.sent.values()).containsExactly(new Receipt("r0/3"));
  }

  @Test
  void aStepInATransaction() throws Exception {
    StepTransaction<Connection> transaction = backend.steps(dataSource);
    JobHandler<Order> handler =
        (order, context) -> {
          Step<Long> book = Step.of("book", Long.class);
          long number =
              context.step(book, transaction, connection -> insertOrder(connection, order));
          context.step("confirm", () -> mail.confirm(number, context.idempotencyKey("confirm")));
        };

    assertThat(runTwice(handler).attempts()).isEqualTo(2);
    assertThat(count("orders")).isEqualTo(1);
    assertThat(mail.sent.values()).containsExactly(1L);
  }

  @Test
  void theJobSettledInATransaction() throws Exception {
    JobHandler<Order> handler =
        (order, context) -> {
          try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            insertOrder(connection, order);
            // Throws if the lease is lost: then nothing is committed.
            backend.settle(connection, Settlement.done(context.lease()));
            connection.commit();
          }
        };

    assertThat(runTwice(handler).attempts()).as("what fails then fails too late").isEqualTo(1);
    assertThat(count("orders")).isEqualTo(1);
  }

  @Test
  void aFencedWrite() throws Exception {
    JobHandler<Order> handler =
        (order, context) -> {
          try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            // Throws if a later holder of this job was here: then nothing is committed.
            backend.fence(connection, context.lease(), "stock/" + order.product());
            setStock(connection, order);
            connection.commit();
          }
        };

    Job job = runTwice(handler);
    assertThat(job.attempts()).isEqualTo(2);
    assertThat(count("stock")).isEqualTo(1);
    JobLease first = JobLease.of("orders", job.id(), "w", job.token() - 1, Instant.EPOCH);
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      assertThatThrownBy(() -> backend.fence(connection, first, "stock/tea"))
          .isInstanceOf(LeaseLostException.class);
    }
  }

  @Test
  void thePageShowsThisCode() throws Exception {
    String page = Files.readString(Path.of("../../lease-worker/docs/no-order-twice.md"));
    String here =
        Files.readString(
            Path.of("src/test/java/dev/lease/examples/orderbot/NoOrderTwiceTest.java"));
    List<String> blocks = new ArrayList<>();
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
    while (block.find()) {
      blocks.add(squeezed(block.group(1)));
    }

    assertThat(blocks).hasSize(5).allSatisfy(shown -> assertThat(squeezed(here)).contains(shown));
  }

  private static String squeezed(String code) {
    return code.replaceAll("\\s+", " ").strip();
  }
}
