package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.NewJob;
import dev.lease.testkit.server.TestServers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Hints from one process to another, here two store objects on one PostgreSQL. */
class WakeupTest {

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
    try (Connection connection = DriverManager.getConnection(url)) {
      connection.setAutoCommit(false);
      producer.enqueue(connection, List.of(job("1")));
      connection.rollback();
      // A notification of the rolled-back transaction would come before this one.
      var barrier = new Semaphore(0);
      worker.jobQueue().onWork("barrier", barrier::release);
      producer.jobQueue().enqueue(List.of(NewJob.builder("barrier", "1", "t", "p").build()));
      assertThat(barrier.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
      assertThat(hints.availablePermits()).isZero();
      producer.enqueue(connection, List.of(job("2")));
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

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }
}
