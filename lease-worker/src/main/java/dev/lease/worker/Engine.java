package dev.lease.worker;

import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.worker.WorkerStatus.ActiveJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** The parts of a worker, and the order in which they start and stop. */
final class Engine {

  /** How long interrupted handlers have to end. */
  static final Duration AFTER_INTERRUPT = Duration.ofSeconds(2);

  /** How long the last settlements may take. */
  static final Duration LAST_TRIPS = Duration.ofSeconds(5);

  private static final Duration LAST_STEP = Duration.ofSeconds(1);
  private static final Logger log = LoggerFactory.getLogger(Engine.class);

  private final JobQueue jobs;
  private final WorkerConfig config;
  private final Set<HeldJob> held = ConcurrentHashMap.newKeySet();
  private final Counters counters = new Counters();
  private final Signal dispatcherSignal = new Signal();
  private final PendingSettlements pending = new PendingSettlements(dispatcherSignal);
  private final QueueRotation sources;
  private final Slots slots;
  private final Dispatcher dispatcher;
  private final @Nullable Janitor janitor;
  private final Loop dispatcherLoop;
  private final Loop extenderLoop;
  private final List<Loop> otherLoops = new ArrayList<>();

  Engine(
      JobQueue jobs,
      @Nullable JobAdmin admin,
      WorkerConfig config,
      HandlerRegistry registrations,
      JsonMapper mapper,
      LocalClock clock) {
    this.jobs = jobs;
    this.config = config;
    var outage = new StoreOutage(config.name());
    var losses = new LeaseLoss(jobs);
    var reporter = new ProgressWriter(jobs, held, losses);
    sources = new QueueRotation(registrations.queues());
    slots =
        new Slots(
            config.concurrency(),
            config.lookAhead(),
            HandlerThreads.of(threadName("handler-"), config.concurrency()),
            new JobRunner(
                jobs,
                registrations,
                mapper,
                config.idempotencyKeyPrefix(),
                held,
                losses,
                reporter,
                pending,
                counters),
            dispatcherSignal);
    dispatcher =
        new Dispatcher(
            jobs, config, clock, registrations, sources, slots, pending, held, counters, outage);
    dispatcherLoop = new Loop(threadName("dispatcher"), dispatcherSignal, dispatcher::step);
    extenderLoop =
        loop(
            "extender",
            new LeaseExtender(jobs, held, config.leaseDuration(), clock, outage, losses)::step);
    otherLoops.add(
        loop("watch", new Watchdog(held, config.leaseDuration(), this::slotIsStuck)::step));
    otherLoops.add(loop("reporter", reporter::step));
    if (admin == null) {
      janitor = null;
    } else {
      janitor = new Janitor(admin, registrations.queues(), config.purgeInterval());
      otherLoops.add(loop("janitor", janitor::step));
    }
  }

  String threadName(String role) {
    return "lease-worker-" + config.name() + "-" + role;
  }

  private Loop loop(String role, Loop.Step step) {
    return new Loop(threadName(role), new Signal(), step);
  }

  void start() {
    log.info("Worker {} starts: {}", config.name(), config);
    slots.open();
    extenderLoop.start();
    otherLoops.forEach(Loop::start);
    sources.listen(jobs, dispatcherSignal);
    dispatcherLoop.start();
  }

  /** Ends in bounded time whatever handlers and store do. Leases are kept till the end [W05]. */
  void stop() {
    log.info("Worker {} stops", config.name());
    var patience = new ShutdownWaits();
    sources.stopListening();
    closeSlots();
    if (!patience.await(config.stopGrace(), slots::awaitIdle)) {
      slots.running().forEach(hold -> hold.tell(HeldJob.Reason.STOPPING));
      patience.await(AFTER_INTERRUPT, slots::awaitIdle);
    }
    slots.forget(hold -> true).forEach(this::leave);
    dispatcher.finish();
    dispatcherSignal.raise();
    if (!patience.await(LAST_TRIPS, dispatcherLoop::awaitEnd)) {
      log.warn("Worker {} stops before all settlements were answered", config.name());
      dispatcherLoop.end();
      patience.await(LAST_STEP, dispatcherLoop::awaitEnd);
    }
    if (janitor != null) {
      janitor.stop();
    }
    otherLoops.forEach(Loop::end);
    extenderLoop.end();
    otherLoops.forEach(loop -> patience.await(LAST_STEP, loop::awaitEnd));
    patience.await(LAST_STEP, extenderLoop::awaitEnd);
    patience.await(LAST_STEP, slots::awaitEnd);
    log.info("Worker {} has stopped", config.name());
    patience.restoreInterrupt();
  }

  /**
   * To be called when the JVM goes down: a handler that is in {@code Runtime.exit} waits for the
   * shutdown hooks, so none of these may wait for it. Its attempt counts, or a job that ends its
   * JVM would do so for ever [W05, E10].
   */
  void leaveJobsInExit() {
    // First of all, or the slot of such a job would seem to be free for another.
    closeSlots();
    slots.forget(HeldJob::isInExit).forEach(this::leave);
  }

  private void closeSlots() {
    handBack(slots.close());
  }

  private void slotIsStuck() {
    handBack(slots.stranded());
  }

  private void handBack(List<HeldJob> unstarted) {
    unstarted.forEach(hold -> dispatcher.release(hold, Duration.ZERO));
  }

  private void leave(HeldJob hold) {
    held.remove(hold);
    log.warn("{} has not ended; its lease is left to run out", hold);
  }

  boolean runsHandlerOn(Thread thread) {
    return slots.running().stream().anyMatch(hold -> hold.isRunBy(thread));
  }

  WorkerStatus status(boolean running) {
    List<ActiveJob> active =
        slots.running().stream()
            .map(HeldJob::active)
            .flatMap(Optional::stream)
            .sorted(Comparator.comparing(ActiveJob::since))
            .toList();
    return new WorkerStatus(
        config.name(),
        running,
        config.concurrency(),
        config.leaseDuration(),
        active,
        slots.waiting(),
        counters.settled.sum(),
        counters.failed.sum(),
        counters.lost.sum());
  }
}
