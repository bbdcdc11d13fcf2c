package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import dev.lease.StepTransaction;
import dev.lease.StoreException;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

abstract class CallersTransactionContract {

  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final int ROUNDS = 30;

  private final TestDatabase kind;

  private String url;
  private JdbcBackend backend;
  private Connection connection;

  CallersTransactionContract(TestDatabase kind) {
    this.kind = kind;
  }

  @BeforeEach
  void open() throws SQLException {
    url = kind.newUrl();
    backend = JdbcBackend.open(TestDatabase.config(url));
    connection = DriverManager.getConnection(url);
    try (Statement statement = connection.createStatement()) {
      statement.execute("create table orders (id varchar(100) primary key)");
    }
    connection.setAutoCommit(false);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    backend.close();
  }

  @Test
  @DisplayName("Q08 a job enqueued in the caller's transaction is invisible before the commit")
  void commit() throws SQLException {
    assertThat(backend.enqueue(connection, List.of(job("1"))))
        .containsExactly(Enqueued.of("1", true));

    assertThat(backend.jobQueue().find("q", "1")).isEmpty();
    connection.commit();
    assertThat(backend.jobQueue().find("q", "1")).isPresent();
  }

  @Test
  @DisplayName("Q08 a job enqueued in the caller's transaction is gone after a rollback")
  void rollback() throws SQLException {
    backend.enqueue(connection, List.of(job("1")));
    connection.rollback();

    assertThat(backend.jobQueue().find("q", "1")).isEmpty();
    assertThat(backend.jobQueue().enqueue(List.of(job("1"))))
        .containsExactly(Enqueued.of("1", true));
  }

  @Test
  @DisplayName("Q55 a job enqueued in the caller's transaction wakes its process after the commit")
  void hint() throws Exception {
    var hints = new Semaphore(0);
    var barrier = new Semaphore(0);
    backend.jobQueue().onWork("q", hints::release);
    backend.jobQueue().onWork("barrier", barrier::release);
    if (kind == TestDatabase.POSTGRESQL) {
      assertThat(barrier.tryAcquire(2, TimeUnit.MINUTES)).as("it listens now").isTrue();
      assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).as("it listens now").isTrue();
    }
    backend.enqueue(connection, List.of(job("1")));
    connection.rollback();
    backend.enqueue(connection, List.of(NewJob.builder("barrier", "1", "t", "p").build()));
    connection.commit();
    assertThat(barrier.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
    assertThat(hints.availablePermits()).isZero();

    backend.enqueue(connection, List.of(job("2"), job("3")));
    connection.commit();
    assertThat(hints.tryAcquire(2, TimeUnit.MINUTES)).isTrue();
  }

