package dev.lease.worker;

import dev.lease.Admission;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.Settlement;
import dev.lease.worker.LocalClock.Deadline;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a worker that run and settle a job, without its lanes: all of it happens on the
 * caller's thread. For one thread at a time.
 */
final class TestRunner {

  /** The worker's own clock ends no lease: a test may be halted in a debugger. The store can. */
  private static final Duration LOCAL_LEASE = Duration.ofDays(365);

  /** How many rounds of the repair a settlement has: about 2 seconds of a store that fails. */
  private static final int MOST_ROUNDS = 40;

  /** What a test may do between the claim of a job and the call of its handler. */
  interface Before {

    Before NOTHING = (job, jobs) -> jobs;

    /** Returns the store as the handler's steps see it. */
    JobQueue prepare(HeldJob job, JobQueue jobs);
  }

  private final JobQueue jobs;
  private final WorkerConfig config;
  private final HandlerRegistry handlers;
  private final PayloadCodec codec;
  private final StoreCalls calls;
  private final JobPipeline pipeline;
  private final UnknownTypes unknownTypes;
  private final JobRunner runner;
  private final LastEnd last = new LastEnd();

  private Before before = Before.NOTHING;
  private @Nullable AttemptContext context;

  TestRunner(
      JobQueue jobs,
      @Nullable Admission admission,
      @Nullable JobGraphs graphs,
      WorkerConfig config,
      HandlerRegistry handlers,
      List<WorkerListener> listeners,
      PayloadCodec codec) {
    this.jobs = jobs;
    this.config = config;
    this.handlers = handlers;
    this.codec = codec;
    List<Listening> listening = new ArrayList<>();
    listening.add(new DirectListening(last));
    listeners.forEach(listener -> listening.add(new DirectListening(listener)));
    // All calls are made on the test's own thread.
    calls =
        new StoreCalls(
            StoreCalls.MOST,
            Stream::empty,
            queue -> "",
            config.leaseDuration(),
            Runnable::run,
            System::nanoTime,
            () -> {});
    pipeline =
        new JobPipeline(
            jobs,
            admission,
            graphs,
            calls,
            config,
            handlers,
            codec,
            listening,
            Rates.NONE,
            LocalClock.SYSTEM,
            () -> {});
    pipeline.repair.hurry();
    unknownTypes = new UnknownTypes(config.unknownTypeDelay());
    runner = pipeline.runner(this::contextOf);
  }

  String owner() {
    return config.name();
  }

  JobQueue jobs() {
    return jobs;
  }

  StoreCalls calls() {
    return calls;
  }

  HandlerRegistry handlers() {
    return handlers;
  }

  PayloadCodec codec() {
    return codec;
  }

  /** Claims the next job of a queue; empty if none is due. */
  Optional<ClaimedJob> claim(String queue, String owner) {
    int parts = 0;
    while (true) {
      Claim claim = jobs.claim(ClaimRequest.of(queue, owner, 1, config.leaseDuration()));
      pipeline.held.spent(claim.finished());
      if (!claim.jobs().isEmpty()) {
        return Optional.of(claim.jobs().get(0));
      }
      parts = claim.partial() ? parts + 1 : 0;
      if (claim.finished().isEmpty() && (parts == 0 || parts >= Claim.MAX_PARTS)) {
        return Optional.empty();
      }
    }
  }

  Optional<ClaimedJob> claim(String queue) {
    return claim(queue, config.name());
  }

  /** Hands back a job that was not run. */
  void release(ClaimedJob job) {
    jobs.settle(List.of(Settlement.released(job.lease(), Duration.ZERO)));
  }

  TestedAttempt run(ClaimedJob claimed) {
    return run(claimed, Before.NOTHING);
  }

  /** Runs a job and settles it. */
  TestedAttempt run(ClaimedJob claimed, Before before) {
    this.before = before;
    context = null;
    HeldJob job = pipeline.held.add(claimed, localDeadline());
    if (handlers.find(claimed) == null) {
      Duration delay = unknownTypes.met(claimed).delay();
      pipeline.pending.add(new PendingSettlement(job, Settlement.released(job.lease(), delay)));
    } else {
      runner.run(job);
    }
    settle(job);
    return answer(job);
  }

  private static Deadline localDeadline() {
    return LocalClock.SYSTEM.in(LOCAL_LEASE);
  }

  private AttemptContext contextOf(HeldJob job, HandlerRegistration<?> handler) {
    AttemptContext made = pipeline.contextOf(job, handler, before.prepare(job, jobs));
    context = made;
    return made;
  }

  private void settle(HeldJob job) {
    List<PendingSettlement> batch = pipeline.pending.take(job.lease().queue());
    RuntimeException failure = null;
    if (!batch.isEmpty()) {
      try {
        pipeline.pending.answered(batch, jobs.settle(PendingSettlement.settlements(batch)));
      } catch (RuntimeException e) {
        failure = e;
        pipeline.pending.failed(batch, e);
      }
    }
    for (int round = 0; pipeline.repair.size() > 0; round++) {
      long wait = pipeline.repair.round();
      if (round == MOST_ROUNDS) {
        pipeline.held.leave(job);
        throw new IllegalStateException(
            "job %s could not be settled: the store fails, or holds its row".formatted(job),
            failure);
      }
      if (pipeline.repair.size() > 0) {
        pipeline.repairSignal.await(wait);
      }
    }
  }

  private TestedAttempt answer(HeldJob job) {
    AttemptContext ofJob = context;
    return new TestedAttempt(
        last.event(job),
        codec,
        PayloadFormat.context(job.claimed()),
        ofJob == null ? null : ofJob.result(),
        job.progress().last(),
        ofJob == null ? Map.of() : ofJob.keptNow());
  }

  /** Hears how an attempt ends. */
  private static final class LastEnd implements WorkerListener {
    private @Nullable JobEvent event;

    JobEvent event(HeldJob job) {
      JobEvent heard = event;
      event = null;
      if (heard == null) {
        throw new IllegalStateException(
            "job %s could not be settled; the log says why".formatted(job));
      }
      return heard;
    }

    @Override
    public void attemptEnded(JobEvent job) {
      event = job;
    }
  }
}
