package dev.lease.worker;

import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.worker.WorkerStatus.ActiveJob;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a worker, and the order in which they start and stop. */
final class Engine {

  /** How long handlers may take to return after the interrupt of a stop. */
  static final Duration AFTER_INTERRUPT = Duration.ofSeconds(2);

  /** How long the last settlements of a stop may take. */
  static final Duration LAST_TRIPS = Duration.ofSeconds(5);

  private static final Duration LAST_ROUND = Duration.ofSeconds(1);
  private static final int IDS_IN_A_LINE = 100;
  private static final Logger log = LoggerFactory.getLogger(Engine.class);

  private final JobQueue jobs;
  private final WorkerConfig config;
  private final Lanes lanes;
  private final EndHints hints;
  private final Events events;
  private final StoreOutage outage;
  private final HeldJobs held;
  private final QueueRotation rotation;
  private final Slots slots;
  private final PendingSettlements pending;
  private final SettlementRepair repair;
  private final Claims claims;
  private final Dispatcher dispatcher;
  private final @Nullable Janitor janitor;
  private final Health health;
  private final LeaseExtender extender;
  private final ExecutorService threads;
  private final StoreCalls calls;
  private final Signal dispatcherSignal = new Signal();
  private final Signal repairSignal = new Signal();
  private final Signal extenderSignal = new Signal();
  private final AtomicBoolean storeClosed = new AtomicBoolean();
  private final Loop dispatcherLoop;
  private final Loop repairLoop;
  private final Loop extenderLoop;
  private final List<Loop> otherLoops = new ArrayList<>();
  private volatile Runnable whenStoreIsClosed = () -> {};

  Engine(
      JobQueue jobs,
      @Nullable JobAdmin admin,
      Duration longestCall,
      WorkerConfig config,
      HandlerRegistry handlers,
      List<Schedule> schedules,
      List<WorkerListener> listeners,
      @Nullable Executor executor,
      PayloadCodec codec,
      LocalClock clock,
      Lanes.Threads lanesThreads) {
    this.jobs = jobs;
    this.config = config;
    lanes = new Lanes(config.name(), lanesThreads);
    threads = HandlerThreads.onDemand(threadName("call-"));
    calls =
        new StoreCalls(
            StoreCalls.MOST,
            handlers.queues().size(),
            longestCall,
            threads,
            System::nanoTime,
            this::wakeLanes);
    var errandsSignal = new Signal();
    var errands = new Inbox(errandsSignal);
    hints = new EndHints(jobs, calls);
    events = new Events(listening(listeners), hints, config.leaseDuration());
    held = new HeldJobs(clock, config.leaseDuration(), events);
    rotation = new QueueRotation(queues(config, handlers), config.pollInterval());
    outage = new StoreOutage(config.name(), events, this::storeIsClosed);
    var losses = new LeaseLoss(jobs, calls);
    var progress = new ProgressWriter(jobs, calls, held, losses, outage);

    repair =
        new SettlementRepair(
            jobs, calls, held, outage, config.maxBackoff(), repairSignal, dispatcherSignal::raise);
    pending = new PendingSettlements(held, repair, dispatcherSignal);
    var unreadable =
        new UnreadablePayloads(
            jobs, calls, config.leaseDuration(), config.unknownTypeDelay(), held, losses);
    slots =
        new Slots(
            config.concurrency(),
            new LookAhead(
                config.lookAhead(),
                config.lookAheadBytes(),
                LookAhead.longestWait(config.leaseDuration())),
            executor == null
                ? HandlerThreads.of(
                    config.threads() == WorkerConfig.Threads.VIRTUAL,
                    threadName("handler-"),
                    config.concurrency())
                : new BorrowedThreads(executor),
            new JobRunner(
                    handlers,
                    codec,
                    job ->
                        new AttemptContext(
                            job,
                            codec,
                            config.idempotencyKeyPrefix(),
                            new Steps(jobs, calls, job, codec, losses)),
                    held,
                    progress,
                    pending,
                    unreadable,
                    events)
                ::run,
            clock.nanos(),
            dispatcherSignal::raise,
            this::unsettled);
    var dispatcherAnswers = new Inbox(dispatcherSignal);
    claims =
        new Claims(
            jobs,
            calls,
            dispatcherAnswers,
            config,
            handlers,
            slots,
            held,
            pending,
            outage,
            unreadable);
    health =
        new Health(
            held, outage, calls, claims, config, handlers.queues(), oldestDue(admin, handlers));
    extender =
        new LeaseExtender(
            jobs,
            calls,
            held,
            config.extendAfter(),
            outage,
            losses,
            events,
            errands,
            new Inbox(extenderSignal),
            dispatcherSignal::raise);
    extenderLoop = lanes.add("extender", extenderSignal, extender::round);
    dispatcher =
        new Dispatcher(
            jobs, calls, dispatcherAnswers, rotation, slots, pending, claims, this::mayClaim);
    dispatcherLoop =
        lanes.add(
            "dispatcher",
            dispatcherSignal,
            () -> {
              lanes.revive();
              return dispatcher.round();
            });
    repairLoop = lanes.add("repair", repairSignal, repair::round);
    otherLoops.add(lanes.add("watchdog", new Signal(), watchdog()));
    List<Loop.Round> rounds = new ArrayList<>(List.of(progress::round));
    if (!schedules.isEmpty()) {
      rounds.add(
          new ScheduleRegistrar(
                  jobs, admin, calls, errands, schedules, codec, outage, config.maxBackoff())
              ::round);
    }
    if (admin == null) {
      janitor = null;
    } else {
      janitor = new Janitor(admin, calls, errands, held, handlers.queues(), config.purgeInterval());
      rounds.add(janitor::round);
    }
    otherLoops.add(
        lanes.add(
            "errands",
            errandsSignal,
            () -> {
              errands.empty();
              return rounds.stream().mapToLong(Loop.Round::run).min().orElseThrow();
            }));
  }

