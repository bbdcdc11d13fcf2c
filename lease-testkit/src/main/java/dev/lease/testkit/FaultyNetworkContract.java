package dev.lease.testkit;

import static dev.lease.testkit.Names.unique;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionQuery;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.Progress;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The contract of a store whose network fails: replies are lost, one after the other, connections
 * are cut, and the server stops answering. Extend this class and return a {@link NetworkFixture}.
 * The store must have both leases and queues. Its {@code JobAdmin}, its {@code Admission} and its
 * {@code JobGraphs} are tested too, if it has them.
 */
public abstract class FaultyNetworkContract extends LostGraphReplyContract {

  private static final int THREADS = 4;
  private static final int JOBS = 200;
  private static final Duration SHORTLY_HELD = Duration.ofSeconds(3);

  /** The most empty claims that a worker makes; far more than should be needed. */
  private static final int MOST_EMPTY = 10_000;

  @Test
  @DisplayName("L22 cut connections are replaced, and meanwhile no call says that a lease is lost")
  void cutConnections() {
    JobLease lease = held();
    for (int round = 0; round < 3; round++) {
      proxy.cut();
      eventually(() -> extend(lease, HELD));
    }
    proxy.cutAtRandom(7, 0.05);
    for (int i = 0; i < 30; i++) {
      JobLease next = held();
      eventually(() -> assertThat(jobs.checkpoint(next, "step", "value")).contains("value"));
      eventually(() -> jobs.settle(List.of(Settlement.done(next))));
      Job job = find(next.queue());
      assertThat(job.state()).isEqualTo(JobState.DONE);
      assertThat(job.attempts()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName(
      "Q49 Q15 L22 while connections are cut at random, no job is lost, given twice or miscounted")
  void cutUnderLoad() throws Exception {
    String queue = unique("queue");
    var given = new ArrayList<String>();
    var lostClaims = new AtomicInteger();
    proxy.cutAtRandom(11, 0.02);
    Together.run(
        THREADS,
        thread -> {
          for (int i = thread; i < JOBS; i += THREADS) {
            NewJob job = job(queue, "job-" + i, Due.now());
            eventually(() -> jobs.enqueue(List.of(job)));
          }
          return null;
        });
    Together.run(
        THREADS,
        thread -> {
          workOff(queue, given, lostClaims);
          return null;
        });
    proxy.heal();

    List<Job> all =
        IntStream.range(0, JOBS)
            .mapToObj(i -> others.find(queue, "job-" + i).orElseThrow())
            .toList();
    assertThat(given).as("jobs that were given").doesNotHaveDuplicates();
    assertThat(all).extracting(Job::attempts).as("attempts").containsOnly(1);
    Set<String> done = new HashSet<>();
    all.stream().filter(job -> job.state() == JobState.DONE).forEach(job -> done.add(job.id()));
    assertThat(done).as("jobs that are done").isEqualTo(Set.copyOf(given));
    assertThat(JOBS - done.size())
        .as("jobs that were given by a claim whose reply was lost")
        .isLessThanOrEqualTo(lostClaims.get());
  }

  private boolean areAllTaken(String queue) {
    return IntStream.range(0, JOBS)
        .allMatch(i -> others.find(queue, "job-" + i).orElseThrow().attempts() > 0);
  }

  /** Claims and settles until every job was claimed. */
  private void workOff(String queue, List<String> given, AtomicInteger lostClaims) {
    int empty = 0;
    while (true) {
      List<ClaimedJob> claimed;
      try {
        claimed = jobs.claim(ClaimRequest.of(queue, "worker", 1, HELD)).jobs();
      } catch (StoreException e) {
        lostClaims.addAndGet(e.isOutcomeUnknown() ? 1 : 0);
        continue;
      }
      // For a moment a server may still hold the locks of a claim whose connection was cut.
      if (claimed.isEmpty() && (++empty == MOST_EMPTY || areAllTaken(queue))) {
        return;
      }
      for (ClaimedJob job : claimed) {
        synchronized (given) {
          given.add(job.lease().jobId());
        }
        List<Settlement> done = List.of(Settlement.done(job.lease()));
        eventually(() -> jobs.settle(done));
      }
    }
  }

  @Test
  @DisplayName("L22 every call gives up on a silent server, and works again afterwards")
  void silence() throws Exception {
    takeWithCallTimeout(impatient());
    JobLease lease = held();
    var done = List.<Settlement>of(Settlement.done(lease));
    Map<String, Runnable> all = allCalls(lease, done);

    proxy.blackHole();
    all.forEach((name, call) -> assertThat(failureOf(name, call)).as(name).isNotNull());
    proxy.heal();

    eventually(() -> jobs.settle(done));
    assertThat(stateOf(lease.queue())).isEqualTo(JobState.DONE);
  }

  @Test
  @Since(2)
  @DisplayName("L31 every call, all at once, ends within the time that the store names")
  void longestCall() throws Exception {
    takeWithCallTimeout(impatient());
    Duration longest = backend.longestCall();
    JobLease lease = held();
    Map<String, Runnable> all = allCalls(lease, List.of(Settlement.done(lease)));

    proxy.blackHole();

    assertAllEnd(all, longest);
  }

  @Test
  @Since(2)
  @DisplayName("L31 an extension and a renewal end within a third of the lease")
  void longestCallOfAnExtension() throws Exception {
    takeWithCallTimeout(endless());
    JobLease lease = held();
    Lease named = acquired();

    proxy.blackHole();

    assertAllEnd(
        Map.of(
            "extend", () -> jobs.extend(List.of(lease), SHORTLY_HELD),
            "renew", () -> leases.renew(named, SHORTLY_HELD)),
        SHORTLY_HELD.dividedBy(3));
  }

  private Map<String, Runnable> allCalls(JobLease lease, List<Settlement> done) {
    Lease named = acquired();
    NewJob job = job(unique("job"));
    String other = unique("lease");
    Map<String, Runnable> all = new LinkedHashMap<>();
    all.put("enqueue", () -> jobs.enqueue(List.of(job)));
    all.put("claim", () -> jobs.claim(ClaimRequest.of(job.queue(), "worker", 1, HELD)));
    all.put("extend", () -> jobs.extend(List.of(lease), HELD));
    all.put("settle", () -> jobs.settle(done));
    all.put(
        "settleAndClaim",
        () -> jobs.settleAndClaim(done, ClaimRequest.of(job.queue(), "worker", 1, HELD)));
    all.put("progress", () -> jobs.progress(lease, Progress.of(1, "")));
    all.put("checkpoint", () -> jobs.checkpoint(lease, "step", "value"));
    all.put("checkpoints", () -> jobs.checkpoints(lease));
    all.put("find", () -> jobs.find(lease.queue(), lease.jobId()));
    all.put("acquire", () -> leases.acquire(other, "owner", HELD));
    all.put("renew", () -> leases.renew(named, HELD));
    if (!lacks(Capability.NOTES)) {
      String noted = unique("lease");
      all.put("acquire with a note", () -> leases.acquire(noted, "owner", HELD, "note"));
      all.put("renew with a note", () -> leases.renew(named, HELD, "note"));
    }
    all.put("release", () -> leases.release(named));
    all.put("find of a lease", () -> leases.find(named.name()));
    all.put("list of leases", () -> leases.list("", null, 10));
    if (!lacks(Capability.ADMIN)) {
      all.put("list", () -> admin().list(JobQuery.of(JobFilter.all()).limit(10)));
      all.put("count", () -> admin().count(JobFilter.all(), 10));
      all.put("steps", () -> admin().steps("q", "id"));
      all.put("counts", () -> admin().counts().queues());
      all.put("resetExpired", () -> admin().resetExpired(job.queue(), 1).count());
      all.put("cancel", () -> admin().cancel(job.queue(), job.id()));
      all.put("requeue", () -> admin().requeue(job.queue(), job.id()));
      all.put("change", () -> admin().change(job.queue(), job.id(), JobChange.runNow()));
      all.put("delete", () -> admin().delete(job.queue(), job.id()));
      JobFilter here = JobFilter.all().inQueue(job.queue());
      all.put("cancel by filter", () -> admin().cancel(here, null, 1));
      all.put("requeue by filter", () -> admin().requeue(here, Requeueing.now(), null, 1));
      all.put("delete by filter", () -> admin().delete(here, null, 1));
      all.put("failedAttempts", () -> admin().failedAttempts(job.queue(), job.id()));
      all.put("pause", () -> admin().pause(job.queue()));
      all.put("resume", () -> admin().resume(job.queue()));
      all.put("purge", () -> admin().purge(job.queue(), 1));
      all.put("purge by age", () -> admin().purge(job.queue(), Duration.ZERO, 1));
    }
    if (!lacks(Capability.AUDIT)) {
      JobAdmin view = admin().by(Operator.of("kit", ""));
      all.put("delete by an operator", () -> view.delete(job.queue(), job.id()));
      all.put("actions", () -> admin().actions(ActionQuery.all().limit(10)));
      all.put("purgeActions", () -> admin().purgeActions(job.queue(), Duration.ZERO, 1));
    }
    return all;
  }

  @Test
  @DisplayName("L22 many concurrent calls give up on a silent server, each in its own time")
  void silenceToMany() throws Exception {
    takeWithCallTimeout(impatient());
    String queue = enqueued();
    proxy.blackHole();

    List<Boolean> failed =
        Together.run(
            THREADS * THREADS, thread -> failureOf("find", () -> jobs.find(queue, queue)) != null);
    proxy.heal();

    assertThat(failed).containsOnly(true);
    eventually(() -> assertThat(jobs.find(queue, queue)).isPresent());
  }

  @Test
  @DisplayName("L22 a loop of claims and settlements goes on by itself after the server was silent")
  void silenceUnderLoad() throws Exception {
    takeWithCallTimeout(impatient());
    String queue = unique("queue");
    var settled = new AtomicInteger();
    var failed = new AtomicInteger();
    var stopped = new AtomicBoolean();
    Thread loop = start("loop", () -> loop(queue, settled, failed, stopped::get));
    try {
      awaitMore(settled, () -> others.enqueue(List.of(job(queue, unique("job"), Due.now()))));
      proxy.blackHole();
      awaitMore(failed, () -> {});
      proxy.heal();
      awaitMore(settled, () -> others.enqueue(List.of(job(queue, unique("job"), Due.now()))));
    } finally {
      stopped.set(true);
      assertEnds("the loop", () -> join(loop));
    }
  }

  private void loop(
      String queue, AtomicInteger settled, AtomicInteger failed, BooleanSupplier stopped) {
    while (!stopped.getAsBoolean()) {
      try {
        for (ClaimedJob job : jobs.claim(ClaimRequest.of(queue, "worker", 10, HELD)).jobs()) {
          jobs.settle(List.of(Settlement.done(job.lease())));
          settled.incrementAndGet();
        }
      } catch (StoreException e) {
        failed.incrementAndGet();
      }
    }
  }

  @Test
  @DisplayName("L26 L22 a backend object can be closed while the server is silent")
  void closeInSilence() throws Exception {
    takeWithCallTimeout(impatient());
    proxy.blackHole();
    Thread call = start("call", () -> failureOf("find", () -> jobs.find("queue", "job")));
    while (!proxy.holdsSomething()) {
      Thread.onSpinWait();
    }

    assertEnds("close", this::closeBackend);

    assertEnds("the call under way", () -> join(call));
    assertClosed("find", () -> jobs.find("queue", "job"));
    assertClosed("acquire", () -> leases.acquire("name", "owner", HELD));
  }

  @Test
  @DisplayName("L22 opening a backend object gives up on a silent server")
  void openInSilence() {
    proxy.blackHole();

    StoreException e =
        Objects.requireNonNull(
            failureOf("open", () -> opened(impatient()).close()),
            "opening succeeded although the server is silent");

    assertThat(e.isOutcomeUnknown()).as("whether the outcome is unknown").isFalse();
    assertThat(e.getMessage()).hasLineCount(1);
  }
}
