package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.util.DriverDataSource;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StepTransaction;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.postgresql.PGConnection;

/**
 * Where a database has several writers: the row that one has locked costs no other job anything.
 */
class LockedRowsTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q16 a claim skips a row that another transaction has locked, and takes others")
  void claimed(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, 6)) {
      try (Connection other = DriverManager.getConnection(url)) {
        lock(other, "0");

        assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 5, LEASE)).jobs())
            .extracting(job -> job.lease().jobId())
            .containsExactly("1", "2", "3", "4", "5");
        other.rollback();
      }
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 5, LEASE)).jobs()).hasSize(1);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q08 a job whose id another transaction has keeps no other caller's from its queue")
  void enqueued(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    // One more than there are calls that wait.
    JdbcConfig config = TestDatabase.config(url).withPoolSize(4);
    try (var backend = open(config, 0);
        Connection other = DriverManager.getConnection(url)) {
      other.setAutoCommit(false);
      backend.enqueue(other, List.of(job("locked")));
      var waiting = new ArrayList<CompletableFuture<List<Enqueued>>>();
      for (int i = 0; i < 3; i++) {
        waiting.add(enqueueing(backend, job("locked")));
      }
      kind.awaitBlocked(url);

      // Behind it in the index: MariaDB's lock covers the gap before.
      for (int i = 0; i < 4; i++) {
        waiting.add(enqueueing(backend, job("other" + i)));
      }
      for (CompletableFuture<List<Enqueued>> free : waiting.subList(3, 7)) {
        assertThat(free.get(1, TimeUnit.MINUTES)).allMatch(Enqueued::created);
      }
      other.commit();
      for (CompletableFuture<List<Enqueued>> locked : waiting.subList(0, 3)) {
        assertThat(locked.get(1, TimeUnit.MINUTES)).containsExactly(Enqueued.of("locked", false));
      }
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName(
      "Q03 a key whose job another transaction has locked keeps no other caller's job from its queue")
  void enqueuedKey(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    // One more than there are calls that wait.
    JdbcConfig config = TestDatabase.config(url).withPoolSize(4);
    try (var backend = open(config, 0);
        Connection other = DriverManager.getConnection(url)) {
      backend.jobQueue().enqueue(List.of(job("first", "key")));
      lock(other, "first");
      var again = new ArrayList<CompletableFuture<List<Enqueued>>>();
      for (int i = 0; i < 3; i++) {
        again.add(enqueueing(backend, job("again" + i, "key")));
      }
      if (kind == TestDatabase.MARIADB) {
        // PostgreSQL tells of the key without a lock.
        kind.awaitBlocked(url);
      }

      var others = new ArrayList<CompletableFuture<List<Enqueued>>>();
      for (int i = 0; i < 4; i++) {
        others.add(enqueueing(backend, job("other" + i)));
      }
      for (CompletableFuture<List<Enqueued>> free : others) {
        assertThat(free.get(1, TimeUnit.MINUTES)).allMatch(Enqueued::created);
      }
      other.rollback();
      for (CompletableFuture<List<Enqueued>> locked : again) {
        assertThat(locked.get(1, TimeUnit.MINUTES)).containsExactly(Enqueued.of("first", false));
      }
    }
  }

  @Tag("slow")
  @Test
  @DisplayName(
      "Q03 many who ask for a key that another transaction has taken keep nobody from other keys")
  void enqueuedByMany() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    try (var backend = open(url, 0);
        Connection first = DriverManager.getConnection(url);
        Connection second = DriverManager.getConnection(url)) {
      first.setAutoCommit(false);
      backend.enqueue(first, List.of(job("first", "a")));
      second.setAutoCommit(false);
      backend.enqueue(
          second, List.of(NewJob.builder("r", "second", "t", "p").dedupKey("b").build()));
      // So many that one try of each, one after the other, takes longer than a call may.
      var waiting = new ArrayList<CompletableFuture<List<Enqueued>>>();
      for (int i = 0; i < 60; i++) {
        waiting.add(enqueueing(backend, job("again" + i, "a")));
      }
      // Until they have tried once, and stand in line if they do.
      var quiet = new AtomicInteger();
      Await.until(
          () ->
              TestDatabase.POSTGRESQL.countBlocked(url) > 1
                  ? quiet.getAndSet(0) < 0
                  : quiet.incrementAndGet() == 20);
      var other = enqueueing(backend, NewJob.builder("r", "again", "t", "p").dedupKey("b").build());
      String blocked =
          "select count(*) from pg_stat_activity where "
              + second.unwrap(PGConnection.class).getBackendPID()
              + " = any(pg_blocking_pids(pid))";
      Await.until(() -> !TestDatabase.answer(url, blocked).equals("0"));
      Await.until(() -> TestDatabase.answer(url, blocked).equals("0"));
      second.rollback();

      assertThat(other.get(1, TimeUnit.MINUTES)).containsExactly(Enqueued.of("again", true));
      assertThat(waiting).noneMatch(CompletableFuture::isDone);
      first.commit();
      for (CompletableFuture<List<Enqueued>> call : waiting) {
        assertThat(call.get(1, TimeUnit.MINUTES)).containsExactly(Enqueued.of("first", false));
      }
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q03 a job whose id is free again does not wait for all whose ids are locked")
  void enqueuedAmongMany(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    JdbcConfig config = JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(6));
    // So many that one try of each takes more than half of the time; on MariaDB, if each waited for
    // as long as its session lets it.
    List<NewJob> jobs =
        IntStream.range(0, kind == TestDatabase.MARIADB ? 8 : 26)
            .mapToObj(i -> NewJob.builder("locked", "id" + i, "t", "p").build())
            .toList();
    try (var backend = open(config, 0);
        Connection first = DriverManager.getConnection(url);
        Connection second = DriverManager.getConnection(url)) {
      first.setAutoCommit(false);
      backend.enqueue(first, jobs);
      second.setAutoCommit(false);
      backend.enqueue(second, List.of(job("free")));
      var threads = new ArrayList<Thread>();
      var waiting = new ArrayList<CompletableFuture<List<Enqueued>>>();
      for (NewJob job : jobs) {
        waiting.add(
            CompletableFuture.supplyAsync(
                () -> backend.jobQueue().enqueue(List.of(job)), task -> start(threads, task)));
      }
      Await.until(
          () -> threads.stream().filter(LockedRowsTest::isInLine).count() > jobs.size() / 2);
      var free =
          CompletableFuture.supplyAsync(
              () -> backend.jobQueue().enqueue(List.of(job("free"))), task -> start(threads, task));
      Await.until(() -> isInLine(threads.get(jobs.size())));
      second.rollback();

      assertThat(free.get(1, TimeUnit.MINUTES)).containsExactly(Enqueued.of("free", true));
      assertThat(waiting).noneMatch(CompletableFuture::isDone);
      first.commit();
      for (int i = 0; i < jobs.size(); i++) {
        assertThat(waiting.get(i).get(1, TimeUnit.MINUTES))
            .containsExactly(Enqueued.of(jobs.get(i).id(), false));
      }
    }
  }

  @Tag("slow")
  @Test
  @DisplayName("Q03 on MariaDB a single enqueue that is slow, and meets no lock, stores its job")
  void slowInsert() throws Exception {
    String url = TestDatabase.MARIADB.newUrl();
    try (var backend = open(JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(5)), 0)) {
      TestDatabase.execute(
          url,
          "create trigger slow before insert on lease_job for each row set @slow = sleep(0.5)");

      assertThat(backend.jobQueue().enqueue(List.of(job("a"))))
          .containsExactly(Enqueued.of("a", true));
    }
  }

  @Tag("slow")
  @Test
  @DisplayName("Q03 a call that has waited in line for all of its time tries once more")
  void lastTry() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    // The call has half of this time left after its time is over.
    Duration timeout = Duration.ofSeconds(5);
    try (var backend = open(JdbcConfig.of(url).withCallTimeout(timeout), 0);
        Connection other = DriverManager.getConnection(url)) {
      other.setAutoCommit(false);
      backend.enqueue(other, List.of(job("free")));
      var taken = new CompletableFuture<Boolean>();
      var over = new CompletableFuture<Boolean>();
      var holding =
          asked(
              () ->
                  backend
                      .database
                      .on(Lane.ENQUEUEING)
                      .again()
                      .run(
                          "hold the place",
                          session -> {
                            taken.complete(true);
                            return over.join();
                          }));
      taken.get(1, TimeUnit.MINUTES);
      var threads = new ArrayList<Thread>();
      var free =
          CompletableFuture.supplyAsync(
              () -> backend.jobQueue().enqueue(List.of(job("free"))), task -> start(threads, task));
      Await.until(() -> isInLine(threads.get(0)));
      other.rollback();
      threads.get(0).join(timeout.toMillis());
      over.complete(true);

      assertThat(free.get(1, TimeUnit.MINUTES)).containsExactly(Enqueued.of("free", true));
      holding.get(1, TimeUnit.MINUTES);
    }
  }

  private static void start(List<Thread> threads, Runnable task) {
    var thread = new Thread(task);
    threads.add(thread);
    thread.start();
  }

  /** Whether a thread waits for a place among those that wait for locked rows. */
  private static boolean isInLine(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("takePlace"));
  }

  @Tag("slow")
  @Test
  @DisplayName("Q08 calls that wait for a lock let others in between where all have one connection")
  void oneConnection() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    JdbcConfig config = JdbcConfig.of(url).withPoolSize(1).withCallTimeout(Duration.ofSeconds(20));
    try (var backend = open(config, 0);
        Connection other = DriverManager.getConnection(url)) {
      other.setAutoCommit(false);
      backend.enqueue(other, List.of(job("locked")));
      var waiting = new ArrayList<CompletableFuture<List<Enqueued>>>();
      for (int i = 0; i < 4; i++) {
        List<NewJob> batch = List.of(job("free" + i), job("locked"));
        waiting.add(asked(() -> backend.jobQueue().enqueue(batch)));
      }
      TestDatabase.POSTGRESQL.awaitBlocked(url);

      // Those that wait make fewer tries before they give up.
      for (int i = 0; i < 60; i++) {
        assertThat(asked(() -> backend.jobQueue().find("q", "locked")).get(1, TimeUnit.MINUTES))
            .isEmpty();
      }
      assertThat(waiting).noneMatch(CompletableFuture::isDone);
      other.commit();
      for (CompletableFuture<List<Enqueued>> call : waiting) {
        assertThat(call.get(1, TimeUnit.MINUTES)).contains(Enqueued.of("locked", false));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName(
      "L16 a named lease that another transaction has locked keeps nobody from other names")
  void named(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    // One more than there are calls that wait.
    JdbcConfig config = TestDatabase.config(url).withPoolSize(4);
    try (var backend = open(config, 0);
        Connection other = DriverManager.getConnection(url)) {
      LeaseStore store = backend.leaseStore();
      Lease held = store.acquire("locked", "w", LEASE).orElseThrow();
      lockName(other, "locked");
      CompletableFuture<Boolean> released = asked(() -> store.release(held));
      CompletableFuture<Optional<Lease>> acquired =
          asked(() -> store.acquire("locked", "v", LEASE));
      kind.awaitBlocked(url);

      for (String name : List.of("a", "z")) {
        Lease lease =
            asked(() -> store.acquire(name, "w", LEASE)).get(1, TimeUnit.MINUTES).orElseThrow();
        assertThat(asked(() -> store.release(lease)).get(1, TimeUnit.MINUTES)).isTrue();
      }
      other.rollback();
      assertThat(released.get(1, TimeUnit.MINUTES)).isTrue();
      // Whichever of the two came first.
      assertThat(acquired.get(1, TimeUnit.MINUTES))
          .satisfiesAnyOf(
              lease -> assertThat(lease).isEmpty(),
              lease ->
                  assertThat(lease)
                      .hasValueSatisfying(
                          taken -> assertThat(taken.token()).isGreaterThan(held.token())));
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L16 many who ask for a name that another transaction has locked take few places")
  void namedByMany(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    JdbcConfig config = JdbcConfig.of(url).withCallTimeout(Duration.ofMinutes(1));
    try (var backend = open(config, 0);
        Connection other = DriverManager.getConnection(url)) {
      LeaseStore store = backend.leaseStore();
      assertThat(store.acquire("locked", "w", LEASE)).isPresent();
      lockName(other, "locked");
      var asking = new ArrayList<CompletableFuture<Optional<Lease>>>();
      for (int i = 0; i < 40; i++) {
        asking.add(asked(() -> store.acquire("locked", "v", LEASE)));
      }
      kind.awaitBlocked(url);

      for (int i = 0; i < 300; i++) {
        Lease lease = store.acquire("free" + i, "w", LEASE).orElseThrow();
        assertThat(store.release(lease)).isTrue();
        // Two trips, of the others and of the name, and the call that is made by itself.
        assertThat(kind.countBlocked(url)).isLessThan(4);
      }
      other.rollback();
      for (CompletableFuture<Optional<Lease>> lease : asking) {
        assertThat(lease.get(1, TimeUnit.MINUTES)).isEmpty();
      }
    }
  }

  private static <T> CompletableFuture<T> asked(Supplier<T> call) {
    return CompletableFuture.supplyAsync(call, task -> new Thread(task).start());
  }

  private static void lockName(Connection connection, String name) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("select 1 from lease_lease where name = '" + name + "' for update");
    }
  }

  private static CompletableFuture<List<Enqueued>> enqueueing(JdbcBackend backend, NewJob job) {
    return asked(() -> backend.jobQueue().enqueue(List.of(job)));
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }

  private static NewJob job(String id, String key) {
    return NewJob.builder("q", id, "t", "p").dedupKey(key).build();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName(
      "Q22 a lease whose row a transaction has locked is busy, and costs no other its extension")
  void extended(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, 3);
        Connection other = DriverManager.getConnection(url)) {
      List<JobLease> leases =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE)).jobs().stream()
              .map(ClaimedJob::lease)
              .toList();
      lock(other, "1");

      List<Extension> extensions = backend.jobQueue().extend(leases, LEASE.multipliedBy(2));

      assertThat(extensions.get(0)).isInstanceOf(Extension.Held.class);
      assertThat(extensions.get(1)).isEqualTo(Extension.busy());
      assertThat(extensions.get(2)).isInstanceOf(Extension.Held.class);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q22 leases that are free are extended before a call waits for one that is locked")
  void extendedFirst(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    // The longest wait is a part of this: long enough that it can be seen.
    // One more than there are calls that wait.
    JdbcConfig config = TestDatabase.config(url).withPoolSize(4);
    try (var backend = open(config, 3);
        Connection other = DriverManager.getConnection(url)) {
      List<JobLease> leases =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE)).jobs().stream()
              .map(ClaimedJob::lease)
              .toList();
      lock(other, "1");
      var extending =
          CompletableFuture.supplyAsync(
              () -> backend.jobQueue().extend(leases, LEASE.multipliedBy(2)));

      kind.awaitBlocked(url);

      for (int free : new int[] {0, 2}) {
        assertThat(backend.jobQueue().find("q", Integer.toString(free)))
            .map(Job::lease)
            .hasValueSatisfying(
                lease -> assertThat(lease.expiresAt()).isAfter(leases.get(free).expiresAt()));
      }
      other.rollback();
      assertThat(extending.get(1, TimeUnit.MINUTES))
          .hasOnlyElementsOfTypes(Extension.Held.class, Extension.Busy.class);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q22 a holder whose checkpoints follow one another closely is never busy for long")
  void extendedAmongCheckpoints(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = open(url, 1)) {
      JobLease lease =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      neverBusy(
          backend,
          lease,
          i ->
              assertThat(backend.jobQueue().checkpoint(lease, "step " + i % 100, "v")).isPresent());
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName(
      "Q22 a holder whose steps are transactions one after the other is never busy for long")
  void extendedAmongSteps(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    var source = new DriverDataSource(url, null, new Properties(), null, null);
    try (var backend = open(url, 1)) {
      JobLease lease =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      StepTransaction<Connection> steps = backend.steps(source);
      neverBusy(
          backend,
          lease,
          i ->
              steps.run(
                  lease,
                  "step " + i,
                  connection -> {
                    Thread.sleep(20);
                    return "v";
                  }));
    }
  }

  private interface Work {
    void run(int i) throws Exception;
  }

  /** Extends a lease again and again while the holder works in a loop. */
  private static void neverBusy(JdbcBackend backend, JobLease lease, Work work) throws Exception {
    var ended = new AtomicBoolean();
    var working =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; !ended.get(); i++) {
                try {
                  work.run(i);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              }
            });
    try {
      for (int i = 0; i < 60; i++) {
        assertThat(backend.jobQueue().extend(List.of(lease), LEASE))
            .as("extension %d", i)
            .hasOnlyElementsOfType(Extension.Held.class);
        assertThat(working).isNotDone();
      }
    } finally {
      ended.set(true);
    }
    working.get(2, TimeUnit.MINUTES);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName(
      "Q39 a settlement whose row is locked is busy after a moment; the others and a claim go on")
  void settled(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, 4);
        Connection other = DriverManager.getConnection(url)) {
      List<JobLease> leases =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE)).jobs().stream()
              .map(ClaimedJob::lease)
              .toList();
      List<Settlement> settlements =
          List.of(
              Settlement.done(leases.get(0)),
              Settlement.released(leases.get(1), Duration.ZERO),
              Settlement.done(leases.get(2)));
      lock(other, "1");

      SettledAndClaimed both =
          backend.jobQueue().settleAndClaim(settlements, ClaimRequest.of("q", "w", 1, LEASE));

      assertThat(both.settled())
          .containsExactly(
              Settlement.Result.ACCEPTED, Settlement.Result.BUSY, Settlement.Result.ACCEPTED);
      assertThat(both.claim().jobs()).extracting(job -> job.lease().jobId()).containsExactly("3");
      other.rollback();
      assertThat(backend.jobQueue().settle(settlements))
          .containsExactly(
              Settlement.Result.LOST, Settlement.Result.ACCEPTED, Settlement.Result.LOST);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q39 what is done, lost or locked is told apart, each on its own")
  void toldApart(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, 3);
        Connection other = DriverManager.getConnection(url)) {
      List<JobLease> leases =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 3, LEASE)).jobs().stream()
              .map(ClaimedJob::lease)
              .toList();
      backend.jobQueue().settle(List.of(Settlement.done(leases.get(2))));
      lock(other, "1");
      var rows =
          new RowBatch(
              3,
              RowBatch.text("queue"),
              RowBatch.text("id"),
              RowBatch.number("token"),
              RowBatch.number("outcome"),
              RowBatch.number("keep"),
              RowBatch.number("forgets"),
              RowBatch.text("result"),
              RowBatch.text("error"));
      leases.forEach(lease -> rows.add("q", lease.jobId(), lease.token(), 3L, 1L, 0L, null, null));

      StyleStatements.UpdateResult[] changes =
          backend.database.transact(
              "settle",
              session ->
                  backend
                      .database
                      .statements()
                      .updateEach(session, Sql.JOB_FINISH, rows, LockWait.NONE)
                      .results());

      assertThat(changes)
          .containsExactly(
              StyleStatements.UpdateResult.UPDATED,
              StyleStatements.UpdateResult.LOCKED,
              StyleStatements.UpdateResult.LOST);
    }
  }

  private static List<Settlement> done(JdbcBackend backend, int jobs) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", jobs, LEASE)).jobs().stream()
        .<Settlement>map(job -> Settlement.done(job.lease()))
        .toList();
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q46 a purge waits for no job that a transaction has locked")
  void purged(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, 11);
        Connection other = DriverManager.getConnection(url)) {
      backend.jobQueue().settle(done(backend, 10));
      lock(other, "10");

      assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 10)).isEqualTo(10);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q74 a claim lets jobs go beside one that a transaction has locked, and that later")
  void letGoBesideLocked(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, 0);
        Connection other = DriverManager.getConnection(url)) {
      GraphPiece.Builder piece =
          GraphPiece.builder("q", "g").part(GraphPart.of("a")).job("a", job("a"));
      for (String part : List.of("b", "c")) {
        piece.part(GraphPart.of(part).after("a", OnFailure.CANCEL));
        piece.job(part, job(part + "0")).job(part, job(part + "1"));
      }
      backend.jobGraphs().add(piece.last(3, 5).build());
      backend.jobQueue().settle(List.of(Settlement.done(claim(backend).get(0).lease())));
      lock(other, "b0");

      List<ClaimedJob> beside = claim(backend);
      assertThat(ids(beside)).as("beside the locked one").containsExactly("c0", "c1");
      other.rollback();
      assertThat(ids(claim(backend))).as("then").containsExactly("b0", "b1");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q59 Q76 a claim does not wait for a requeued job that a transaction has locked")
  void requeuedBesideLocked(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, 0);
        Connection other = DriverManager.getConnection(url)) {
      backend
          .jobGraphs()
          .add(
              GraphPiece.builder("q", "g")
                  .part(GraphPart.of("a"))
                  .job("a", job("a"))
                  .last(1, 1)
                  .build());
      backend.jobQueue().settle(List.of(Settlement.failed(claim(backend).get(0).lease(), "no")));
      assertThat(claim(backend)).isEmpty();
      backend.jobAdmin().requeue("q", "a");
      lock(other, "a");
      // What waits for the row lets nothing go.
      backend
          .jobGraphs()
          .add(
              GraphPiece.builder("q", "h")
                  .part(GraphPart.of("b"))
                  .job("b", job("b"))
                  .last(1, 1)
                  .build());

      assertThat(ids(claim(backend))).as("beside the locked one").containsExactly("b");
      other.rollback();
      assertThat(ids(claim(backend))).as("then").containsExactly("a");
    }
  }

  private static List<ClaimedJob> claim(JdbcBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs();
  }

  private static List<String> ids(List<ClaimedJob> jobs) {
    return jobs.stream().map(job -> job.lease().jobId()).toList();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q46 a purge passes over a finished job that a transaction has locked")
  void purgedBesideLocked(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, 4);
        Connection other = DriverManager.getConnection(url)) {
      List<Settlement> done = done(backend, 4);
      backend.jobQueue().settle(done.subList(0, 1));
      backend.jobQueue().settle(done.subList(1, 4));
      TestDatabase.execute(url, "update lease_job set kept_until = finished_at");
      lock(other, done.get(0).lease().jobId());

      assertThat(backend.jobAdmin().purge("q", Duration.ZERO, 2)).as("by age").isEqualTo(2);
      assertThat(backend.jobAdmin().purge("q", 10)).as("by retention").isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName(
      "Q41 a reset goes on past jobs that others have locked, and is short only at the end")
  void reset(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, 12);
        Connection other = DriverManager.getConnection(url)) {
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 12, LEASE)).jobs()).hasSize(12);
      TestDatabase.execute(url, "update lease_job set expires_at = 1");
      for (int i : new int[] {0, 1, 2, 4, 5, 11}) {
        lock(other, Integer.toString(i));
      }

      assertThat(backend.jobAdmin().resetExpired("q", 3).count()).isEqualTo(3);
      assertThat(backend.jobAdmin().resetExpired("q", 2).count()).isEqualTo(2);
      assertThat(backend.jobAdmin().resetExpired("q", 2).count()).isEqualTo(1);
      other.rollback();
      assertThat(backend.jobAdmin().resetExpired("q", 7).count()).isEqualTo(6);
    }
  }

  private static JdbcBackend open(String url, int jobs) {
    return open(JdbcConfig.of(url), jobs);
  }

  private static JdbcBackend open(JdbcConfig config, int jobs) {
    JdbcBackend backend = JdbcBackend.open(config.withOrderSlack(Duration.ZERO));
    backend
        .jobQueue()
        .enqueue(
            IntStream.range(0, jobs)
                .mapToObj(i -> NewJob.builder("q", Integer.toString(i), "t", "p").build())
                .toList());
    return backend;
  }

  /** Until the end of the connection's transaction. */
  private static void lock(Connection connection, String id) throws SQLException {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "select 1 from lease_job where queue = 'q' and id = '" + id + "' for update");
    }
  }
}
