package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FaultsTest {

  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(1);

  private final Faults faults = new Faults();
  private final InMemoryBackend backend = new InMemoryBackend(InstantSource.system());
  private final JobQueue jobs = faults.wrap(backend.jobQueue());
  private final JobAdmin admin = faults.wrap(backend.jobAdmin());
  private final LeaseStore leases = faults.wrap(backend.leaseStore());

  /** The store without faults, to see what the calls did. */
  private final JobQueue witness = backend.jobQueue();

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void nothingGoesWrongByItself() {
    JobLease lease = held("a");
    assertThat(jobs.settle(List.of(SettlementKind.DONE.of(lease))))
        .containsExactly(Settlement.Result.ACCEPTED);
    assertThat(leases.acquire("name", "me", LEASE)).isPresent();
    assertThat(admin.delete("q", "a")).isTrue();
  }

  @Test
  void aCallThatIsSentAgainGivesItsSecondAnswer() {
    faults.next("enqueue", Fault.RESEND);
    assertThat(jobs.enqueue(List.of(job("a")))).containsExactly(Enqueued.of("a", false));
    assertThat(jobs.enqueue(List.of(job("b")))).containsExactly(Enqueued.of("b", true));
  }

  @Test
  void aLostReplyIsUnknownAndDone() {
    faults.next("enqueue", Fault.LOST_REPLY);
    assertUnknown(() -> jobs.enqueue(List.of(job("a"))));
    assertThat(witness.find("q", "a")).isPresent();
  }

  @Test
  void whatIsNotDoneSaysSo() {
    faults.next("enqueue", Fault.NOT_DONE);
    assertNotDone(() -> jobs.enqueue(List.of(job("a"))));
    assertThat(witness.find("q", "a")).isEmpty();
  }

  @Test
  void aDelayedCallIsMadeAndAnswered() {
    faults.next("enqueue", Fault.delayBefore(SHORT), Fault.delayAfter(SHORT));
    assertThat(jobs.enqueue(List.of(job("a")))).containsExactly(Enqueued.of("a", true));
    assertThat(jobs.enqueue(List.of(job("b")))).containsExactly(Enqueued.of("b", true));
  }

  @Test
  void aDelayKeepsTheInterrupt() {
    faults.next("enqueue", Fault.delayBefore(Duration.ofHours(1)));
    Thread.currentThread().interrupt();
    assertThat(jobs.enqueue(List.of(job("a")))).containsExactly(Enqueued.of("a", true));
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void faultsAreOfOneMethodAndInTurn() {
    JobLease lease = held("a");
    faults.next("settle", Fault.NOT_DONE, Fault.NONE);
    faults.next("settle", Fault.LOST_REPLY);

    assertThat(jobs.enqueue(List.of(job("b")))).containsExactly(Enqueued.of("b", true));
    assertNotDone(() -> jobs.settle(List.of(SettlementKind.DONE.of(lease))));
    assertThat(jobs.settle(List.of(SettlementKind.DONE.of(lease))))
        .containsExactly(Settlement.Result.ACCEPTED);
    assertUnknown(() -> jobs.settle(List.of(SettlementKind.DONE.of(lease))));
    assertThat(jobs.settle(List.of(SettlementKind.DONE.of(lease))))
        .containsExactly(Settlement.Result.LOST);
  }

  @Test
  void whatCannotBeToldFromANewRequestIsNeverSentAgain() {
    for (String method : List.of("acquire", "claim", "settleAndClaim")) {
      assertThatThrownBy(() -> faults.next(method, Fault.RESEND))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(method);
    }
    var always = new Faults(method -> Fault.RESEND);
    jobs.enqueue(List.of(job("a"), job("b"), job("c")));
    JobQueue resending = always.wrap(witness);

    ClaimedJob first = resending.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
    assertThat(first.lease().jobId()).isEqualTo("a");
    assertThat(
            resending
                .settleAndClaim(
                    List.of(SettlementKind.DONE.of(first.lease())),
                    ClaimRequest.of("q", "w", 1, LEASE))
                .claim()
                .jobs())
        .extracting(job -> job.lease().jobId())
        .containsExactly("b");
    assertThat(witness.find("q", "c").orElseThrow().state()).isEqualTo(JobState.PENDING);
    assertThat(always.wrap(backend.leaseStore()).acquire("name", "me", LEASE)).isPresent();
  }

  @Test
  void anOutageLastsUntilItIsHealed() {
    faults.outage();
    faults.next("claim", Fault.LOST_REPLY);
    for (int i = 0; i < 3; i++) {
      assertNotDone(() -> jobs.enqueue(List.of(job("a"))));
      assertNotDone(() -> leases.find("name"));
      assertNotDone(admin::counts);
    }
    assertUnknown(() -> jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs());
    faults.next("claim", Fault.LOST_REPLY);
    faults.heal();

    assertThat(jobs.enqueue(List.of(job("a")))).containsExactly(Enqueued.of("a", true));
    assertThat(jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs()).hasSize(1);
  }

  @Test
  void aViewOfAnOperatorHasTheFaultsOfItsAdmin() {
    jobs.enqueue(List.of(job("a")));
    faults.outage();
    JobAdmin anna = admin.by(Operator.of("anna", ""));

    assertNotDone(() -> anna.delete("q", "a"));
    assertThat(witness.find("q", "a")).isPresent();

    faults.heal();
    assertThat(anna.delete("q", "a")).isTrue();
  }

  @Test
  void aWrappedBackendHasFaultsInEachOfItsParts() {
    Backend wrapped = faults.wrap(backend);
    assertThat(wrapped.capabilities()).isEqualTo(backend.capabilities());
    faults.outage();

    assertNotDone(() -> wrapped.leaseStore().find("name"));
    assertNotDone(() -> wrapped.jobQueue().find("q", "a"));
    assertNotDone(() -> wrapped.jobAdmin().counts());
    wrapped.close();

    assertThatThrownBy(() -> witness.find("q", "a")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aBackendIsWrappedWithoutThePartsThatItLacks() {
    Backend empty =
        new Backend() {
          @Override
          public Set<Capability> capabilities() {
            return Set.of();
          }

          @Override
          public Duration longestCall() {
            return LEASE;
          }

          @Override
          public void close() {}
        };
    assertThatThrownBy(faults.wrap(empty)::jobQueue)
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void aTestMayWriteItsOwnFault() {
    JobLease lease = held("a");
    faults.next(
        "settle",
        call -> {
          witness.settle(List.of(SettlementKind.FAILED.of(lease)));
          return call.make();
        });
    assertThat(jobs.settle(List.of(SettlementKind.DONE.of(lease))))
        .containsExactly(Settlement.Result.LOST);
  }

  @Test
  void hintsPassDuringAnOutage() throws InterruptedException {
    faults.outage();
    var woken = new CountDownLatch(1);
    try (var hints = jobs.onWork("q", woken::countDown)) {
      assertThat(hints).isNotNull();
      witness.enqueue(List.of(job("a")));
      assertThat(woken.await(30, TimeUnit.SECONDS)).isTrue();
    }
    var again = new CountDownLatch(1);
    try (var hints = witness.onWork("other", again::countDown)) {
      assertThat(hints).isNotNull();
      jobs.hint("other");
      assertThat(again.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void whatTheStoreThrowsPasses() {
    assertThatThrownBy(() -> jobs.claim(ClaimRequest.of("q", "w", -1, LEASE)).jobs())
        .isInstanceOf(IllegalArgumentException.class);
    backend.close();
    assertThatThrownBy(() -> jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the backend is closed");
  }

  @Test
  void aWrappedStoreIsEqualToItselfAlone() {
    assertThat(Set.of(jobs)).contains(jobs).doesNotContain(faults.wrap(witness));
  }

  @Test
  void aSeedMakesTheSameChoicesAgain() {
    assertThat(outcomes(Faults.random(7, 0.5)))
        .isEqualTo(outcomes(Faults.random(7, 0.5)))
        .isNotEqualTo(outcomes(Faults.random(8, 0.5)))
        .contains("true", "false", "unknown", "not done");
    assertThat(outcomes(Faults.random(7, 0))).containsOnly("true");
  }

  private List<String> outcomes(Faults random) {
    try (var fresh = new InMemoryBackend(InstantSource.system())) {
      JobQueue faulty = random.wrap(fresh.jobQueue());
      var outcomes = new ArrayList<String>();
      for (int i = 0; i < 100; i++) {
        try {
          outcomes.add(String.valueOf(faulty.enqueue(List.of(job("id-" + i))).get(0).created()));
        } catch (StoreException e) {
          outcomes.add(e.isOutcomeUnknown() ? "unknown" : "not done");
        }
      }
      return outcomes;
    }
  }

  private JobLease held(String id) {
    jobs.enqueue(List.of(job(id)));
    return jobs.claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "payload").build();
  }

  private static void assertUnknown(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue());
  }

  private static void assertNotDone(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isFalse());
  }
}
