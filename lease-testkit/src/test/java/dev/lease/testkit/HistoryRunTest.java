package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Claim;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Histories of the reference keep the laws, and those of stores that break one do not. */
class HistoryRunTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  /** Threads interleave by chance, so one history may miss what another one shows. */
  private static final int TRIES = 20;

  private final InMemoryFixture fixture = new InMemoryFixture();
  private final Backend real = fixture.open();
  private final LeaseStore leases = notNull(real.leaseStore());
  private final JobQueue jobs = notNull(real.jobQueue());
  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void theReferenceKeepsAllLaws() throws Exception {
    for (int i = 0; i < 20; i++) {
      assertThat(ofJobs(new Faults()).violations()).isEmpty();
      assertThat(ofLeases(new Faults()).violations()).isEmpty();
    }
  }

  @Test
  void aJobHandedOutTwiceIsFound() throws Exception {
    Map<String, ClaimedJob> given = new ConcurrentHashMap<>();
    assertFoundOfJobs(
        Law.ONE_HOLDER,
        "claim",
        call -> {
          var claimed = new ArrayList<>(claimed(call));
          if (nowAndThen() && !given.isEmpty()) {
            ClaimedJob again = given.values().iterator().next();
            claimed.add(with(again, again.lease().token() + 1, again.attempt() + 1));
          }
          claimed.forEach(job -> given.put(job.lease().jobId(), job));
          return Claim.of(claimed, List.of(), false);
        });
  }

  @Test
  void aStaleSettlementThatIsAcceptedIsFound() throws Exception {
    assertFoundOfJobs(
        Law.NO_STALE_WRITE,
        "settle",
        call -> {
          List<?> results = (List<?>) call.make();
          return results == null || !nowAndThen()
              ? results
              : results.stream().map(each -> Settlement.Result.ACCEPTED).toList();
        });
  }

  @Test
  void aLostJobIsFound() throws Exception {
    assertFoundOfJobs(
        Law.NOTHING_LOST,
        "enqueue",
        call ->
            nowAndThen()
                ? jobs(call).stream().map(job -> Enqueued.of(job.id(), true)).toList()
                : call.make());
  }

  @Test
  void aForgottenAttemptIsFound() throws Exception {
    assertFoundOfJobs(
        Law.ATTEMPTS_EXACT,
        "claim",
        call ->
            changed(
                call,
                job ->
                    job.attempt() > 1 && nowAndThen()
                        ? with(job, job.lease().token(), job.attempt() - 1)
                        : job));
  }

  @Test
  void aTokenThatRepeatsIsFound() throws Exception {
    Map<String, Long> tokens = new ConcurrentHashMap<>();
    assertFoundOfJobs(
        Law.TOKENS_GROW,
        "claim",
        call ->
            changed(
                call,
                job -> {
                  Long last = tokens.put(job.lease().jobId(), job.lease().token());
                  return last != null && nowAndThen() ? with(job, last, job.attempt()) : job;
                }));
  }

  @Test
  void aHolderThatIsToldToHaveLostIsFound() throws Exception {
    assertFoundOfJobs(
        Law.HOLDER_IS_HEARD,
        "extend",
        call -> {
          List<?> answers = (List<?>) call.make();
          return answers == null || !nowAndThen()
              ? answers
              : answers.stream().map(each -> Extension.lost()).toList();
        });
  }

  @Test
  void aDelayThatIsForgottenIsFound() throws Exception {
    assertFoundOfJobs(
        Law.NOT_BEFORE_DUE,
        "settle",
        call ->
            settledAs(
                jobs,
                call,
                settlement ->
                    settlement instanceof Settlement.Retry retry
                        ? Settlement.retry(retry.lease(), Duration.ZERO, retry.error())
                        : settlement));
  }

  @Test
  void aJobThatIsDoneAndGoesOnIsFound() throws Exception {
    assertFoundOfJobs(
        Law.SETTLED_ONCE,
        "settle",
        call ->
            settledAs(
                jobs,
                call,
                settlement ->
                    settlement instanceof Settlement.Done done && nowAndThen()
                        ? Settlement.retry(done.lease(), Duration.ZERO, "")
                        : settlement));
  }

  @Test
  void aCheckpointThatIsOverwrittenIsFound() throws Exception {
    assertFoundOfJobs(
        Law.FIRST_CHECKPOINT,
        "checkpoint",
        call -> {
          Optional<?> kept = (Optional<?>) call.make();
          return kept == null || kept.isEmpty()
              ? kept
              : Optional.of(String.valueOf(call.arguments().get(2)));
        });
  }

  @Test
  void aNameGivenToTwoIsFound() throws Exception {
    assertFoundOfLeases(
        Law.ONE_HOLDER,
        "acquire",
        call -> {
          Optional<Lease> granted = lease(call);
          return granted.isEmpty() && nowAndThen()
              ? leases.find(name(call)).map(held -> with(held, held.token() + 1))
              : granted;
        });
  }

  @Test
  void aTokenOfANameThatDoesNotGrowIsFound() throws Exception {
    Map<String, Long> tokens = new ConcurrentHashMap<>();
    assertFoundOfLeases(
        Law.TOKENS_GROW,
        "acquire",
        call ->
            lease(call)
                .map(
                    lease -> {
                      Long last = tokens.put(lease.name(), lease.token());
                      return last != null && nowAndThen() ? with(lease, last - 1) : lease;
                    }));
  }

  @Test
  void aRenewalAfterTheEndIsFound() throws Exception {
    assertFoundOfLeases(
        Law.NO_STALE_WRITE,
        "renew",
        call -> lease(call).or(() -> Optional.of((Lease) notNull(call.arguments().get(0)))));
  }

  @Test
  void aGrantThatIsReleasedTwiceIsFound() throws Exception {
    assertFoundOfLeases(
        Law.SETTLED_ONCE,
        "release",
        call -> {
          Object released = call.make();
          return nowAndThen() ? (Object) true : released;
        });
  }

  @Test
  void aHolderOfANameThatIsToldToHaveLostIsFound() throws Exception {
    assertFoundOfLeases(
        Law.HOLDER_IS_HEARD, "renew", call -> nowAndThen() ? Optional.empty() : call.make());
  }

  @Test
  void aReleaseThatFreesNothingIsFound() throws Exception {
    assertFoundOfLeases(
        Law.FREE_IS_GRANTED,
        "release",
        call -> {
          var lease = (Lease) notNull(call.arguments().get(0));
          boolean held =
              leases.find(lease.name()).filter(live -> live.token() == lease.token()).isPresent();
          return held ? (Object) true : call.make();
        });
  }

  @Test
  void aReadThatMissesAHolderIsFound() throws Exception {
    assertFoundOfLeases(
        Law.READS_ARE_TRUE, "find", call -> nowAndThen() ? Optional.empty() : call.make());
  }

  @Test
  void aFailureSaysTheSeedAndTheCalls() throws Exception {
    HistoryRun run =
        ofLeases(new Faults(method -> method.equals("release") ? call -> true : Fault.NONE));
    assertThatThrownBy(() -> run.assertKeeps(Law.SETTLED_ONCE))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("-Dlease.kit.seed=" + run.seed())
        .hasMessageContaining("released twice")
        .hasMessageContaining("\n> ")
        .hasMessageContaining("as RELEASED")
        .hasMessageContaining("acquire for PT1M -> token ");
  }

  private void assertFoundOfJobs(Law law, String method, Fault broken) throws Exception {
    for (int i = 0; i < TRIES; i++) {
      if (shows(ofJobs(breaking(method, broken)), law)) {
        return;
      }
    }
    throw new AssertionError(law + " was not broken by any of " + TRIES + " histories");
  }

  private void assertFoundOfLeases(Law law, String method, Fault broken) throws Exception {
    for (int i = 0; i < TRIES; i++) {
      if (shows(ofLeases(breaking(method, broken)), law)) {
        return;
      }
    }
    throw new AssertionError(law + " was not broken by any of " + TRIES + " histories");
  }

  private static boolean shows(HistoryRun run, Law law) {
    return run.violations().stream().anyMatch(violation -> violation.law() == law);
  }

  private static Faults breaking(String method, Fault broken) {
    return new Faults(called -> called.equals(method) ? broken : Fault.NONE);
  }

  private HistoryRun ofJobs(Faults broken) throws Exception {
    return HistoryRun.ofJobs(fixture, backends(broken), Names.unique("queue"), LEASE);
  }

  private HistoryRun ofLeases(Faults broken) throws Exception {
    return HistoryRun.ofLeases(fixture, backends(broken), Names.unique("name"), LEASE);
  }

  private List<Backend> backends(Faults broken) {
    Backend backend =
        BackendView.of(real).withLeaseStore(broken.wrap(leases)).withJobQueue(broken.wrap(jobs));
    return List.of(backend, backend);
  }

  private static List<Settlement.Result> settledAs(
      JobQueue store, Fault.Call call, UnaryOperator<Settlement> changed) {
    return store.settle(
        notNull((List<?>) call.arguments().get(0)).stream()
            .map(Settlement.class::cast)
            .map(changed)
            .toList());
  }

  private boolean nowAndThen() {
    return calls.incrementAndGet() % 7 == 0;
  }

  private static List<ClaimedJob> claimed(Fault.Call call) {
    return notNull((Claim) call.make()).jobs();
  }

  private static Claim changed(Fault.Call call, UnaryOperator<ClaimedJob> change) {
    return Claim.of(claimed(call).stream().map(change).toList(), List.of(), false);
  }

  private static List<NewJob> jobs(Fault.Call call) {
    return notNull((List<?>) call.arguments().get(0)).stream().map(NewJob.class::cast).toList();
  }

  private static Optional<Lease> lease(Fault.Call call) {
    return notNull((Optional<?>) call.make()).map(Lease.class::cast);
  }

  private static String name(Fault.Call call) {
    return (String) notNull(call.arguments().get(0));
  }

  private static <T> T notNull(@Nullable T value) {
    return StoreContract.offered("value", value);
  }

  private static ClaimedJob with(ClaimedJob job, long token, int attempt) {
    JobLease lease = job.lease();
    var given = JobLease.of(lease.queue(), lease.jobId(), lease.owner(), token, lease.expiresAt());
    return ClaimedJob.builder(given, job.type(), job.payload())
        .attempt(attempt)
        .failures(job.failures())
        .maxCrashes(job.maxCrashes())
        .priority(job.priority())
        .dueAt(job.dueAt())
        .claimedAt(job.claimedAt())
        .headers(job.headers())
        .build();
  }

  private static Lease with(Lease lease, long token) {
    return Lease.of(lease.name(), lease.owner(), token, lease.expiresAt(), lease.asOf());
  }
}