  @Test
  @DisplayName("Q08 a duplicate does not abort the caller's transaction")
  void duplicate() throws SQLException {
    backend.jobQueue().enqueue(List.of(keyed("1")));

    List<Enqueued> enqueued = backend.enqueue(connection, List.of(keyed("2"), job("1"), job("3")));
    insertOrder("o1");
    connection.commit();

    assertThat(enqueued)
        .containsExactly(Enqueued.of("1", false), Enqueued.of("1", false), Enqueued.of("3", true));
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q08 a concurrent enqueue of the key ends with one job when the transaction commits")
  void concurrentCommit() throws Exception {
    backend.enqueue(connection, List.of(keyed("1")));
    CompletableFuture<List<Enqueued>> other =
        CompletableFuture.supplyAsync(() -> backend.jobQueue().enqueue(List.of(keyed("2"))));
    awaitBlocked();
    connection.commit();

    assertThat(other.get(2, TimeUnit.MINUTES)).containsExactly(Enqueued.of("1", false));
    assertThat(backend.jobQueue().find("q", "2")).isEmpty();
  }

  @Test
  @DisplayName(
      "Q08 a concurrent enqueue of the key ends with one job when the transaction rolls back")
  void concurrentRollback() throws Exception {
    backend.enqueue(connection, List.of(keyed("1")));
    CompletableFuture<List<Enqueued>> other =
        CompletableFuture.supplyAsync(() -> backend.jobQueue().enqueue(List.of(keyed("2"))));
    awaitBlocked();
    connection.rollback();

    assertThat(other.get(2, TimeUnit.MINUTES)).containsExactly(Enqueued.of("2", true));
    assertThat(backend.jobQueue().find("q", "1")).isEmpty();
  }

  @Test
  @DisplayName("Q08 W23 those who wait for a key that a transaction has taken hinder nobody else")
  void waitingForAKey() throws Exception {
    JdbcConfig config = JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(30));
    try (var store = JdbcBackend.open(config)) {
      JobLease lease = claim("1").lease();
      Lease name = store.leaseStore().acquire("name", "me", LEASE).orElseThrow();
      backend.enqueue(connection, List.of(keyed("taken")));
      var waiting = new ArrayList<CompletableFuture<List<Enqueued>>>();
      // More batches than there are connections for them, and as many single jobs.
      for (int i = 0; i < 4; i++) {
        List<NewJob> single = List.of(keyed("single" + i));
        List<NewJob> batch = List.of(keyed("batch" + i), job("beside" + i));
        waiting.add(asked(() -> store.jobQueue().enqueue(single)));
        waiting.add(asked(() -> store.jobQueue().enqueue(batch)));
      }
      awaitBlocked();

      assertThat(store.jobQueue().find("q", "1")).isPresent();
      if (kind != TestDatabase.SQLITE) {
        assertThat(store.leaseStore().renew(name, LEASE)).isPresent();
        assertThat(store.jobQueue().checkpoint(lease, "step", "value")).hasValue("value");
        assertThat(store.jobQueue().progress(lease, Progress.of(50, "half"))).isTrue();
        assertThat(store.jobAdmin().counts().queues()).hasSize(1);
        for (List<NewJob> free : List.of(elsewhere("1"), elsewhere("2", "3"))) {
          assertThat(store.jobQueue().enqueue(free)).allMatch(Enqueued::created);
        }
        assertThat(store.jobQueue().claim(ClaimRequest.of("elsewhere", "w", 3, LEASE)).jobs())
            .hasSize(3);
      }
      assertThat(waiting).noneMatch(CompletableFuture::isDone);
      connection.rollback();
      var created = new ArrayList<Boolean>();
      for (CompletableFuture<List<Enqueued>> call : waiting) {
        created.add(call.get(2, TimeUnit.MINUTES).get(0).created());
      }
      assertThat(created).as("one of them has the key").containsOnlyOnce(true);
    }
  }

  private static List<NewJob> elsewhere(String... ids) {
    return Stream.of(ids).map(id -> NewJob.builder("elsewhere", id, "t", "p").build()).toList();
  }

  private static <T> CompletableFuture<T> asked(Supplier<T> call) {
    return CompletableFuture.supplyAsync(call, task -> new Thread(task).start());
  }

  @Test
  @DisplayName("Q24 Q31 progress that a step tells does not wait for the step's own transaction")
  void stepTellsOfItsProgress() throws Exception {
    try (var store = JdbcBackend.open(JdbcConfig.of(url))) {
      JobLease lease = claim("1").lease();
      var waiting = new ArrayList<CompletableFuture<Optional<String>>>();
      backend.step(
          connection,
          lease,
          "place",
          () -> {
            waiting.add(asked(() -> store.jobQueue().checkpoint(lease, "other", "value")));
            awaitBlocked();
            assertThatThrownBy(() -> store.jobQueue().progress(lease, Progress.of(50, "half")))
                .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.isBusy()).isTrue());
            assertThat(waiting).as("it waits for the end").noneMatch(CompletableFuture::isDone);
            return placed("o1");
          });
      connection.commit();

