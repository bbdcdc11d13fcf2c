package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Settlement;
import dev.lease.StepTransaction;
import dev.lease.StoreException;
import dev.lease.jdbc.JdbcBackend;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.sqlite.SQLiteDataSource;

/** Handlers whose effects are in the database of their jobs. */
@SuppressWarnings("NullAway.Init") // Set before each test, and by each.
class TransactionTest {

  private static final Step<String> PLACE = Step.of("place", String.class);

  private static final Duration SOON = Duration.ofMillis(1);

  private final SQLiteDataSource database = new SQLiteDataSource();
  private final List<String> results = new CopyOnWriteArrayList<>();
  private final AtomicInteger runs = new AtomicInteger();
  private final Logs logs = new Logs();
  private JdbcBackend backend;
  private FaultyQueue jobs;
  private Worker worker;

  @BeforeEach
  void open() throws SQLException {
    String url = Store.newUrl();
    database.setUrl(url);
    database.setBusyTimeout(30_000);
    backend = JdbcBackend.open(Store.config(url));
    jobs = new FaultyQueue(backend.jobQueue());
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("create table orders (id text)");
    }
  }

  @AfterEach
  void close() {
    worker.close();
    backend.close();
    logs.close();
  }

  private void start(WorkerConfig.Builder config, JobHandler<String> handler) {
    worker =
        Parts.worker(jobs)
            .config(config.build())
            .handle(WorkerFixture.TEXT, handler, RetryPolicy.exponential(SOON, SOON))
            .build();
    enqueue("a");
    worker.start();
  }

  private Duration keep = Duration.ofHours(1);

  private void enqueue(String id) {
    var client = JobClient.of(Parts.of(jobs));
    client.enqueue(client.job(WorkerFixture.TEXT, id, id).keep(keep).build());
  }

  private Job awaitDone() {
    WorkerFixture.eventually(() -> job().state() == JobState.DONE);
    return job();
  }

  private Job job() {
    return jobs.find(WorkerFixture.TEXT.queue(), "a").orElseThrow();
  }

  /** The effect, which nothing but the transaction keeps from being made twice. */
  private String place(Connection connection) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("insert into orders values ('o')")) {
      insert.executeUpdate();
    }
    return "r" + runs.incrementAndGet();
  }

  private int orders() throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from orders")) {
      row.next();
      return row.getInt(1);
    }
  }

  @Test
  @DisplayName("A job that a client enqueues in a transaction is there if that commits")
  void enqueued() throws Exception {
    start(WorkerFixture.config(), (payload, context) -> {});
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      JobClient client =
          JobClient.of(Parts.of(jobs)).in(batch -> backend.enqueue(connection, batch));

      String undone = client.enqueue(WorkerFixture.TEXT, "undone").id();
      connection.rollback();
      String kept = client.enqueue(WorkerFixture.TEXT, "kept").id();
      connection.commit();

      assertThat(jobs.find(WorkerFixture.TEXT.queue(), undone)).isEmpty();
      assertThat(jobs.find(WorkerFixture.TEXT.queue(), kept)).isPresent();
    }
  }

  @Test
  @DisplayName("Q31 a step in a transaction is run once, and its effect made once")
  void once() throws Exception {
    StepTransaction<Connection> transaction = backend.steps(database);
    start(
        WorkerFixture.config(),
        (payload, context) -> {
          results.add(context.step(PLACE, transaction, this::place));
          var list = new TypeReference<List<Duration>>() {};
          results.add(
              context
                  .step(Step.of("list", list), transaction, connection -> List.of(SOON))
                  .get(0)
                  .toString());
          if (context.attempt() == 1) {
            throw new IllegalStateException("on purpose");
          }
        });

    assertThat(awaitDone().attempts()).isEqualTo(2);
    assertThat(orders()).isEqualTo(1);
    assertThat(results).containsExactly("r1", SOON.toString(), "r1", SOON.toString());
  }

  @Test
  @DisplayName("Q31 a step in the handler's own transaction is kept if that commits, and typed")
  void inTheHandlersTransaction() throws Exception {
    Step<List<Duration>> step = Step.of("list", new TypeReference<List<Duration>>() {});
    start(
        WorkerFixture.config(),
        (payload, context) -> {
          try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            StepTransaction<Connection> own = backend.steps(connection);
            if (context.attempt() == 1) {
              results.add("undone " + context.step(PLACE, own, this::place));
              results.add("same " + context.step(PLACE, own, this::place));
              connection.rollback();
            }
            results.add(context.step(PLACE, own, this::place));
            results.add(
                context
                    .step(step, own, it -> List.of(Duration.ofMillis(runs.incrementAndGet())))
                    .get(0)
                    .toString());
            connection.commit();
          }
          if (context.attempt() == 1) {
            throw new IllegalStateException("on purpose");
          }
        });

    assertThat(awaitDone().attempts()).isEqualTo(2);
    assertThat(orders()).isEqualTo(1);
    assertThat(results).containsExactly("undone r1", "same r1", "r2", "PT0.003S", "r2", "PT0.003S");
  }

  @Test
  @DisplayName("Q31 a step in the handler's own transaction keeps no failure, and is not repeated")
  void failsInTheHandlersTransaction() throws Exception {
    Step<String> keeping = Step.of("place", String.class).keepFailure(IllegalStateException.class);
    start(
        WorkerFixture.config(),
        (payload, context) -> {
          try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            StepTransaction<Connection> own = backend.steps(connection);
            try {
              context.step(keeping, own, this::place);
            } catch (IllegalArgumentException e) {
              results.add(e.getMessage());
            }
            StepTransaction<Connection> failing =
                new StepTransaction<>() {
                  @Override
                  public String run(JobLease lease, String step, Work<Connection, String> work) {
                    runs.incrementAndGet();
                    throw StoreException.outcomeUnknown("cut", null);
                  }

                  @Override
                  public boolean commits() {
                    return false;
                  }
                };
            if (context.attempt() == 1) {
              context.step(PLACE, failing, this::place);
            }
          }
        });

    assertThat(awaitDone().attempts()).isEqualTo(2);
    assertThat(runs).hasValue(1);
    assertThat(results).hasSize(2).allMatch(text -> text.contains("cannot keep a failure"));
  }

  @Test
  @DisplayName("Q31 a step that fails leaves nothing, and may be tried again")
  void fails() throws Exception {
    StepTransaction<Connection> transaction = backend.steps(database);
    start(
        WorkerFixture.config(),
        (payload, context) ->
            context.step(
                PLACE,
                transaction,
                connection -> {
                  String result = place(connection);
                  if (context.attempt() == 1) {
                    throw new IllegalStateException("on purpose");
                  }
                  return result;
                }));

    assertThat(awaitDone().attempts()).isEqualTo(2);
    assertThat(runs).hasValue(2);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName(
      "Q31 where the answer to a commit is lost, the step is looked for, and not run again")
  void commitUnheard() throws Exception {
    var commits = new AtomicInteger();
    StepTransaction<Connection> real = backend.steps(database);
    StepTransaction<Connection> cut =
        (lease, step, work) -> {
          String value = real.run(lease, step, work);
          if (commits.incrementAndGet() == 1) {
            throw StoreException.outcomeUnknown("the connection was cut", null);
          }
          return value;
        };
    start(
        WorkerFixture.config(),
        (payload, context) -> results.add(context.step(PLACE, cut, this::place)));

    assertThat(awaitDone().attempts()).isEqualTo(1);
    assertThat(commits).hasValue(2);
    assertThat(orders()).isEqualTo(1);
    assertThat(results).containsExactly("r1");
  }

  @Test
  @DisplayName("Q31 what was unknown once is not said to be undone, whatever the next try says")
  void commitUnheardAndServerGone() throws Exception {
    var tries = new AtomicInteger();
    StepTransaction<Connection> real = backend.steps(database);
    StepTransaction<Connection> restarting =
        (lease, step, work) ->
            switch (tries.incrementAndGet()) {
              case 1 -> {
                String unused = real.run(lease, step, work);
                throw StoreException.outcomeUnknown("the connection was cut", null);
              }
              case 2 -> throw StoreException.notDone("no connection", null);
              default -> real.run(lease, step, work);
            };
    start(
        WorkerFixture.config(),
        (payload, context) -> results.add(context.step(PLACE, restarting, this::place)));

    assertThat(awaitDone().attempts()).isEqualTo(1);
    assertThat(tries).hasValue(3);
    assertThat(orders()).isEqualTo(1);
    assertThat(results).containsExactly("r1");
  }

  @Test
  @DisplayName("a step within a step in a transaction is refused, which else would wait for itself")
  void stepWithinATransaction() throws Exception {
    StepTransaction<Connection> transaction = backend.steps(database);
    start(
        WorkerFixture.config(),
        (payload, context) -> {
          try {
            context.step(
                PLACE,
                transaction,
                connection -> {
                  context.step("mail", () -> {});
                  return place(connection);
                });
          } catch (IllegalStateException e) {
            results.add(e.getMessage());
          }
          context.step("mail", () -> {});
        });

    assertThat(awaitDone().attempts()).isEqualTo(1);
    assertThat(results)
        .singleElement()
        .asString()
        .contains("step \"mail\" cannot run inside a step in a transaction");
    assertThat(orders()).isZero();
  }

  @Test
  @DisplayName("a step in a transaction that surely did not happen fails the attempt")
  void surelyNotDone() throws Exception {
    var tries = new AtomicInteger();
    StepTransaction<Connection> real = backend.steps(database);
    StepTransaction<Connection> refusing =
        (lease, step, work) -> {
          if (tries.incrementAndGet() == 1) {
            throw StoreException.notDone("no connection", null);
          }
          return real.run(lease, step, work);
        };
    start(WorkerFixture.config(), (payload, context) -> context.step(PLACE, refusing, this::place));

    assertThat(awaitDone().attempts()).isEqualTo(2);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q31 the transaction of a holder that has lost its job is rolled back")
  void stale() throws Exception {
    StepTransaction<Connection> transaction = backend.steps(database);
    start(
        WorkerFixture.config(),
        (payload, context) -> {
          if (runs.get() == 0) {
            // The worker still trusts its lease, which the store has ended.
            backend.jobQueue().settle(List.of(Settlement.released(context.lease(), Duration.ZERO)));
            runs.incrementAndGet();
          }
          results.add(context.step(PLACE, transaction, this::place));
        });

    awaitDone();
    WorkerFixture.eventually(() -> worker.status().lost() == 1);
    assertThat(orders()).isEqualTo(1);
    assertThat(results).containsExactly("r2");
  }

  @Test
  @DisplayName("Q31 a handler that settled its job itself goes on undisturbed")
  void settledByHandler() throws Exception {
    keep = Duration.ZERO;
    // That the other job is extended so often takes longer than a lease lasts.
    CountDownLatch extended = new CountDownLatch(5);
    jobs.onExtend =
        (leases, call) -> {
          var answers = call.get();
          if (runs.get() > 0) {
            extended.countDown();
          }
          return answers;
        };
    enqueue("other");
    start(
        WorkerFixture.keptLease().concurrency(2),
        (payload, context) -> {
          if (payload.equals("a")) {
            settle(context);
          }
          WorkerFixture.pass(extended);
          context.checkActive();
          results.add(payload);
        });

    WorkerFixture.eventually(() -> worker.status().settled() == 2);
    assertThat(job().state()).isEqualTo(JobState.DONE);
    assertThat(results).containsExactlyInAnyOrder("a", "other");
    assertThat(orders()).isEqualTo(1);
    assertThat(worker.status().lost()).isZero();
    assertThat(worker.status().failed()).isZero();
    assertThat(logs.at(Level.WARN)).isEmpty();
  }

  private void settle(JobContext context) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      place(connection);
      backend.settle(connection, Settlement.done(context.lease()));
      connection.commit();
    }
  }

  @Test
  @DisplayName("Q31 nor is one that reports progress after it settled its job, or fails")
  void settledByHandlerThatGoesOn() throws Exception {
    keep = Duration.ZERO;
    CountDownLatch refused = new CountDownLatch(1);
    jobs.onProgress =
        (progress, call) -> {
          boolean written = call.get();
          refused.countDown();
          return written;
        };
    start(
        WorkerFixture.config(),
        (payload, context) -> {
          settle(context);
          context.progress(90, "tidies up");
          WorkerFixture.pass(refused);
          results.add("went on");
          throw new IllegalStateException("on purpose, when all was done");
        });

    WorkerFixture.eventually(() -> worker.status().failed() == 1);
    worker.close();
    assertThat(job().state()).isEqualTo(JobState.DONE);
    assertThat(results).containsExactly("went on");
    assertThat(worker.status().lost()).isZero();
    assertThat(logs.at(Level.WARN)).singleElement().asString().contains("on purpose");
  }

  @Test
  @DisplayName("W13 a handler that settled its job itself and never ends is seen to be stuck")
  void settledByHandlerThatHangs() throws Exception {
    keep = Duration.ZERO;
    CountDownLatch end = new CountDownLatch(1);
    worker =
        Parts.worker(jobs)
            .config(WorkerFixture.keptLease().build())
            .handle(
                WorkerFixture.TEXT,
                (payload, context) -> {
                  settle(context);
                  WorkerFixture.passStubbornly(end);
                },
                WorkerFixture.maxRunTime(Duration.ofMillis(2_500)))
            .build();
    enqueue("a");
    worker.start();

    WorkerFixture.eventually(() -> worker.status().stuck() == 1);
    assertThat(worker.status().lost()).isZero();
    end.countDown();
    WorkerFixture.eventually(() -> worker.status().settled() == 1);
  }

  @Test
  @DisplayName("Q08 Q72 a graph exists once the caller's transaction commits, and then it runs")
  void graph() throws SQLException {
    start(WorkerFixture.config(), (text, context) -> results.add(context.jobId()));
    awaitDone();
    JobType<String> type = WorkerFixture.TEXT;
    for (boolean commits : List.of(false, true)) {
      try (Connection connection = database.getConnection()) {
        connection.setAutoCommit(false);
        JobClient client =
            JobClient.of(backend)
                .in(
                    all -> backend.enqueue(connection, all),
                    one -> backend.enqueue(connection, one));
        client.enqueue(
            client
                .graph("g", type.queue())
                .addAll("all", type, Collections.nCopies(1_100, "x"))
                .add("last", type, "x")
                .after("all"));
        if (commits) {
          connection.commit();
        } else {
          connection.rollback();
        }
      }
      assertThat(backend.jobGraphs().find(type.queue(), "g").isPresent()).isEqualTo(commits);
    }
    WorkerFixture.eventually(() -> results.size() == 1_102);
    assertThat(results).doesNotHaveDuplicates().endsWith("g/last/0");
  }
}
