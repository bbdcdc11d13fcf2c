package dev.lease.worker;

import dev.lease.Admission;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.worker.WorkerStatus.ActiveJob;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a worker, and the order in which they start and stop. */
final class Engine {

  /** What the names of further queues begin with, and how often they are looked for. */
  record Prefixes(Set<String> names, Duration interval) {}

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
  private final ExecutorService threads;
  private final StoreCalls calls;
  private final JobPipeline pipeline;
  private final HandlerRegistry handlers;
  private final QueueRotation rotation;
  private final Slots slots;
  private final Claims claims;
  private final Dispatcher dispatcher;
  private final @Nullable Janitor janitor;
  private final Health health;
  private final @Nullable Reporter reporter;
  private final LeaseExtender extender;
  private final QueueHints queueHints;
  private final Signal extenderSignal = new Signal();
  private final Signal errandsSignal = new Signal();

  private final AtomicBoolean storeClosed = new AtomicBoolean();
  private final Loop dispatcherLoop;
  private final Loop repairLoop;
  private final Loop extenderLoop;
  private final List<Loop> otherLoops;
  private volatile Runnable whenStoreIsClosed = () -> {};
  private volatile Supplier<WorkerStatus.State> state = () -> WorkerStatus.State.NEW;

  Engine(
      JobQueue jobs,
      @Nullable JobAdmin admin,
      @Nullable Admission admission,
      @Nullable JobGraphs graphs,
      @Nullable LeaseStore reports,
      Duration longestCall,
      UnaryOperator<String> storeOf,
      WorkerConfig config,
      HandlerRegistry handlers,
      Prefixes prefixes,
      List<Schedule> schedules,
      List<WorkerListener> listeners,
      @Nullable ThreadFactory handlerThreads,
      PayloadCodec codec,
      LocalClock clock,
      Lanes.Threads lanesThreads) {
    this.jobs = jobs;
    this.config = config;
    lanes = new Lanes(config.name(), lanesThreads);
    threads = HandlerThreads.onDemand(threadName("call-"));
    this.handlers = handlers;
    rotation = new QueueRotation(polled(handlers.queues()), config.pollInterval());
    calls =
        new StoreCalls(
            StoreCalls.MOST,
            this::queuesInUse,
            storeOf,
            longestCall,
            threads,
            System::nanoTime,
            this::wakeLanes);
    Rates rates = reports == null ? Rates.NONE : new Rates(clock.millis());
    pipeline =
        new JobPipeline(
            jobs,
            admission,
            graphs,
            calls,
            config,
            handlers,
            codec,
            listening(listeners),
            rates,
            clock,
            this::storeIsClosed);
    slots = slots(handlerThreads, clock);
    var answers = new Inbox(pipeline.dispatcherSignal);
    claims = claims(answers, handlers);
    dispatcher =
        new Dispatcher(
            jobs, calls, answers, rotation, slots, pipeline.pending, claims, this::mayClaim);
    health = health(admin);
    var errands = new Inbox(errandsSignal);
    extender = extender(errands);
    queueHints =
        new QueueHints(
            config.name(), jobs, calls, errands, rotation::all, pipeline.dispatcherSignal::raise);
    janitor =
        admin == null
            ? null
            : new Janitor(
                admin, calls, errands, pipeline.held, rotation::names, config.purgeInterval());
    var finder =
        admin == null || prefixes.names().isEmpty()
            ? null
            : new QueueFinder(
                admin, calls, errands, prefixes.names(), prefixes.interval(), this::found);
    reporter = reports == null ? null : reporter(reports, rates, errands, clock);
    extenderLoop = lanes.add("extender", extenderSignal, extender::round);
    dispatcherLoop = lanes.add("dispatcher", pipeline.dispatcherSignal, this::dispatch);
    repairLoop = lanes.add("repair", pipeline.repairSignal, pipeline.repair::round);
    otherLoops =
        List.of(
            lanes.add("watchdog", new Signal(), watchdog()),
            lanes.add(
                "errands",
                errandsSignal,
                errands(errands, registrar(errands, admin, schedules, codec), finder)));
  }