  private List<Listening> listening(List<WorkerListener> listeners) {
    List<Listening> all = new ArrayList<>();
    for (WorkerListener listener : listeners) {
      all.add(new Listening(listener, threadName("listener-" + all.size())));
    }
    return all;
  }

  private static List<PolledQueue> queues(WorkerConfig config, HandlerRegistry handlers) {
    return handlers.queues().stream()
        .map(
            name -> {
              var share = config.queues().get(name);
              return share == null
                  ? new PolledQueue(name, config.concurrency(), 1, config)
                  : new PolledQueue(name, share.slots(), share.weight(), config);
            })
        .toList();
  }

  private @Nullable OldestDue oldestDue(@Nullable JobAdmin admin, HandlerRegistry handlers) {
    Duration most = config.maxDueTime();
    return admin == null || most == null
        ? null
        : new OldestDue(admin, Set.copyOf(handlers.queues()), most, threads);
  }

  private Loop.Round watchdog() {
    var watchdog =
        new Watchdog(
            held,
            new Watchdog.Calls() {
              @Override
              public void slotIsStuck(HeldJob job) {
                slots.slotIsStuck();
                events.stuck(job);
              }

              @Override
              public void releaseStranded() {
                releaseAll(slots.stranded());
                List<HeldJob> dropped = slots.neverBegun(config.leaseDuration().toNanos() / 2);
                releaseAll(dropped);
                for (HeldJob job : dropped) {
                  log.warn(
                      "Job {} is released: no thread has begun it in half a lease. An executor must"
                          + " have as many threads free as the worker's concurrency",
                      job);
                }
              }

              @Override
              public void askStore() {
                extenderSignal.raise();
              }
            });
    return () -> {
      lanes.revive();
      calls.giveUp();
      return watchdog.round();
    };
  }

  String threadName(String role) {
    return lanes.threadName(role);
  }

  /** No extension, no claims: a job whose lease nobody extends would run twice [W24]. */
  private boolean mayClaim(String queue) {
    return extenderLoop.isAlive()
        && !extender.isLate(queue)
        && !calls.isPausing(StoreCalls.Kind.EXTEND, queue);
  }

  /** How many settlements of a queue have failed, or wait behind one that hangs. */
  private int unsettled(String queue) {
    return repair.size(queue) + hanging(queue);
  }

  private int hanging(String queue) {
    int open = pending.open(queue);
    return open > 0 && calls.isLeft(StoreCalls.Kind.SETTLE, queue) ? open : 0;
  }

  /**
   * @param stop stops the worker on another thread
   */
  void whenStoreIsClosed(Runnable stop) {
    whenStoreIsClosed = stop;
  }

  private void storeIsClosed() {
    if (storeClosed.compareAndSet(false, true)) {
      log.error(
          "The store of worker {} was closed before the worker, which stops now; close the worker"
              + " first. Jobs that it holds run again when their leases expire",
          config.name());
      whenStoreIsClosed.run();
    }
  }

  /** Wakes whoever may have found no room for a call. */
  private void wakeLanes() {
    hints.give();
    dispatcherSignal.raise();
    repairSignal.raise();
    extenderSignal.raise();
  }

  void start() {
    log.info("Worker {} starts with {}", config.name(), config);
    events.start();
    slots.open();
    extenderLoop.start();
    otherLoops.forEach(Loop::start);
    repairLoop.start();
    // Elsewhere, since a subscription may hang; usually it is there before the first claim.
    subscribe("hints", () -> rotation.listen(jobs, dispatcherSignal::raise));
    dispatcherLoop.start();
  }

