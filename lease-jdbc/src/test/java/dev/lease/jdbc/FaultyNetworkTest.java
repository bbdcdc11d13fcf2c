package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A store behind a network that loses replies, cuts connections, or says nothing at all. */
@Timeout(300)
@SuppressWarnings("NullAway.Init")
class FaultyNetworkTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  /** More than any call gets replies, so that each of them is lost once. */
  private static final int REPLIES = 16;

  /** A reply to somebody else, such as a login of the pool's, may be lost instead. */
  private static final int ROUNDS = 10;

  private String url = "";
  private TcpProxy proxy;
  private JdbcBackend backend;
  private JdbcBackend witness;
  private JobQueue jobs;
  private LeaseStore leases;
  private int names;

  private void open(TestDatabase kind) {
    open(kind, Duration.ofSeconds(10));
  }

  private void open(TestDatabase kind, Duration callTimeout) {
    String direct = kind.newUrl();
    var server = URI.create(direct.replaceFirst("^jdbc:", "").replaceFirst("\\?.*", ""));
    proxy = new TcpProxy(server.getHost(), server.getPort());
    url = direct.replace("//" + server.getAuthority(), "//localhost:" + proxy.port());
    witness = JdbcBackend.open(JdbcConfig.of(direct));
    backend =
        JdbcBackend.open(
            JdbcConfig.of(url).withCallTimeout(callTimeout).withOrderSlack(Duration.ofMinutes(1)));
    jobs = backend.jobQueue();
    leases = backend.leaseStore();
  }

  @AfterEach
  void close() {
    backend.close();
    witness.close();
    proxy.close();
  }

  /** A call, whether it was done as others see it, and what is true after it, or is repeated. */
  private record Attempt(Runnable call, BooleanSupplier done, Runnable after) {}

  private interface Attempts {
    Attempt next();
  }

  /**
   * Loses each reply of a call in turn. Some were to a request that had been done, and the call
   * must have said that its outcome is unknown; none may have said that nothing was done when it
   * was.
   */
  private void loseReplies(Attempts attempts) {
    boolean wasDone = false;
    for (int i = 0; i < REPLIES * ROUNDS && (i < REPLIES || !wasDone); i++) {
      Attempt attempt = attempts.next();
      proxy.swallowReplyAfter(i % REPLIES);
      StoreException lost = catchThrowableOfType(StoreException.class, attempt.call()::run);
      proxy.heal();
      if (lost != null) {
        boolean done = attempt.done().getAsBoolean();
        assertThat(lost.isOutcomeUnknown() || !done)
            .as("says unknown, or was not done: %s", lost.getMessage())
            .isTrue();
        wasDone |= done;
      }
      attempt.after().run();
    }
    assertThat(wasDone).as("the reply to what was done was lost").isTrue();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 Q49 enqueue with a lost reply says unknown, and repeated makes one job")
  void enqueue(TestDatabase kind) {
    open(kind);
    loseReplies(
        () -> {
          NewJob job = job(name());
          return new Attempt(
              () ->
                  assertThat(jobs.enqueue(List.of(job)))
                      .containsExactly(new Enqueued(job.id(), true)),
              () -> witness.jobQueue().find(job.queue(), job.id()).isPresent(),
              () -> {
                boolean there = witness.jobQueue().find(job.queue(), job.id()).isPresent();
                assertThat(jobs.enqueue(List.of(job)))
                    .containsExactly(new Enqueued(job.id(), !there));
              });
        });
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 claim with a lost reply says unknown, never that there is no work")
  void claim(TestDatabase kind) {
    open(kind);
    loseReplies(
        () -> {
          NewJob job = job(name());
          witness.jobQueue().enqueue(List.of(job));
          return new Attempt(
              () -> assertThat(jobs.claim(job.queue(), "w", 1, LEASE)).hasSize(1),
              () -> find(job.queue()).state() == JobState.PROCESSING,
              () -> assertThat(find(job.queue()).attempts()).isLessThanOrEqualTo(1));
        });
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 Q49 extend with a lost reply says unknown, never lost, and is repeated")
  void extend(TestDatabase kind) {
    open(kind);
    loseReplies(
        () -> {
          JobLease lease = held();
          Duration longer = LEASE.multipliedBy(2);
          Runnable call = () -> extend(lease, longer);
          return new Attempt(
              call,
              () ->
                  Optional.ofNullable(find(lease.queue()).lease())
                      .orElseThrow()
                      .expiresAt()
                      .isAfter(lease.expiresAt()),
              call);
        });
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName(
      "L22 Q49 settle with a lost reply says unknown, never lost, and repeated ends it once")
  void settle(TestDatabase kind) {
    open(kind);
    loseReplies(
        () -> {
          var done = new Settlement.Done(held(), "result");
          String queue = done.lease().queue();
          return new Attempt(
              () ->
                  assertThat(jobs.settle(List.of(done)))
                      .containsExactly(Settlement.Result.ACCEPTED),
              () -> find(queue).state() == JobState.DONE,
              () -> {
                boolean ended = find(queue).state() == JobState.DONE;
                Settlement.Result again = jobs.settle(List.of(done)).get(0);
                assertThat(ended || again == Settlement.Result.ACCEPTED).isTrue();
                assertThat(find(queue).state()).isEqualTo(JobState.DONE);
                assertThat(find(queue).result()).isEqualTo("result");
              });
        });
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 Q49 progress and checkpoint with a lost reply say unknown, and are repeated")
  void progressAndCheckpoint(TestDatabase kind) {
    open(kind);
    loseReplies(
        () -> {
          JobLease lease = held();
          Runnable call =
              () -> assertThat(jobs.checkpoint(lease, "step", "value")).contains("value");
          return new Attempt(
              call, () -> !witness.jobQueue().checkpoints(lease).orElseThrow().isEmpty(), call);
        });
    loseReplies(
        () -> {
          JobLease lease = held();
          Runnable call = () -> assertThat(jobs.progress(lease, new Progress(50, "half"))).isTrue();
          return new Attempt(call, () -> find(lease.queue()).progress() != null, call);
        });
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 L23 acquire, renew and release with a lost reply say unknown, never lost")
  void leases(TestDatabase kind) {
    open(kind);
    loseReplies(
        () -> {
          String name = name();
          return new Attempt(
              () -> assertThat(leases.acquire(name, "me", LEASE)).isPresent(),
              () -> witness.leaseStore().find(name).isPresent(),
              () -> {});
        });
    loseReplies(
        () -> {
          Lease lease = witness.leaseStore().acquire(name(), "me", LEASE).orElseThrow();
          Runnable call = () -> assertThat(leases.renew(lease, LEASE.multipliedBy(2))).isPresent();
          return new Attempt(
              call,
              () ->
                  witness
                      .leaseStore()
                      .find(lease.name())
                      .orElseThrow()
                      .expiresAt()
                      .isAfter(lease.expiresAt()),
              call);
        });
    loseReplies(
        () -> {
          Lease lease = witness.leaseStore().acquire(name(), "me", LEASE).orElseThrow();
          BooleanSupplier free = () -> witness.leaseStore().find(lease.name()).isEmpty();
          return new Attempt(
              () -> assertThat(leases.release(lease)).isTrue(),
              free,
              () -> {
                boolean released = free.getAsBoolean();
                assertThat(leases.release(lease)).isEqualTo(!released);
                assertThat(free.getAsBoolean()).isTrue();
              });
        });
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 a settlement that is stored is never said not to be, whatever fails after it")
  void settleAndClaim(TestDatabase kind) {
    open(kind);
    boolean answeredShort = false;
    for (int i = 0; i < REPLIES * ROUNDS && (i < REPLIES || !answeredShort); i++) {
      // The full claim leaves a watermark: the next finds what is behind it with a second look.
      String queue = name();
      enqueue(queue, queue, Due.now());
      enqueue(queue, "next", Due.now());
      JobLease lease = jobs.claim(queue, "w", 1, LEASE).get(0).lease();
      enqueue(queue, "behind", Due.at(Instant.EPOCH));
      var done = new Settlement.Done(lease, null);
      proxy.swallowReplyAfter(i % REPLIES);
      try {
        SettledAndClaimed answer = jobs.settleAndClaim(List.of(done), queue, "w", 5, LEASE);
        assertThat(answer.settled()).containsExactly(Settlement.Result.ACCEPTED);
        assertThat(find(queue).state()).isEqualTo(JobState.DONE);
        assertThat(answer.claimed()).extracting(job -> job.lease().jobId()).contains("next");
        answeredShort |= answer.claimed().size() == 1;
      } catch (StoreException e) {
        assertThat(e.isOutcomeUnknown() || find(queue).state() == JobState.PROCESSING)
            .as("says unknown, or was not done: %s", e.getMessage())
            .isTrue();
      } finally {
        proxy.heal();
      }
    }
    assertThat(answeredShort).as("the reply to the second look was lost").isTrue();
  }

  private void enqueue(String queue, String id, Due due) {
    witness.jobQueue().enqueue(List.of(NewJob.builder(queue, id, "t", "p").due(due).build()));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 connections that are cut are replaced, and no call says lost meanwhile")
  void cut(TestDatabase kind) {
    open(kind);
    JobLease lease = held();
    for (int round = 0; round < 3; round++) {
      proxy.cut();
      eventually(() -> extend(lease, LEASE));
    }
    proxy.cutAtRandom(7, 0.05);
    for (int i = 0; i < 30; i++) {
      JobLease next = held();
      eventually(() -> assertThat(jobs.checkpoint(next, "step", "value")).contains("value"));
      eventually(() -> jobs.settle(List.of(new Settlement.Done(next, null))));
      Job job = find(next.queue());
      assertThat(job.state()).isEqualTo(JobState.DONE);
      assertThat(job.attempts()).isEqualTo(1);
    }
  }

  /** As a worker does it, which repeats what failed. */
  private static void eventually(Runnable call) {
    StoreException last = null;
    for (int i = 0; i < 30; i++) {
      last = catchThrowableOfType(StoreException.class, call::run);
      if (last == null) {
        return;
      }
    }
    throw last;
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 a server that says nothing is given up by every call, and used again after")
  void blackHole(TestDatabase kind) {
    open(kind, Duration.ofMillis(500));
    JobLease lease = held();
    Lease named = leases.acquire(name(), "me", LEASE).orElseThrow();
    NewJob job = job(name());
    var done = List.<Settlement>of(new Settlement.Done(lease, null));
    Map<String, Runnable> calls = new LinkedHashMap<>();
    calls.put("enqueue", () -> jobs.enqueue(List.of(job)));
    calls.put("claim", () -> jobs.claim(job.queue(), "w", 1, LEASE));
    calls.put("extend", () -> jobs.extend(List.of(lease), LEASE));
    calls.put("settle", () -> jobs.settle(done));
    calls.put("settleAndClaim", () -> jobs.settleAndClaim(done, "q", "w", 1, LEASE));
    calls.put("progress", () -> jobs.progress(lease, new Progress(1, "")));
    calls.put("checkpoint", () -> jobs.checkpoint(lease, "step", "value"));
    calls.put("find", () -> jobs.find(lease.queue(), lease.jobId()));
    calls.put("acquire", () -> leases.acquire(name(), "me", LEASE));
    calls.put("renew", () -> leases.renew(named, LEASE));
    calls.put("release", () -> leases.release(named));
    calls.put("find a lease", () -> leases.find(named.name()));
    calls.put("counts", () -> backend.jobAdmin().counts());

    proxy.blackHole();
    // The time limit of the class says whether each of them ends.
    calls.forEach(
        (name, call) ->
            assertThat(catchThrowableOfType(StoreException.class, call::run)).as(name).isNotNull());
    proxy.heal();

    eventually(() -> jobs.settle(done));
    assertThat(find(lease.queue()).state()).isEqualTo(JobState.DONE);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  @DisplayName("L22 a server that says nothing is given up when a store is opened")
  void silentAtOpen(TestDatabase kind) {
    open(kind);
    proxy.blackHole();
    JdbcConfig config = JdbcConfig.of(url).withCallTimeout(Duration.ofSeconds(1));

    StoreException e = catchThrowableOfType(StoreException.class, () -> JdbcBackend.open(config));

    assertThat(e.getMessage()).hasLineCount(1).startsWith("could not connect to ");
    assertThat(e.isOutcomeUnknown()).isFalse();
  }

  /** Asks again while the transaction of a connection that was cut still holds the job. */
  private void extend(JobLease lease, Duration duration) {
    Extension extension = jobs.extend(List.of(lease), duration).get(0);
    while (extension instanceof Extension.Busy) {
      extension = jobs.extend(List.of(lease), duration).get(0);
    }
    assertThat(extension).isInstanceOf(Extension.Held.class);
  }

  private String name() {
    return "name-" + names++;
  }

  /** A job that is alone in its queue, and named like it. */
  private static NewJob job(String name) {
    return NewJob.builder(name, name, "t", "p").build();
  }

  private JobLease held() {
    NewJob job = job(name());
    witness.jobQueue().enqueue(List.of(job));
    return witness.jobQueue().claim(job.queue(), "w", 1, LEASE).get(0).lease();
  }

  private Job find(String name) {
    return witness.jobQueue().find(name, name).orElseThrow();
  }
}