  private Slots slots(@Nullable ThreadFactory factory, LocalClock clock) {
    return new Slots(
        config.concurrency(),
        new LookAhead(
            config.lookAhead(),
            config.lookAheadBytes(),
            LookAhead.longestWait(config.leaseDuration())),
        factory == null
            ? HandlerThreads.of(
                config.threads() == WorkerConfig.Threads.VIRTUAL,
                threadName("handler-"),
                config.concurrency())
            : HandlerThreads.pool(config.concurrency(), factory),
        pipeline.runner((job, handler) -> pipeline.contextOf(job, handler, jobs))::run,
        clock.nanos(),
        pipeline.dispatcherSignal::raise,
        this::unsettled);
  }

  private Claims claims(Inbox answers, HandlerRegistry handlers) {
    return new Claims(
        jobs,
        calls,
        answers,
        config,
        handlers,
        slots,
        pipeline.held,
        pipeline.pending,
        pipeline.outage,
        pipeline.unreadable);
  }

  private LeaseExtender extender(Inbox errands) {
    return new LeaseExtender(
        jobs,
        calls,
        pipeline.held,
        config.extendAfter(),
        pipeline.outage,
        pipeline.losses,
        pipeline.events,
        errands,
        new Inbox(extenderSignal),
        pipeline.dispatcherSignal::raise);
  }

  private @Nullable ScheduleRegistrar registrar(
      Inbox errands, @Nullable JobAdmin admin, List<Schedule> schedules, PayloadCodec codec) {
    return schedules.isEmpty()
        ? null
        : new ScheduleRegistrar(
            jobs, admin, calls, errands, schedules, codec, pipeline.outage, config.maxBackoff());
  }

  private Reporter reporter(LeaseStore reports, Rates rates, Inbox errands, LocalClock clock) {
    var writer = new ReportWriter(config, rotation::all, slots, rates, this::status, health::of);
    return new Reporter(reports, calls, errands, config.name(), writer::note, clock.nanos());
  }

  private Loop.Round errands(
      Inbox inbox, @Nullable ScheduleRegistrar registrar, @Nullable QueueFinder finder) {
    List<Loop.Round> rounds = new ArrayList<>(List.of(queueHints::round, pipeline.progress::round));
    if (registrar != null) {
      rounds.add(registrar::round);
    }
    if (finder != null) {
      rounds.add(finder::round);
    }
    if (janitor != null) {
      rounds.add(janitor::round);
    }
    if (reporter != null) {
      rounds.add(reporter::round);
    }
    return () -> {
      inbox.empty();
      return rounds.stream().mapToLong(Loop.Round::run).min().orElseThrow();
    };
  }

  private long dispatch() {
    lanes.revive();
    return dispatcher.round();
  }

  private List<Listening> listening(List<WorkerListener> listeners) {
    List<Listening> all = new ArrayList<>();
    for (WorkerListener listener : listeners) {
      all.add(new Listening(listener, threadName("listener-" + all.size())));
    }
    return all;
  }

  private List<PolledQueue> polled(List<String> queues) {
    return queues.stream().map(queue -> polled(queue, share(queue))).toList();
  }

  private PolledQueue polled(String queue, QueueShare share) {
    int slots = Objects.requireNonNullElse(share.slots(), config.concurrency());
    return new PolledQueue(queue, slots, share.weight(), config);
  }

  /** The share that the configuration gives a queue. */
  QueueShare share(String queue) {
    return config.queue(queue);
  }

  private Health health(@Nullable JobAdmin admin) {
    Duration most = config.maxDueTime();
    var oldestDue =
        admin == null || most == null
            ? null
            : new OldestDue(admin, rotation::contains, most, threads);
    return new Health(
        pipeline.held, pipeline.outage, calls, claims, config, rotation::names, oldestDue);
  }

