package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** How often a claim looks, where it begins, and what it makes of several looks. */
@Tag("slow")
class ClaimLooksTest {

  private static final Duration LEASE = Duration.ofMinutes(30);
  private static final String MEBIBYTE = "p".repeat(1 << 20);

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q11 Q50 within the order slack a claim does not look for older jobs again")
  void onceInASlack(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, Duration.ofMinutes(1))) {
      assertThat(claim(backend, 1)).isEmpty();
      insertOld(url);
      assertThat(claim(backend, 1)).as("an old job, of which nothing was said").isEmpty();

      backend.jobQueue().enqueue(List.of(job("new", 5)));

      assertThat(claim(backend, 2)).as("a new one").containsExactly("new");
    }
    try (var backend = open(url, Duration.ZERO)) {
      assertThat(claim(backend, 1)).as("with no slack").containsExactly("old");
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q11 Q50 a job that is released makes the next claim a full look, also in one trip")
  void released(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, Duration.ofMinutes(1))) {
      JobLease held = holdOld(backend, url);
      var released = Settlement.released(held, Duration.ZERO);
      assertThat(backend.jobQueue().settle(List.of(released)))
          .containsExactly(Settlement.Result.ACCEPTED);

      held = backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      assertThat(claim(backend, 1)).isEmpty();

      assertThat(
              backend
                  .jobQueue()
                  .settleAndClaim(
                      List.of(Settlement.released(held, Duration.ZERO)),
                      ClaimRequest.of("q", "w", 1, LEASE))
                  .claim()
                  .jobs())
          .hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q11 Q50 a reset, and a queue that is resumed, make the next claim a full look")
  void resetAndResumed(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, Duration.ofMinutes(1))) {
      holdOld(backend, url);
      TestDatabase.execute(url, "update lease_job set expires_at = 1");
      assertThat(claim(backend, 1)).isEmpty();

      assertThat(backend.jobAdmin().resetExpired("q", 10).count()).isEqualTo(1);

      backend.jobAdmin().pause("q");
      assertThat(claim(backend, 1)).isEmpty();

      backend.jobAdmin().resume("q");

      assertThat(claim(backend, 1)).containsExactly("old");
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q11 Q56 a job that is moved before others, or requeued, is seen by the next claim")
  void changedAndRequeued(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, Duration.ofMinutes(1))) {
      Due tomorrow = Due.after(Duration.ofDays(1));
      backend
          .jobQueue()
          .enqueue(
              List.of(
                  NewJob.builder("q", "moved", "t", "p").priority(5).due(tomorrow).build(),
                  job("failed", 5)));
      JobLease failed =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      insertOld(url);
      assertThat(claim(backend, 1)).as("nothing behind where it looks").isEmpty();

      JobChange first = JobChange.builder().due(Due.at(Instant.EPOCH)).build();
      assertThat(backend.jobAdmin().change("q", "moved", first)).isEqualTo(JobAdmin.Change.CHANGED);
      assertThat(claim(backend, 2)).containsExactly("moved", "old");

      backend.jobQueue().settle(List.of(Settlement.failed(failed, "no")));
      assertThat(claim(backend, 1)).isEmpty();
      assertThat(backend.jobAdmin().requeue("q", "failed")).isEqualTo(JobAdmin.Requeue.REQUEUED);
      assertThat(claim(backend, 1)).containsExactly("failed");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q08 Q11 a claim before the commit does not hide a job of a caller's transaction")
  void beforeCommit(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, Duration.ofMinutes(1));
        Connection caller = DriverManager.getConnection(url)) {
      caller.setAutoCommit(false);
      backend.enqueue(caller, List.of(job("new", 5)));
      assertThat(claim(backend, 1)).isEmpty();
      caller.commit();

      assertThat(claim(backend, 1)).containsExactly("new");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q11 Q16 a claim that skips a locked job does not hide it from the next one")
  void locked(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, Duration.ofMinutes(1));
        Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      backend.jobQueue().enqueue(List.of(job("locked", 5)));
      other.setAutoCommit(false);
      statement.execute("select 1 from lease_job where queue = 'q' and id = 'locked' for update");
      assertThat(claim(backend, 1)).isEmpty();
      other.rollback();

      assertThat(claim(backend, 1)).containsExactly("locked");
    }
  }

  @Test
  @DisplayName("Q11 Q55 a hint from another process says that an older job is claimable")
  void olderElsewhere() throws Exception {
    String url = TestDatabase.POSTGRESQL.newUrl();
    try (var backend = open(url, Duration.ofMinutes(1));
        var other = open(url, Duration.ofMinutes(1))) {
      var listening = new CountDownLatch(1);
      var hinted = new CountDownLatch(2);
      backend
          .jobQueue()
          .onWork(
              "q",
              () -> {
                listening.countDown();
                hinted.countDown();
              });
      assertThat(listening.await(2, TimeUnit.MINUTES)).isTrue();
      assertThat(claim(backend, 1)).isEmpty();
      insertOld(url);
      assertThat(claim(backend, 1)).isEmpty();

      other.jobAdmin().resume("q");

      assertThat(hinted.await(2, TimeUnit.MINUTES)).isTrue();
      assertThat(claim(backend, 1)).containsExactly("old");
    }
  }

  @Test
  @DisplayName("Q11 what a claim met in a transaction that failed is there for the next one")
  void notCommitted() throws SQLException {
    String url = TestDatabase.POSTGRESQL.newUrl();
    try (var backend = open(url, Duration.ofMinutes(1))) {
      backend.jobQueue().enqueue(List.of(job("first", 9)));
      JobLease first =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      insertOld(url);
      TestDatabase.execute(
          url,
          "create function refuse() returns trigger language plpgsql as"
              + " $$ begin raise 'not this commit'; end $$",
          "create constraint trigger refuse after update on lease_job deferrable initially deferred"
              + " for each row execute function refuse()");
      List<Settlement> done = List.of(Settlement.done(first));
      assertThatThrownBy(
              () -> backend.jobQueue().settleAndClaim(done, ClaimRequest.of("q", "w", 5, LEASE)))
          .isInstanceOf(StoreException.class);

      TestDatabase.execute(url, "drop trigger refuse on lease_job");

      assertThat(claim(backend, 5)).containsExactly("old");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q11 a full look that a time limit cuts gives new jobs, and goes on in later claims")
  void cut(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = openBeforeCut(url)) {
      slowOld(kind, url, backend);

      var calls = new AtomicInteger();
      Claim first =
          answered(
              () -> {
                calls.incrementAndGet();
                return backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE));
              },
              claim -> !claim.jobs().isEmpty());

      assertThat(first.jobs()).extracting(job -> job.lease().jobId()).containsExactly("new");
      // A later one may have passed over the locked rows, and so come to its end.
      if (calls.get() == 1) {
        assertThat(first.partial()).isEqualTo(kind == TestDatabase.POSTGRESQL);
      }
      claimsOld(url, backend);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q11 Q39 a look that a time limit cuts does not undo the settlements before it")
  void cutAfterSettlements(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = openBeforeCut(url)) {
      backend.jobQueue().enqueue(List.of(job("held", 5)));
      JobLease held =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
      slowOld(kind, url, backend);

      List<Settlement> done = List.of(Settlement.done(held));
      var claimed = new ArrayList<ClaimedJob>();
      SettledAndClaimed turn =
          answered(
              () -> {
                SettledAndClaimed answer =
                    backend.jobQueue().settleAndClaim(done, ClaimRequest.of("q", "w", 2, LEASE));
                claimed.addAll(answer.claim().jobs());
                return answer;
              },
              answer -> answer.settled().get(0) != Settlement.Result.BUSY);

      assertThat(turn.settled()).containsExactly(Settlement.Result.ACCEPTED);
      assertThat(claimed).extracting(job -> job.lease().jobId()).containsExactly("new");
      claimsOld(url, backend);
    }
  }

  @Test
  @DisplayName("Q11 Q50 a time of which each look is cut does not keep claims from what is behind")
  void cutEachTime() throws SQLException {
    String url = TestDatabase.POSTGRESQL.newUrl();
    JdbcConfig config = TestDatabase.config(url).withOrderSlack(Duration.ofMinutes(1));
    try (var other = JdbcBackend.open(config);
        var backend = JdbcBackend.open(config.withCallTimeout(Duration.ofMillis(250)))) {
      slowOld(TestDatabase.POSTGRESQL, url, other);
      insert(url, "behind", 1);

      // On a busy machine any look may be cut, so that a series ends before it comes there.
      String owner = "select coalesce(owner, '') from lease_job where id = 'behind'";
      for (int i = 0; i < 10 * Claim.MAX_PARTS && TestDatabase.answer(url, owner).isEmpty(); i++) {
        try {
          claim(backend, 2);
        } catch (StoreException e) {
          // It may have claimed nevertheless.
        }
      }
      assertThat(TestDatabase.answer(url, owner)).isNotEmpty();
    }
  }

  private static JdbcBackend openBeforeCut(String url) {
    var backend =
        JdbcBackend.open(
            TestDatabase.config(url)
                .withOrderSlack(Duration.ofMinutes(1))
                .withCallTimeout(Duration.ofSeconds(1)));
    // The first look is slow, and would leave the next full one to slices.
    for (int i = 0; i < 20; i++) {
      backend.jobAdmin().resume("q");
      assertThat(claim(backend, 1)).isEmpty();
    }
    return backend;
  }

  /**
   * Asks again after a call whose outcome is unknown: on a busy machine the driver may give it up
   * before the server does, which then keeps the rows locked for a moment.
   */
  private static <T> T answered(Supplier<T> call, Predicate<T> wereFree) throws Exception {
    var answer = new AtomicReference<@Nullable T>();
    var again = new AtomicBoolean();
    Await.until(
        () -> {
          try {
            T given = call.get();
            answer.set(given);
            return !again.get() || wereFree.test(given);
          } catch (StoreException e) {
            if (!e.isOutcomeUnknown()) {
              throw e;
            }
            again.set(true);
            return false;
          }
        });
    return Objects.requireNonNull(answer.get());
  }

  /** Makes the next look a full one, which would take a minute where it claims an old job. */
  private static void slowOld(TestDatabase kind, String url, JdbcBackend backend)
      throws SQLException {
    backend.jobQueue().enqueue(List.of(job("new", 5)));
    // Behind the watermark, which is a minute ago.
    insert(url, "old", Micros.of(Instant.now().minusSeconds(70)));
    TestDatabase.execute(
        url,
        kind == TestDatabase.POSTGRESQL
            ? new String[] {
              "create function slow() returns trigger language plpgsql as"
                  + " $$ begin perform pg_sleep(60); return new; end $$",
              "create trigger slow before update on lease_job for each row when (new.id = 'old')"
                  + " execute function slow()"
            }
            : new String[] {
              "create trigger slow before update on lease_job for each row"
                  + " set @slow = if(new.id = 'old', sleep(60), 0)"
            });
    backend.jobAdmin().resume("q");
  }

  /** Lets looks be quick again, and claims until one comes to the old job. */
  private static void claimsOld(String url, JdbcBackend backend) throws SQLException {
    TestDatabase.execute(
        url, "drop trigger slow" + (url.contains("postgresql") ? " on lease_job" : ""));
    backend.jobAdmin().resume("q");
    List<String> claimed = new ArrayList<>();
    for (int claims = 0; claimed.isEmpty() && claims < Claim.MAX_PARTS; claims++) {
      claimed.addAll(claim(backend, 2));
    }
    assertThat(claimed).containsExactly("old");
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName(
      "Q20 Q50 claims end the exhausted jobs at the head, a thousand a call, and name them")
  void exhausted(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    try (var backend = open(url, Duration.ZERO)) {
      for (int i = 0; i < 2; i++) {
        backend
            .jobQueue()
            .enqueue(
                IntStream.range(i * 700, i * 700 + 700).mapToObj(j -> job("x" + j, 5)).toList());
      }
      TestDatabase.execute(
          url,
          "update lease_job set attempts = max_crashes, owner = 'w', token = 1, expires_at = 1");
      backend.jobQueue().enqueue(List.of(job("a", 5), job("b", 5), job("c", 5)));

      Claim first = backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE));
      assertThat(first.jobs()).isEmpty();
      assertThat(first.finished()).hasSize(1_000);
      assertThat(first.more()).isTrue();

      Claim second = backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE));
      assertThat(second.jobs()).extracting(job -> job.lease().jobId()).containsExactly("a", "b");
      assertThat(second.finished())
          .hasSize(400)
          .doesNotContainAnyElementsOf(first.finished())
          .contains(
              FinishedJob.builder("q", "x1399", "t", JobState.FAILED)
                  .attempts(3)
                  .error("lease expired")
                  .build());
      assertThat(backend.jobAdmin().counts().queues().get(0).jobs())
          .containsEntry(JobState.FAILED, 1_400L)
          .containsEntry(JobState.PROCESSING, 2L);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q11 a claim gives no more than 4 MiB of payloads, and costs the other jobs nothing")
  void bytes(TestDatabase kind) {
    try (var backend = open(kind.newUrl(), Duration.ZERO)) {
      for (int i = 0; i < 10; i++) {
        backend
            .jobQueue()
            .enqueue(List.of(NewJob.builder("q", "j" + i, "t", MEBIBYTE).priority(9 - i).build()));
      }

      assertThat(claim(backend, 1_000)).containsExactly("j0", "j1", "j2", "j3");

      assertThat(backend.jobQueue().find("q", "j4"))
          .hasValueSatisfying(job -> assertThat(job.attempts()).isZero());
      assertThat(claim(backend, 1_000)).containsExactly("j4", "j5", "j6", "j7");
      assertThat(claim(backend, 1_000)).containsExactly("j8", "j9");
      assertThat(claim(backend, 1_000)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q11 where a claim is cut by its size the next one goes on, within the slack too")
  void bytesWithinSlack(TestDatabase kind) {
    try (var backend = open(kind.newUrl(), Duration.ofMinutes(1))) {
      for (int i = 0; i < 6; i++) {
        backend.jobQueue().enqueue(List.of(NewJob.builder("q", "j" + i, "t", MEBIBYTE).build()));
      }

      assertThat(claim(backend, 1_000)).containsExactly("j0", "j1", "j2", "j3");
      assertThat(claim(backend, 1_000)).containsExactly("j4", "j5");
    }
  }

  @Test
  @DisplayName("Q13 the whole answer is in order, also where the claim looked twice")
  void orderOfTwoLooks() throws SQLException {
    String url = TestDatabase.SQLITE.newUrl();
    try (var backend = open(url, Duration.ZERO)) {
      backend.jobQueue().enqueue(List.of(job("x", 5), job("a", 5)));
      exhaust(url, "x");
      TestDatabase.execute(
          url,
          "create trigger urgent after update on lease_job when new.outcome = 4 begin"
              + " insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, created_at, due_at)"
              + " values ('q', 'urgent', 't', 'p', '', 9, 3, 1, 1); end");

      assertThat(claim(backend, 2)).containsExactly("urgent", "a");
    }
  }

  @Test
  @DisplayName("Q11 Q15 a job that a second look takes again is once in the answer, as it is now")
  void onceInAnAnswer() throws SQLException {
    String url = TestDatabase.SQLITE.newUrl();
    try (var backend = open(url, Duration.ZERO)) {
      backend.jobQueue().enqueue(List.of(job("a", 5), job("x", 5)));
      exhaust(url, "x");
      TestDatabase.execute(
          url,
          "create trigger late after update on lease_job when new.outcome = 4 begin"
              + " update lease_job set expires_at = 1 where id = 'a'; end");

      List<ClaimedJob> claimed =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE)).jobs();

      assertThat(claimed).extracting(job -> job.lease().jobId()).containsExactly("a");
      assertThat(backend.jobQueue().extend(List.of(claimed.get(0).lease()), LEASE))
          .hasOnlyElementsOfType(Extension.Held.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("L24 with the interrupt flag set a call that need not wait completes")
  void interrupted(TestDatabase kind) throws Exception {
    try (var backend = open(kind.newUrl(), Duration.ZERO)) {
      backend.jobQueue().enqueue(List.of(job("a", 5), job("b", 5)));
      List<ClaimedJob> claimed =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", 2, LEASE)).jobs();
      JobLease lease = claimed.get(0).lease();
      var named = backend.leaseStore().acquire("name", "w", LEASE).orElseThrow();
      // Else the call would have to wait for the first connection of its pool.
      var other = Settlement.done(claimed.get(1).lease());
      assertThat(backend.jobQueue().settle(List.of(other)))
          .containsExactly(Settlement.Result.ACCEPTED);
      // And in SQLite for whoever writes.
      Await.until(() -> ((JdbcJobAdmin) backend.jobAdmin()).clock.last != null);
      List<Object> answers = new ArrayList<>();
      Thread.currentThread().interrupt();
      try {
        answers.add(backend.leaseStore().release(named));
        answers.add(backend.jobQueue().settle(List.of(Settlement.done(lease))).get(0));
        answers.add(Thread.currentThread().isInterrupted());
      } finally {
        Thread.interrupted();
      }
      assertThat(answers).containsExactly(true, Settlement.Result.ACCEPTED, true);
    }
  }

  private static JdbcBackend open(String url, Duration slack) {
    return JdbcBackend.open(JdbcConfig.of(url).withOrderSlack(slack));
  }

  private static NewJob job(String id, int priority) {
    return NewJob.builder("q", id, "t", "p").priority(priority).build();
  }

  private static List<String> claim(JdbcBackend backend, int limit) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", limit, LEASE)).jobs().stream()
        .map(job -> job.lease().jobId())
        .toList();
  }

  private static void exhaust(String url, String id) throws SQLException {
    TestDatabase.execute(
        url,
        "update lease_job set attempts = max_crashes, owner = 'w', token = 1, expires_at = 1"
            + " where id = '"
            + id
            + "'");
  }

  /** A job that has been due for long, as one is whose enqueueing was not committed till now. */
  private static void insertOld(String url) throws SQLException {
    insert(url, "old", 1);
  }

  private static void insert(String url, String id, long due) throws SQLException {
    TestDatabase.execute(
        url,
        "insert into lease_job (queue, id, type, payload, headers, priority, max_crashes, created_at, due_at)"
            + " values ('q', '%s', 't', 'p', '', 5, 3, 1, %d)".formatted(id, due));
  }

  /** Holds such a job, and looks once more. */
  private static JobLease holdOld(JdbcBackend backend, String url) throws SQLException {
    insertOld(url);
    JobLease held =
        backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
    assertThat(claim(backend, 1)).isEmpty();
    return held;
  }
}