      assertThat(waiting.get(0).get(2, TimeUnit.MINUTES)).hasValue("value");
      assertThat(store.jobQueue().progress(lease, Progress.of(50, "half"))).isTrue();
      assertThat(orders()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("Q31 an effect and the settlement in one transaction commit together")
  void settleCommit() throws SQLException {
    ClaimedJob job = claim("1");
    insertOrder("o1");
    backend.settle(connection, Settlement.done(job.lease(), "placed"));
    connection.commit();

    assertThat(state("1")).isEqualTo(JobState.DONE);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q31 an effect and the settlement in one transaction roll back together")
  void settleRollback() throws SQLException {
    ClaimedJob job = claim("1");
    insertOrder("o1");
    backend.settle(connection, Settlement.done(job.lease(), "placed"));
    connection.rollback();

    assertThat(state("1")).isEqualTo(JobState.PROCESSING);
    assertThat(orders()).isZero();
    assertThat(backend.jobQueue().settle(List.of(Settlement.done(job.lease()))))
        .containsExactly(Settlement.Result.ACCEPTED);
  }

  @Test
  @DisplayName("Q31 a lost lease throws in the caller's transaction, so that it rolls back")
  void settleLost() throws SQLException {
    ClaimedJob job = claim("1");
    backend.jobQueue().settle(List.of(Settlement.released(job.lease(), Duration.ZERO)));
    ClaimedJob again =
        backend.jobQueue().claim(ClaimRequest.of("q", "other", 1, LEASE)).jobs().get(0);

    insertOrder("o1");
    assertThatThrownBy(() -> backend.settle(connection, Settlement.done(job.lease())))
        .isInstanceOf(LeaseLostException.class)
        .hasMessageContaining("job 1 of queue q")
        .hasMessageContaining(Long.toString(job.lease().token()));
    connection.rollback();

    assertThat(orders()).isZero();
    assertThat(state("1")).isEqualTo(JobState.PROCESSING);
    assertThat(again.lease().token()).isGreaterThan(job.lease().token());
  }

  @Test
  @DisplayName("Q26 a checkpoint in the caller's transaction commits or rolls back with it")
  void checkpoint() throws SQLException {
    ClaimedJob job = claim("1");
    assertThat(backend.checkpoint(connection, job.lease(), "charge", "a")).isEqualTo("a");
    connection.rollback();
    assertThat(backend.checkpoint(connection, job.lease(), "charge", "b")).isEqualTo("b");
    connection.commit();

    assertThat(backend.jobQueue().checkpoints(job.lease()).orElseThrow())
        .containsExactly(entry("charge", "b"));
  }

  @Test
  @DisplayName("Q26 Q31 a step's effect and its value commit together, and it is not run again")
  void step() throws Exception {
    JobLease lease = claim("1").lease();
    assertThat(backend.step(connection, lease, "place", () -> placed("o1"))).isEqualTo("o1");
    assertThat(backend.step(connection, lease, "place", () -> placed("o2"))).isEqualTo("o1");
    assertThat(orders()).isZero();
    connection.commit();

    assertThat(backend.step(connection, lease, "place", () -> placed("o3"))).isEqualTo("o1");
    StepTransaction<Connection> steps = backend.steps(connection);
    assertThat(steps.commits()).isFalse();
    assertThat(steps.run(lease, "other", it -> placed("o4"))).isEqualTo("o4");
    connection.rollback();
    assertThat(steps.run(lease, "other", it -> placed("o4"))).isEqualTo("o4");
    connection.commit();
    assertThat(orders()).isEqualTo(2);
    assertThat(checkpoints(lease)).containsExactly(entry("place", "o1"), entry("other", "o4"));
  }

  @Test
  @DisplayName("Q26 Q31 a step that is not committed leaves neither an effect nor a value")
  void stepRollback() throws Exception {
    JobLease lease = claim("1").lease();
    var failure = new IOException("no answer");
    assertThatThrownBy(
            () ->
                backend.step(
                    connection,
                    lease,
                    "place",
                    () -> {
                      insertOrder("o1");
                      throw failure;
                    }))
        .isSameAs(failure);
    connection.rollback();
    assertThat(orders()).isZero();

    // As it is when the process dies.
    backend.step(connection, lease, "place", () -> placed("o2"));
    connection.close();
    assertThat(orders()).isZero();
    assertThat(checkpoints(lease)).isEmpty();

    connection = newConnection();
    assertThat(backend.step(connection, lease, "place", () -> placed("o3"))).isEqualTo("o3");
    connection.commit();
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q26 a step that failed keeps nothing, even if the caller commits")
  void stepFailedAndCommitted() throws Exception {
    JobLease lease = claim("1").lease();
    assertThatThrownBy(
            () ->
                backend.step(
                    connection,
                    lease,
                    "place",
                    () -> {
                      throw new IOException();
                    }))
        .isInstanceOf(IOException.class);
    connection.commit();

    assertThat(checkpoints(lease)).isEmpty();
  }

  @Test
  @DisplayName("Q26 Q31 a stale holder's step is lost before it runs, and stores nothing")
  void stepLost() throws Exception {
    JobLease stale = claim("1").lease();
    JobLease lease = claimAgain(stale);

    assertThatThrownBy(() -> backend.step(connection, stale, "place", () -> placed("o1")))
        .isInstanceOf(LeaseLostException.class)
        .hasMessageContaining("run a step of job 1 of queue q")
        .hasMessageContaining(Long.toString(stale.token()));
    connection.rollback();

    assertThat(orders()).isZero();
    assertThat(checkpoints(lease)).isEmpty();
    assertThat(backend.step(connection, lease, "place", () -> placed("o2"))).isEqualTo("o2");
    connection.commit();
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q23 Q31 nobody claims or resets an expired job while a step of it is under way")
  void stepHoldsAnExpiredJob() throws Exception {
    JobLease lease = claim("1").lease();
    TestDatabase.execute(url, "update lease_job set expires_at = 1");
    backend.step(connection, lease, "place", () -> placed("o1"));

    if (kind == TestDatabase.SQLITE) {
      assertWaits(queue -> queue.claim(ClaimRequest.of("q", "other", 1, LEASE)).jobs());
    } else {
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "other", 1, LEASE)).jobs())
          .isEmpty();
      assertThat(backend.jobAdmin().resetExpired("q", 1).count()).isZero();
    }
    connection.commit();

    assertThat(orders()).isEqualTo(1);
    List<ClaimedJob> again = new ArrayList<>();
    // It may have to wait for a full look.
    Await.until(
        () ->
            again.addAll(backend.jobQueue().claim(ClaimRequest.of("q", "other", 1, LEASE)).jobs()));
    assertThat(checkpoints(again.get(0).lease())).containsExactly(entry("place", "o1"));
  }

  @Test
  @DisplayName("Q22 Q31 a job is held from before the work of a step until the transaction ends")
  void stepIsBusy() throws Exception {
    JobLease lease = claim("1").lease();
    backend.step(
        connection,
        lease,
        "place",
        () -> {
          assertBusy(lease);
          return "placed";
        });
    assertBusy(lease);
    connection.commit();

    assertThat(backend.jobQueue().extend(List.of(lease), LEASE).get(0))
        .isInstanceOf(Extension.Held.class);
  }

  private void assertBusy(JobLease lease) {
    if (kind == TestDatabase.SQLITE) {
      assertWaits(queue -> queue.extend(List.of(lease), LEASE));
    } else {
      assertThat(backend.jobQueue().extend(List.of(lease), LEASE))
          .containsExactly(Extension.busy());
    }
  }

  /** Calls a store that does not wait for long for the one writer. */
  private void assertWaits(Consumer<JobQueue> call) {
    try (var other =
        JdbcBackend.open(TestDatabase.config(url).withCallTimeout(Duration.ofMillis(100)))) {
      assertThatThrownBy(() -> call.accept(other.jobQueue())).isInstanceOf(StoreException.class);
    }
  }

  @Test
  @DisplayName("Q29 Q31 of the steps of two holders exactly one has an effect, in whatever order")
  void stepRaces() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      String id = "job-" + round;
      backend.jobQueue().enqueue(List.of(NewJob.builder(id, id, "t", "p").build()));
      JobLease stale =
          backend.jobQueue().claim(ClaimRequest.of(id, "w", 1, LEASE)).jobs().get(0).lease();
      TestDatabase.execute(url, "update lease_job set expires_at = 1 where id = '" + id + "'");

      List<String> answers =
          Together.run(
              List.of(
                  () -> stepOrLost(stale),
                  () -> {
                    List<ClaimedJob> claimed =
                        backend.jobQueue().claim(ClaimRequest.of(id, "other", 1, LEASE)).jobs();
                    return claimed.isEmpty() ? "held" : stepOrLost(claimed.get(0).lease());
                  }));

      assertThat(orders()).as("after %s", answers).isEqualTo(round + 1);
      Set<String> placed = new HashSet<>(answers);
      placed.removeAll(Set.of("lost", "held"));
      assertThat(placed).as("of %s", answers).hasSize(1);
    }
  }

  /** Runs a step whose order nothing but the step keeps from being placed twice. */
  private String stepOrLost(JobLease lease) throws Exception {
    try (Connection own = newConnection()) {
      try {
        String order = lease.jobId() + " " + lease.token();
        String value =
            backend.step(
                own,
                lease,
                "place",
                () -> {
                  execute(own, "insert into orders values ('" + order + "')");
                  return order;
                });
        own.commit();
        return value;
      } catch (LeaseLostException e) {
        own.rollback();
        return "lost";
      }
    }
  }

  @Test
  @DisplayName("Q09 a value that cannot be kept names its step")
  void stepWithoutValue() throws Exception {
    JobLease lease = claim("1").lease();
    assertThatThrownBy(() -> backend.step(connection, lease, "place", () -> null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the value of step place must not be null");
    assertThatThrownBy(() -> backend.step(connection, lease, " ", () -> placed("o1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("step must not be blank");
    connection.rollback();

    assertThat(checkpoints(lease)).isEmpty();
  }

  @Test
  @DisplayName("Q31 a step works in the transactions of JDBI")
  void stepWithJdbi() throws Exception {
    JobLease lease = claim("1").lease();
    Jdbi jdbi = Jdbi.create(url);
    String value =
        jdbi.inTransaction(
            handle ->
                backend.step(
                    handle.getConnection(),
                    lease,
                    "place",
                    () -> "o" + handle.execute("insert into orders values ('o1')")));

    assertThat(value).isEqualTo("o1");
    assertThat(orders()).isEqualTo(1);
    assertThat(checkpoints(lease)).containsExactly(entry("place", "o1"));
    assertThatThrownBy(
            () ->
                jdbi.useTransaction(
                    handle ->
                        backend.step(
                            handle.getConnection(),
                            lease,
                            "other",
                            () -> {
                              handle.execute("insert into orders values ('o2')");
                              throw new IOException();
                            })))
        .isInstanceOf(IOException.class);
    assertThat(orders()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q08 Q31 L05 an open transaction keeps nobody waiting who has to do with other jobs")
  void hindersNobody() throws Exception {
    assumeTrue(kind != TestDatabase.SQLITE, "SQLite has one writer");
    for (int i = 0; i < 9; i++) {
      backend.jobQueue().enqueue(List.of(job("job-" + i)));
    }
    List<JobLease> leases =
        backend.jobQueue().claim(ClaimRequest.of("q", "w", 9, LEASE)).jobs().stream()
            .map(ClaimedJob::lease)
            .toList();
    try (Connection other = newConnection()) {
      // MariaDB locks the gap between two ids under its default, which is REPEATABLE READ.
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
      // A wait is an error then, and not for ever.
      execute(
          other,
          kind == TestDatabase.POSTGRESQL
              ? "set lock_timeout = '1s'"
              : "set innodb_lock_wait_timeout = 1");
      doAll(connection, "a", leases.subList(0, 3));
      doAll(other, "b", leases.subList(3, 6));
      other.commit();
    }
    JobQueue jobs = backend.jobQueue();
    jobs.enqueue(List.of(job("c"), keyed("c1", "c1"), keyed("c2", "c2")));
    assertThat(jobs.claim(ClaimRequest.of("q", "w", 9, LEASE)).jobs()).hasSize(6);
    assertThat(jobs.extend(leases.subList(6, 9), LEASE)).allMatch(Extension.Held.class::isInstance);
    assertThat(jobs.settle(List.of(Settlement.done(leases.get(6)))))
        .containsExactly(Settlement.Result.ACCEPTED);
    assertThat(
            jobs.settleAndClaim(
                    List.of(Settlement.done(leases.get(7))), ClaimRequest.of("q", "w", 9, LEASE))
                .settled())
        .containsExactly(Settlement.Result.ACCEPTED);
    backend.jobAdmin().delete("q", "job-6");
    connection.commit();
  }

  private void doAll(Connection own, String name, List<JobLease> leases) throws Exception {
    backend.enqueue(own, List.of(job(name), keyed(name + 1, name + 1), keyed(name + 2, name + 2)));
    backend.checkpoint(own, leases.get(0), "step", "value");
    backend.step(own, leases.get(1), "step", () -> "value");
    backend.settle(own, Settlement.done(leases.get(2)));
    backend.fence(own, leases.get(0), name);
  }

  @Test
  @DisplayName("L05 a fence lets equal and larger tokens pass, and refuses smaller ones")
  void fence() throws SQLException {
    for (long token : new long[] {5, 5, 7}) {
      backend.fence(connection, lease("name", token), "resource");
      connection.commit();
    }
    assertRefused(() -> backend.fence(connection, lease("name", 6), "resource"))
        .hasMessage("the fence of resource refused token 6 of lease name: it has seen token 7");
    connection.commit();
    backend.fence(connection, lease("name", 7), "resource");
  }

  @Test
  @DisplayName("L05 a fence that is rolled back remembers nothing")
  void fenceRollback() throws SQLException {
    backend.fence(connection, lease("name", 9), "resource");
    connection.rollback();
    backend.fence(connection, lease("name", 5), "resource");
    connection.commit();
    backend.fence(connection, lease("name", 9), "resource");
    connection.rollback();

    backend.fence(connection, lease("name", 6), "resource");
  }

  @Test
  @DisplayName("L05 a fence that refused is none the wiser")
  void fenceRefusal() throws SQLException {
    backend.fence(connection, lease("name", 5), "resource");
    assertRefused(() -> backend.fence(connection, lease("name", 4), "resource"));
    connection.commit();
    backend.fence(connection, lease("name", 5), "resource");
    assertRefused(() -> backend.fence(connection, lease("unknown", -1), "resource"));
  }

  @Test
  @DisplayName("L16 Q51 the fences of different resources, names and jobs never meet")
  void fenceNames() throws SQLException {
    List<String> names =
        List.of(
            "Lease",
            "lease",
            "lease ",
            "leas\u00e9",
            "lease\u0301",
            "leas\u00e9\u0301",
            "l:e{a}s%e_",
            "'l\"e\\",
            "l\ne",
            "\ud83d\ude00",
            "Aa",
            "BB",
            "x".repeat(Limits.MAX_NAME_BYTES));
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      // From the largest to the smallest token: whatever met another would be refused.
      int token = names.size() - i;
      backend.fence(connection, lease("name", token), name);
      backend.fence(connection, lease(name, token), "resource");
      backend.fence(connection, jobLease(name, "1", token), "resource");
      backend.fence(connection, jobLease("q", name, token), "resource");
    }
    connection.commit();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      int token = names.size() - i - 1;
      assertRefused(() -> backend.fence(connection, lease("name", token), name));
      assertRefused(() -> backend.fence(connection, lease(name, token), "resource"));
      assertRefused(() -> backend.fence(connection, jobLease(name, "1", token), "resource"));
      assertRefused(() -> backend.fence(connection, jobLease("q", name, token), "resource"));
    }
  }

  @Test
  @DisplayName("L17 a resource is a name")
  void fenceBadName() {
    for (String resource : new String[] {"", " ", "a\u0000", "x".repeat(201)}) {
      assertThatThrownBy(() -> backend.fence(connection, lease("name", 1), resource))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("resource must ");
    }
  }

  @Test
  @DisplayName("L08 a named lease is renewed while a transaction that it fences is open")
  void fencedAndRenewed() throws Exception {
    Lease lease = backend.leaseStore().acquire("name", "me", LEASE).orElseThrow();
    backend.fence(connection, lease, "resource");

    if (kind != TestDatabase.SQLITE) {
      assertThat(backend.leaseStore().renew(lease, LEASE)).isPresent();
    }
    connection.commit();
    assertThat(backend.leaseStore().renew(lease, LEASE)).isPresent();
  }

  private static Lease lease(String name, long token) {
    return Lease.of(name, "me", token, Instant.EPOCH, Instant.EPOCH);
  }

  private static JobLease jobLease(String queue, String id, long token) {
    return JobLease.of(queue, id, "me", token, Instant.EPOCH);
  }

  private static AbstractThrowableAssert<?, ?> assertRefused(ThrowingCallable call) {
    return assertThatThrownBy(call).isInstanceOf(LeaseLostException.class);
  }

  @Test
  @DisplayName("Q08 Q31 a connection in auto-commit mode is refused, and nothing is stored")
  void autoCommit() throws SQLException {
    ClaimedJob job = claim("1");
    connection.setAutoCommit(true);
    Map<String, ThrowingCallable> calls =
        Map.of(
            "enqueue", () -> backend.enqueue(connection, List.of(job("2"))),
            "settle", () -> backend.settle(connection, Settlement.done(job.lease())),
            "checkpoint", () -> backend.checkpoint(connection, job.lease(), "step", "value"),
            "step", () -> backend.step(connection, job.lease(), "step", () -> placed("o1")),
            "fence", () -> backend.fence(connection, job.lease(), "resource"));

    calls.forEach(
        (name, call) ->
            assertThatThrownBy(call)
                .as(name)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("auto-commit"));
    assertThat(backend.jobQueue().find("q", "2")).isEmpty();
    assertThat(state("1")).isEqualTo(JobState.PROCESSING);
    assertThat(checkpoints(job.lease())).isEmpty();
    assertThat(orders()).isZero();
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }

  private static NewJob keyed(String id) {
    return keyed(id, "key");
  }

  private static NewJob keyed(String id, String key) {
    return NewJob.builder("q", id, "t", "p").dedupKey(key).build();
  }

  private ClaimedJob claim(String id) {
    backend.jobQueue().enqueue(List.of(job(id)));
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
  }

  private JobState state(String id) {
    return backend.jobQueue().find("q", id).map(Job::state).orElseThrow();
  }

  private JobLease claimAgain(JobLease stale) {
    backend.jobQueue().settle(List.of(Settlement.released(stale, Duration.ZERO)));
    return backend.jobQueue().claim(ClaimRequest.of("q", "other", 1, LEASE)).jobs().get(0).lease();
  }

  private Map<String, String> checkpoints(JobLease lease) {
    return backend.jobQueue().checkpoints(lease).orElseThrow();
  }

  private Connection newConnection() throws SQLException {
    Connection opened = DriverManager.getConnection(url);
    opened.setAutoCommit(false);
    return opened;
  }

  private String placed(String id) throws SQLException {
    insertOrder(id);
    return id;
  }

  private void insertOrder(String id) throws SQLException {
    execute(connection, "insert into orders values ('" + id + "')");
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private int orders() throws SQLException {
    try (Connection reader = DriverManager.getConnection(url);
        Statement statement = reader.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from orders")) {
      row.next();
      return row.getInt(1);
    }
  }

  /**
   * Where the database shows who waits for whom, waits until somebody does; SQLite's writers just
   * queue.
   */
  private void awaitBlocked() throws Exception {
    if (kind != TestDatabase.SQLITE) {
      kind.awaitBlocked(url);
    }
  }
}