  private Loop.Round watchdog() {
    var watchdog =
        new Watchdog(
            pipeline.held,
            new Watchdog.Calls() {
              @Override
              public void slotIsStuck(HeldJob job) {
                slots.slotIsStuck();
                pipeline.events.stuck(job);
              }

              @Override
              public void releaseStranded() {
                claims.releaseStranded();
              }

              @Override
              public void askStore() {
                extenderSignal.raise();
              }
            });
    return () -> {
      lanes.revive();
      calls.giveUp();
      long next = watchdog.round();
      // Last: a log that hangs or throws keeps nothing from being watched in this round.
      pipeline.held.lines().round();
      return next;
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

  /** How many queues have calls to make: those of held jobs still have, when they are removed. */
  private Stream<String> queuesInUse() {
    return Stream.concat(
        rotation.all().stream().map(PolledQueue::name),
        pipeline.held.queues().stream().filter(queue -> !rotation.contains(queue)));
  }

  /** How many settlements of a queue have failed, or wait behind one that hangs. */
  private int unsettled(String queue) {
    return pipeline.repair.size(queue) + hanging(queue);
  }

  private int hanging(String queue) {
    int open = pipeline.pending.open(queue);
    return open > 0 && calls.isLeft(StoreCalls.Kind.SETTLE, queue) ? open : 0;
  }

  /**
   * @param state the state of the worker whose engine this is
   * @param stop stops the worker on another thread
   */
  void belongsTo(Supplier<WorkerStatus.State> state, Runnable stop) {
    this.state = state;
    whenStoreIsClosed = stop;
  }

  private void storeIsClosed() {
    if (storeClosed.compareAndSet(false, true)) {
      log.error(
          "The store of worker {} was closed before the worker, which stops now; close the worker"
              + " first. Jobs that it holds run again when their leases expire",
          Limits.oneLine(config.name()));
      whenStoreIsClosed.run();
    }
  }

  /** Wakes whoever may have found no room for a call. */
  private void wakeLanes() {
    pipeline.hints.give();
    pipeline.dispatcherSignal.raise();
    pipeline.repairSignal.raise();
    extenderSignal.raise();
  }

  void start() {
    log.info("Worker {} starts with {}", Limits.oneLine(config.name()), config);
    pipeline.events.start();
    slots.open();
    // First, so that the hints are usually there before the first claim.
    queueHints.round();
    extenderLoop.start();
    otherLoops.forEach(Loop::start);
    repairLoop.start();
    dispatcherLoop.start();
  }

  /** Adds a queue; the worker listens to its hints once it has started. */
  boolean addQueue(String queue, QueueShare share, boolean isRunning) {
    config.check(queue, share);
    boolean isNew = rotation.add(polled(queue, share));
    if (isNew && isRunning) {
      begin(queue);
    }
    return isNew;
  }

  private void found(String queue) {
    if (rotation.addFound(polled(queue, share(queue)))) {
      begin(queue);
    }
  }

  private void begin(String queue) {
    log.info(
        "Worker {} takes jobs from queue {} now",
        Limits.oneLine(config.name()),
        Limits.oneLine(queue));
    if (janitor != null) {
      janitor.added(queue);
    }
    // Wakes the lane of the janitor, too.
    queueHints.changed();
    pipeline.dispatcherSignal.raise();
  }

  boolean removeQueue(String queue) {
    boolean wasThere = rotation.remove(queue);
    if (wasThere) {
      log.info(
          "Worker {} claims no more jobs from queue {}; those that it holds go on",
          Limits.oneLine(config.name()),
          Limits.oneLine(queue));
      claims.removed(queue);
      queueHints.changed();
    }
    return wasThere;
  }

  /**
   * Stops in bounded time, whatever handlers and the store do. Leases are extended to the end
   * [W05].
   */
  void stop() {
    log.info(
        "Worker {} stops; running handlers have {} before they are interrupted",
        Limits.oneLine(config.name()),
        Limits.shown(config.stopGrace()));
    var waits = new ShutdownWaits();
    closeSlots();
    endHints();
    if (!waits.await(config.stopGrace(), slots::awaitIdle)) {
      slots.running().forEach(job -> job.tellToStop(HeldJob.StopReason.STOPPING));
      waits.await(AFTER_INTERRUPT, slots::awaitIdle);
    }
    slots.forget(job -> true).forEach(this::leave);
    calls.stop();
    pipeline.repair.hurry();
    settleTheLast(waits);
    if (janitor != null) {
      janitor.stop();
    }
    otherLoops.forEach(Loop::end);
    extenderLoop.end();
    otherLoops.forEach(loop -> waits.await(LAST_ROUND, loop::awaitEnd));
    waits.await(LAST_ROUND, extenderLoop::awaitEnd);
    if (reporter != null) {
      reporter.stop();
    }
    threads.shutdown();
    waits.await(LAST_ROUND, nanos -> threads.awaitTermination(nanos, TimeUnit.NANOSECONDS));
    waits.await(LAST_ROUND, slots::awaitEnd);
    pipeline.held.lines().end();
    pipeline.events.end();
    waits.await(LAST_ROUND, pipeline.events::awaitEnd);
    log.info("Worker {} has stopped", Limits.oneLine(config.name()));
    waits.restoreInterrupt();
  }

  /** Elsewhere, since the store may hang; whether or not other calls do, since it is the last. */
  private void endHints() {
    try {
      threads.execute(queueHints::end);
    } catch (Throwable e) {
      log.warn(
          "The hints of worker {} go on until its store is closed",
          Limits.oneLine(config.name()),
          e);
    }
  }

  /** Sends the last settlements, and logs the jobs that could not be settled. */
  private void settleTheLast(ShutdownWaits waits) {
    long begun = System.nanoTime();
    dispatcher.finish();
    pipeline.dispatcherSignal.raise();
    waits.await(LAST_TRIPS, dispatcherLoop::awaitEnd);
    pipeline.repair.finish();
    Duration left = LAST_TRIPS.minusNanos(System.nanoTime() - begun);
    waits.await(left.isNegative() ? Duration.ZERO : left, repairLoop::awaitEnd);
    for (Loop loop : List.of(dispatcherLoop, repairLoop)) {
      loop.end();
      waits.await(LAST_ROUND, loop::awaitEnd);
    }
    pipeline.repair.laneHasEnded();
    dispatcher.laneHasEnded();
    logUnsettled();
  }

  private void logUnsettled() {
    List<String> ids = new ArrayList<>();
    for (HeldJob job : pipeline.held) {
      ids.add(ErrorText.job(job.claimed().type(), job.lease().jobId(), job.lease().queue()));
    }
    for (int from = 0; from < ids.size(); from += IDS_IN_A_LINE) {
      List<String> some = ids.subList(from, Math.min(from + IDS_IN_A_LINE, ids.size()));
      log.error(
          "Worker {} stopped before it could settle these jobs, which run again when their leases"
              + " expire: {}",
          Limits.oneLine(config.name()),
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
    pipeline.held.leave(job);
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

  WorkerHealth health() {
    return health.of(status());
  }

  WorkerStatus status() {
    List<ActiveJob> active =
        slots.running().stream()
            .map(HeldJob::active)
            .flatMap(Optional::stream)
            .sorted(Comparator.comparing(ActiveJob::since))
            .toList();
    return new WorkerStatus(
        config,
        state.get(),
        lanes.sinceLastRounds(),
        rotation.names(),
        handlers::types,
        active,
        slots.waiting(),
        pipeline.repair.size() + pipeline.held.queues().stream().mapToInt(this::hanging).sum(),
        pipeline.held.counts(),
        pipeline.outage.state().map(StoreOutage.State::length).orElse(null));
  }
}