  /**
   * Stops in bounded time, whatever handlers and the store do. Leases are extended to the end
   * [W05].
   */
  void stop() {
    log.info(
        "Worker {} stops; running handlers have {} before they are interrupted",
        config.name(),
        config.stopGrace());
    var waits = new ShutdownWaits();
    closeSlots();
    // Elsewhere, since the store may hang.
    subscribe("end of hints", rotation::stopListening);
    if (!waits.await(config.stopGrace(), slots::awaitIdle)) {
      slots.running().forEach(job -> job.tellToStop(HeldJob.StopReason.STOPPING));
      waits.await(AFTER_INTERRUPT, slots::awaitIdle);
    }
    slots.forget(job -> true).forEach(this::leave);
    calls.stop();
    repair.hurry();
    settleTheLast(waits);
    if (janitor != null) {
      janitor.stop();
    }
    otherLoops.forEach(Loop::end);
    extenderLoop.end();
    otherLoops.forEach(loop -> waits.await(LAST_ROUND, loop::awaitEnd));
    waits.await(LAST_ROUND, extenderLoop::awaitEnd);
    threads.shutdown();
    waits.await(LAST_ROUND, nanos -> threads.awaitTermination(nanos, TimeUnit.NANOSECONDS));
    waits.await(LAST_ROUND, slots::awaitEnd);
    events.end();
    waits.await(LAST_ROUND, events::awaitEnd);
    log.info("Worker {} has stopped", config.name());
    waits.restoreInterrupt();
  }

  private void subscribe(String name, Runnable task) {
    calls.make(
        StoreCalls.Call.of(
            StoreCalls.Kind.SUBSCRIBE,
            name,
            task,
            e -> log.error("The hints of worker {} fail; it polls instead", config.name(), e)),
        Runnable::run);
  }

  /** Sends the last settlements, and logs the jobs that could not be settled. */
  private void settleTheLast(ShutdownWaits waits) {
    long begun = System.nanoTime();
    dispatcher.finish();
    dispatcherSignal.raise();
    waits.await(LAST_TRIPS, dispatcherLoop::awaitEnd);
    repair.finish();
    Duration left = LAST_TRIPS.minusNanos(System.nanoTime() - begun);
    waits.await(left.isNegative() ? Duration.ZERO : left, repairLoop::awaitEnd);
    for (Loop loop : List.of(dispatcherLoop, repairLoop)) {
      loop.end();
      waits.await(LAST_ROUND, loop::awaitEnd);
    }
    repair.laneHasEnded();
    dispatcher.laneHasEnded();
    logUnsettled();
  }

  private void logUnsettled() {
    List<String> ids = new ArrayList<>();
    for (HeldJob job : held) {
      ids.add(
          job.claimed().type() + " " + job.lease().jobId() + " of queue " + job.lease().queue());
    }
    for (int from = 0; from < ids.size(); from += IDS_IN_A_LINE) {
      List<String> some = ids.subList(from, Math.min(from + IDS_IN_A_LINE, ids.size()));
      log.error(
          "Worker {} stopped before it could settle these jobs, which run again when their leases"
              + " expire: {}",
          config.name(),
          String.join(", ", some));
    }
  }

  /**
   * Call this when the JVM shuts down. A handler that called {@code System.exit} waits for the
   * shutdown hooks, so a hook that waited for the handler would wait for ever. The attempt counts:
   * otherwise a job that exits its JVM would run again without end [W05].
   */
  void leaveJobsInExit() {
    // First of all, or the slot of such a job would look free for another job.
    closeSlots();
    slots.forget(HeldJob::isInExit).forEach(this::leave);
  }

  private void closeSlots() {
    releaseAll(slots.close());
  }

  private void releaseAll(List<HeldJob> unstarted) {
    unstarted.forEach(job -> claims.release(job, Duration.ZERO));
  }

  private void leave(HeldJob job) {
    held.leave(job);
    log.warn(
        "The handler of job {} still runs while the worker stops; its lease is no longer extended,"
            + " and the job can be claimed again when the lease expires",
        job);
  }

  boolean runsHandlerOn(Thread thread) {
    return slots.running().stream().anyMatch(job -> job.isRunBy(thread));
  }

  boolean isAlive() {
    return lanes.areAlive();
  }

  WorkerHealth health(WorkerStatus.State state) {
    return health.of(status(state));
  }

  WorkerStatus status(WorkerStatus.State state) {
    List<ActiveJob> active =
        slots.running().stream()
            .map(HeldJob::active)
            .flatMap(Optional::stream)
            .sorted(Comparator.comparing(ActiveJob::since))
            .toList();
    return new WorkerStatus(
        config,
        state,
        lanes.sinceLastRounds(),
        active,
        slots.waiting(),
        repair.size() + rotation.names().mapToInt(this::hanging).sum(),
        held.counts());
  }
}
