package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.server.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Savepoint;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;

/** Hints from one process to another, here two store objects on one PostgreSQL. */
class HintsTest {

  private final String url = TestServers.postgresql().newDatabase();
  private final Semaphore hints = new Semaphore(0);
  private JdbcBackend producer;
  private JdbcBackend worker;

  @BeforeEach
  void open() throws Exception {
    producer = JdbcBackend.open(TestDatabase.config(url));
    worker = JdbcBackend.open(TestDatabase.config(url));
    worker.jobQueue().onWork("q", hints::release);
    // One hint says that it listens now, and that something may have come before.
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
  }

  @AfterEach
  void close() {
    worker.close();
    producer.close();
  }

  @Test
  @DisplayName("Q55 an enqueue wakes a worker of another process")
  void enqueue() throws Exception {
    producer.jobQueue().enqueue(List.of(job("1")));

    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  @DisplayName("Q55 who enqueues and listens is woken once, though its notification comes back")
  void noEcho() throws Exception {
    var elsewhere = new Semaphore(0);
    producer.jobQueue().onWork("q", elsewhere::release);
    assertThat(elsewhere.tryAcquire(2, TimeUnit.MINUTES)).as("it listens now").isTrue();
    hints.drainPermits();

    worker.jobQueue().enqueue(List.of(job("1")));
    assertThat(elsewhere.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
    // An echo would come before what is sent later.
    var barrier = new Semaphore(0);
    worker.jobQueue().onWork("barrier", barrier::release);
    producer.jobQueue().enqueue(List.of(NewJob.builder("barrier", "1", "t", "p").build()));
    assertThat(barrier.tryAcquire(2, TimeUnit.MINUTES)).isTrue();

    assertThat(hints.availablePermits()).isOne();
  }

  @Test
  @DisplayName(
      "Q55 an enqueue in the caller's transaction wakes after the commit, and not at all after a rollback")
  void callersTransaction() throws Exception {
    try (Connection connection = DriverManager.getConnection(url);
        Connection other = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      producer.enqueue(connection, List.of(job("1")));
      connection.rollback();
      producer.enqueue(connection, List.of(job("2")));
      other.setAutoCommit(false);
      awaitLook(other);
      assertThat(hints.availablePermits()).isZero();
      connection.commit();
    }
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
    assertThat(worker.jobQueue().find("q", "1")).isEmpty();
    assertThat(worker.jobQueue().find("q", "2")).isPresent();
  }

  @Test
  @DisplayName("Q55 an enqueue in the caller's transaction wakes those of its own process as well")
  void callersTransactionHere() throws Exception {
    String queue = " a queue <with> blanks ";
    var here = new Semaphore(0);
    worker.jobQueue().onWork(queue, here::release);
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      worker.enqueue(connection, List.of(NewJob.builder(queue, "1", "t", "p").build()));
      connection.commit();
    }
    assertThat(here.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  @DisplayName("Q55 what a savepoint undoes wakes nobody, and the rest of the transaction does")
  void savepoint() throws Exception {
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      Savepoint savepoint = connection.setSavepoint();
      producer.enqueue(connection, List.of(job("1")));
      connection.rollback(savepoint);
      connection.commit();
      awaitLook(connection);
      assertThat(hints.availablePermits()).isZero();

      producer.enqueue(connection, List.of(job("2")));
      savepoint = connection.setSavepoint();
      producer.enqueue(connection, List.of(job("3")));
      connection.rollback(savepoint);
      connection.commit();
    }
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
  }

  /** Waits until jobs of callers' transactions were looked for, and those found were told of. */
  private void awaitLook(Connection connection) throws Exception {
    var barrier = new Semaphore(0);
    JobQueue.Subscription subscription = worker.jobQueue().onWork("barrier", barrier::release);
    producer.enqueue(connection, List.of(NewJob.builder("barrier", "1", "t", "p").build()));
    connection.commit();
    assertThat(barrier.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
    subscription.close();
  }

  @Test
  @DisplayName("Q55 a commit wakes also if looks before met a dead connection")
  void looksFail() throws Exception {
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      producer.enqueue(connection, List.of(job("1")));
      for (int i = 0; i < 2; i++) {
        Await.until(
            () ->
                !"0"
                    .equals(
                        TestDatabase.answer(
                            url,
                            "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                                + " where datname = current_database() and query like '%as s(queue, id)%'"
                                + " and pid <> pg_backend_pid()")));
      }
      assertThat(hints.availablePermits()).isZero();
      connection.commit();
    }
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  @DisplayName("Q55 a caller's transaction sends nothing, for its commit would wait for others")
  void sentApart() throws Exception {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      PGConnection caller = connection.unwrap(PGConnection.class);
      statement.execute("listen " + PostgresqlNotifications.channel("public"));
      connection.setAutoCommit(false);
      producer.enqueue(connection, List.of(job("1")));
      connection.commit();
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      statement.execute("select 1");

      assertThat(caller.getNotifications())
          .isNotEmpty()
          .allSatisfy(sent -> assertThat(sent.getPID()).isNotEqualTo(caller.getBackendPID()));
    }
  }

  @Test
  @DisplayName("Q55 a hint after the commit by the thread that enqueued ends the looks")
  void hintAfterCommit() throws Exception {
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      producer.enqueue(connection, List.of(job("1")));
      producer.jobQueue().hint("other");
      CompletableFuture.runAsync(() -> producer.jobQueue().hint("q")).get(2, TimeUnit.MINUTES);
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      Await.until(() -> producer.hints.remembered() == 1);

      producer.jobQueue().hint("q");
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      Await.until(() -> producer.hints.remembered() == 0);
      connection.commit();
    }
  }

  @Test
  @DisplayName("Q55 a process remembers so many new jobs of callers' transactions, the last ones")
  void boundOfLooks() throws Exception {
    List<NewJob> many =
        IntStream.range(0, UnseenJobs.MOST)
            .mapToObj(i -> NewJob.builder("queue-" + i, "1", "t", "p").build())
            .toList();
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      producer.enqueue(connection, many);
      assertThat(producer.hints.remembered()).isEqualTo(UnseenJobs.MOST);
      for (int i = 0; i < 2 * UnseenJobs.MOST_OF_A_CALLER; i++) {
        producer.enqueue(connection, List.of(job("job-" + i)));
      }
      assertThat(producer.hints.remembered())
          .isEqualTo(UnseenJobs.MOST - 1 + UnseenJobs.MOST_OF_A_CALLER);
      connection.commit();
    }
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
    Await.until(() -> producer.hints.remembered() == 0);
  }

