package dev.lease.worker;

import dev.lease.Admission;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.worker.codec.PayloadCodec;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The parts that run a job and settle it, in a {@link Worker} and in a {@link TestWorker}. What
 * claims jobs, and the threads, are elsewhere.
 */
final class JobPipeline {

  final Signal dispatcherSignal = new Signal();
  final Signal repairSignal = new Signal();
  final FinishHints hints;
  final Events events;
  final HeldJobs held;
  final StoreOutage outage;
  final LeaseLoss losses;
  final ProgressWriter progress;
  final SettlementRepair repair;
  final PendingSettlements pending;
  final UnreadablePayloads unreadable;

  private final KeyCloser closer;
  private final @Nullable JobGraphs graphs;
  private final IdempotencyKeys keys;
  private final HandlerRegistry handlers;
  private final PayloadCodec codec;
  private final StoreCalls calls;

  /**
   * @param admission null if the store has no keys
   * @param graphs null if the store has none
   */
  JobPipeline(
      JobQueue jobs,
      @Nullable Admission admission,
      @Nullable JobGraphs graphs,
      StoreCalls calls,
      WorkerConfig config,
      HandlerRegistry handlers,
      PayloadCodec codec,
      List<Listening> listeners,
      Rates rates,
      LocalClock clock,
      Runnable whenStoreIsClosed) {
    keys = new IdempotencyKeys(config.idempotencyKeyPrefix(), config.isKeyPrefixChosen());
    this.graphs = graphs;
    this.handlers = handlers;
    this.codec = codec;
    this.calls = calls;
    hints = new FinishHints(jobs, calls);
    events = new Events(listeners, hints, rates);
    held = new HeldJobs(clock, config.leaseDuration(), events);
    outage = new StoreOutage(config.name(), events, whenStoreIsClosed);
    losses = new LeaseLoss(jobs, calls);
    progress = new ProgressWriter(jobs, calls, held, losses, outage);
    repair =
        new SettlementRepair(
            jobs, calls, held, outage, config.maxBackoff(), repairSignal, dispatcherSignal::raise);
    pending = new PendingSettlements(held, repair, dispatcherSignal, System::nanoTime);
    closer = new KeyCloser(admission, calls, held);
    unreadable = new UnreadablePayloads(jobs, calls, config.unknownTypeDelay(), held, losses);
  }

  JobRunner runner(BiFunction<HeldJob, HandlerRegistration<?>, AttemptContext> contexts) {
    return new JobRunner(
        handlers, codec, contexts, held, progress, pending, unreadable, closer, events);
  }

  /**
   * @param jobs the store as the steps of the attempt see it
   */
  AttemptContext contextOf(HeldJob job, HandlerRegistration<?> handler, JobQueue jobs) {
    var patient = new PatientCalls(calls, job);
    var steps = new Steps(jobs, patient, job, codec, losses);
    var parents = new Parents(graphs, patient, job, codec);
    return new AttemptContext(job, handler, codec, keys, steps, parents);
  }
}
