package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.KeyLimit;
import dev.lease.KeyState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.PairOfCalls.Call;
import dev.lease.testkit.PairOfCalls.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Races, by a rule: each pair of calls on the jobs of one key answers and ends as if one call had
 * come after the other. So no slot is given twice, and none is lost.
 */
@Since(3)
abstract class KeyPairContract extends KeyModelContract {

  private static final String KEY = "key";

  /**
   * A queue whose only key has jobs that have failed, have slots, and wait.
   *
   * @param leases of the jobs that are held
   */
  private record KeyedQueue(String queue, List<JobLease> leases) {}

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q62 Q64 two calls at once on a key whose slot is held end as one after the other")
  void pairsOnAHeldSlot() throws Exception {
    takeLongLeases();
    new PairOfCalls<>(count -> queues(count, 1, true), this::left)
        .race(
            List.of(
                settle(SettlementKind.DONE),
                settle(SettlementKind.RETRY),
                claimAll(),
                enqueue(),
                requeueOfFailed(),
                cancel("first"),
                cancel("second"),
                raiseLimit()));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q62 Q64 a claim at once with another call on a key ends as one after the other")
  void pairsWithAClaim() throws Exception {
    takeLongLeases();
    new PairOfCalls<>(count -> queues(count, 1, false), this::left)
        .race(
            List.of(claimAll()),
            List.of(
                claimAll(),
                enqueue(),
                requeueOfFailed(),
                cancel("first"),
                cancel("second"),
                raiseLimit()));
  }

  @Test
  @Tag(Tags.RULE)
  @Tag(Tags.RACE)
  @DisplayName("Q63 Q64 two jobs of a key that end at once pass both slots on")
  void twoEndAtOnce() throws Exception {
    takeLongLeases();
    new PairOfCalls<>(count -> queues(count, 2, true), this::left)
        .race(
            List.of(settle(SettlementKind.DONE), settle(SettlementKind.RETRY)),
            List.of(settle(SettlementKind.DONE)));
  }

  private List<KeyedQueue> queues(int count, int slots, boolean isHeld) throws Exception {
    List<String> names = Stream.generate(() -> Names.unique("keyed")).limit(count).toList();
    names.forEach(name -> admission.limit(name, null, KeyLimit.of(slots)));
    // Of the lowest priority: where it stands when it is requeued is not a matter of a clock's
    // tick.
    enqueueIn(names, "failed", 0);
    List<JobLease> failed = names.stream().flatMap(name -> hold(name).stream()).toList();
    jobs.settle(failed.stream().map(SettlementKind.FAILED::of).toList());
    enqueueIn(names, "first");
    enqueueIn(names, "second");
    List<KeyedQueue> made = new ArrayList<>();
    for (String name : names) {
      made.add(new KeyedQueue(name, isHeld ? hold(name) : List.of()));
    }
    enqueueIn(names, "third");
    later();
    return made;
  }

  private void enqueueIn(List<String> queues, String id) {
    enqueueIn(queues, id, NewJob.DEFAULT_PRIORITY);
  }

  private void enqueueIn(List<String> queues, String id, int priority) {
    jobs.enqueue(
        queues.stream()
            .map(it -> NewJob.builder(it, id, "kit", "").key(KEY).priority(priority).build())
            .toList());
  }

  private List<JobLease> hold(String queue) {
    return jobs.claim(ClaimRequest.of(queue, "before", 10, term)).jobs().stream()
        .map(ClaimedJob::lease)
        .toList();
  }

  private Backend backend(Side<KeyedQueue> side) {
    return side.isFirst() ? bare.one : bare.two;
  }

  /** Each side ends its own job, if two are held. */
  private Call<KeyedQueue> settle(SettlementKind kind) {
    return new Call<>(
        "settle as " + kind,
        side -> {
          List<JobLease> leases = side.on().leases();
          JobLease lease = leases.get(side.isFirst() ? 0 : leases.size() - 1);
          Settlement.Result result =
              backend(side).jobQueue().settle(List.of(kind.of(lease, side.by(), LATER))).get(0);
          return result == Settlement.Result.BUSY ? PairOfCalls.PASSED_BY : result.toString();
        });
  }

  private Call<KeyedQueue> claimAll() {
    return new Call<>(
        "claim",
        side -> {
          Claim claim =
              backend(side)
                  .jobQueue()
                  .claim(ClaimRequest.of(side.on().queue(), side.by(), 10, term));
          return claim.jobs().isEmpty()
              ? PairOfCalls.PASSED_BY
              : claim.jobs().stream().map(job -> job.lease().jobId()).sorted().toList().toString();
        });
  }

  private Call<KeyedQueue> enqueue() {
    return new Call<>(
        "enqueue",
        side -> {
          NewJob job = NewJob.builder(side.on().queue(), side.by(), "kit", "").key(KEY).build();
          return "" + backend(side).jobQueue().enqueue(List.of(job)).get(0).created();
        });
  }

  private Call<KeyedQueue> requeueOfFailed() {
    return new Call<>(
        "requeue", side -> "" + backend(side).jobAdmin().requeue(side.on().queue(), "failed"));
  }

  private Call<KeyedQueue> cancel(String id) {
    return new Call<>(
        "cancel of the " + id, side -> "" + backend(side).jobAdmin().cancel(side.on().queue(), id));
  }

  private Call<KeyedQueue> raiseLimit() {
    return new Call<>(
        "two slots",
        side -> {
          backend(side).admission().limit(side.on().queue(), null, KeyLimit.of(2));
          backend(side).admission().apply(side.on().queue(), 100);
          return "";
        });
  }

  /** The states of all jobs, and which ones come next, until nothing is left to do. */
  private String left(KeyedQueue keyed) {
    JobQueue queue = bare.two.jobQueue();
    var text = new StringBuilder(states(keyed).map(KeyPairContract::shown).toList().toString());
    for (boolean more = true; more; ) {
      List<String> next =
          queue.claim(ClaimRequest.of(keyed.queue(), "after", 10, term)).jobs().stream()
              .map(job -> job.lease().jobId())
              .sorted()
              .toList();
      assertSlotsKept(keyed);
      List<Settlement> held =
          states(keyed)
              .flatMap(job -> Optional.ofNullable(job.lease()).stream())
              .<Settlement>map(Settlement::done)
              .toList();
      text.append(", then ").append(next);
      more = !held.isEmpty();
      if (more) {
        queue.settle(held);
      }
    }
    return text.toString();
  }

  private void assertSlotsKept(KeyedQueue keyed) {
    var page = bare.two.admission().keys(keyed.queue(), null, 10);
    int slots = Optional.ofNullable(page.limit()).orElseThrow().slots();
    assertThat(page.keys()).allMatch(state -> state.admitted() <= slots, "keeps " + slots);
    assertThat(states(keyed).filter(job -> job.lease() != null).count())
        .as("jobs that are held")
        .isEqualTo(page.keys().stream().mapToLong(KeyState::held).sum());
  }

  private Stream<Job> states(KeyedQueue keyed) {
    return Stream.of("failed", "first", "second", "third", "by the first", "by the other")
        .flatMap(id -> bare.two.jobQueue().find(keyed.queue(), id).stream());
  }

  private static String shown(Job job) {
    JobLease lease = job.lease();
    return job.id()
        + " "
        + job.state()
        + (job.cancelRequested() ? ", to be cancelled" : "")
        + (lease == null ? "" : ", held " + lease.owner());
  }
}