  @Test
  @DisplayName("Q55 a hint that fails, even with an error, does not end the hints")
  void hintFails() throws Exception {
    worker
        .jobQueue()
        .onWork(
            "q",
            () -> {
              throw new AssertionError("a hint fails");
            });
    for (String id : List.of("1", "2")) {
      producer.jobQueue().enqueue(List.of(job(id)));
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
    }
  }

  @Test
  @DisplayName(
      "Q55 a listening connection that is cut comes back, and wakes for what it may have missed")
  void reconnect() throws Exception {
    TestDatabase.execute(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity"
            + " where datname = current_database() and query like 'listen%'");
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).as("the hint of the new connection").isTrue();
    hints.drainPermits();

    producer.jobQueue().enqueue(List.of(job("1")));
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  @DisplayName("Q55 notifications of others on the channel do not end the listening connection")
  void strangeNews() throws Exception {
    String listening =
        "select string_agg(pid::text, ' ' order by pid) from pg_stat_activity"
            + " where datname = current_database() and state = 'idle'"
            + " and (query like 'listen%' or query = 'select 1')";
    String before = TestDatabase.answer(url, listening);
    for (String news : List.of("", "x", "<", ">")) {
      TestDatabase.execute(
          url, "notify " + PostgresqlNotifications.channel("public") + ", '" + news + "'");
    }
    hints.drainPermits();

    producer.jobQueue().enqueue(List.of(job("1")));

    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
    assertThat(TestDatabase.answer(url, listening)).isNotNull().isEqualTo(before);
  }

  @Test
  @DisplayName("Q55 a subscription that is closed hears no more, and others go on")
  void closed() throws Exception {
    var calls = new AtomicInteger();
    var gone = worker.jobQueue().onWork("q", calls::incrementAndGet);
    gone.close();
    gone.close();
    int before = calls.get();

    producer.jobQueue().enqueue(List.of(job("1")));
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
    assertThat(calls.get()).isEqualTo(before);
  }

  @Test
  @DisplayName("Q55 a job that is due again at once wakes a worker of another process")
  void dueAgain() throws Exception {
    producer.jobQueue().enqueue(List.of(job("1"), job("2")));
    List<ClaimedJob> jobs =
        producer.jobQueue().claim(ClaimRequest.of("q", "w", 2, Duration.ofMinutes(1))).jobs();
    awaitQuiet();

    producer.jobQueue().settle(List.of(Settlement.released(jobs.get(0).lease(), Duration.ZERO)));
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).as("released").isTrue();
    awaitQuiet();
    producer
        .jobQueue()
        .settleAndClaim(
            List.of(Settlement.retry(jobs.get(1).lease(), Duration.ZERO, "error")),
            ClaimRequest.of("other", "w", 1, Duration.ofMinutes(1)));
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).as("to retry").isTrue();
  }

  /** Waits until what was sent before has arrived. */
  private void awaitQuiet() throws Exception {
    var barrier = new Semaphore(0);
    JobQueue.Subscription subscription = worker.jobQueue().onWork("barrier", barrier::release);
    producer.jobQueue().enqueue(List.of(NewJob.builder("barrier", "1", "t", "p").build()));
    assertThat(barrier.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
    producer.jobAdmin().delete("barrier", "1");
    subscription.close();
    hints.drainPermits();
  }

  @Test
  @DisplayName("Q55 a store in another schema of the database hears nothing")
  void otherSchema() throws Exception {
    TestDatabase.execute(url, "create schema other");
    try (var others = JdbcBackend.open(TestDatabase.config(url + "&currentSchema=other"))) {
      var elsewhere = new Semaphore(0);
      others.jobQueue().onWork("q", elsewhere::release);
      assertThat(elsewhere.tryAcquire(2, TimeUnit.MINUTES)).as("it listens now").isTrue();

      producer.jobQueue().enqueue(List.of(job("1")));
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      others.jobQueue().onWork("barrier", elsewhere::release);
      // The same schema, named in another way.
      try (var sender = JdbcBackend.open(TestDatabase.config(url).withSchema("other"))) {
        sender.jobQueue().enqueue(List.of(NewJob.builder("barrier", "1", "t", "p").build()));
        assertThat(elsewhere.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      }
      assertThat(elsewhere.availablePermits()).isZero();
    }
  }

  @Test
  @DisplayName("Q55 a thousand queues that were used once leave nothing behind in the process")
  void usedOnce() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      String queue = "queue-" + i;
      JobQueue.Subscription subscription = producer.jobQueue().onWork(queue, () -> {});
      producer.jobQueue().enqueue(List.of(NewJob.builder(queue, "1", "t", "p").build()));
      subscription.close();
    }
    Await.until(() -> producer.hints.remembered() == 0);
  }

  @Test
  @DisplayName("Q55 hints in one process do not wait for the connection that notifies others")
  void noConnection() throws Exception {
    try (var busy = JdbcBackend.open(TestDatabase.config(url).withPoolSize(1))) {
      var here = new Semaphore(0);
      busy.jobQueue().onWork("q", here::release);
      assertThat(here.tryAcquire(2, TimeUnit.MINUTES)).as("it listens now").isTrue();
      var free = new CountDownLatch(1);
      var taken = new CountDownLatch(1);
      var reading =
          CompletableFuture.runAsync(
              () ->
                  busy.database.read(
                      "hold the connection",
                      session -> {
                        taken.countDown();
                        await(free);
                        return session;
                      }));
      taken.await();
      for (int i = 0; i < 2; i++) {
        // By itself, it goes over another connection.
        busy.jobQueue().enqueue(List.of(job("job-" + i)));
        assertThat(here.tryAcquire(1, TimeUnit.MINUTES)).isTrue();
      }
      free.countDown();
      reading.get(2, TimeUnit.MINUTES);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }
}
