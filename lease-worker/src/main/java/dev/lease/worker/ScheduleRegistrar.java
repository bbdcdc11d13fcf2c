package dev.lease.worker;

import dev.lease.Capability;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobAdmin.Change;
import dev.lease.JobChange;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.StoreClosedException;
import dev.lease.StoreException;
import dev.lease.worker.Schedule.Work;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the schedules of a worker into the store, and looks from time to time whether they are
 * there: two nodes of different versions that register at once may overwrite each other, since a
 * job has no conditional change.
 */
final class ScheduleRegistrar {

  private static final Logger log = LoggerFactory.getLogger(ScheduleRegistrar.class);
  private static final long LOOK = Duration.ofMinutes(1).toNanos();
  private static final long SOON = Duration.ofMillis(200).toNanos();
  private static final long WAIT_FOR_ROOM = Duration.ofSeconds(1).toNanos();

  private final JobQueue jobs;
  private final @Nullable JobAdmin admin;
  private final StoreCalls calls;
  private final Executor lane;
  private final List<Schedule> schedules;
  private final PayloadCodec codec;
  private final StoreOutage outage;
  private final long afterFailure;

  /** What was logged once, or done once. */
  private final Set<String> done = ConcurrentHashMap.newKeySet();

  /** The schedules that the worker has yet to look at. */
  private final Set<Schedule> inTurn = new LinkedHashSet<>();

  private long lookedAt;
  private long pause;

  ScheduleRegistrar(
      JobQueue jobs,
      @Nullable JobAdmin admin,
      StoreCalls calls,
      Executor lane,
      List<Schedule> schedules,
      PayloadCodec codec,
      StoreOutage outage,
      Duration afterFailure) {
    this.jobs = jobs;
    this.admin = admin;
    this.calls = calls;
    this.lane = lane;
    this.schedules = schedules;
    this.codec = codec;
    this.outage = outage;
    this.afterFailure = afterFailure.toNanos();
    schedules.forEach(this::definition);
  }

  /** Throws if the payload cannot be written, or is too large. */
  private Optional<ScheduleDefinition> definition(Schedule schedule) {
    Work work = schedule.work();
    if (work == null) {
      return Optional.empty();
    }
    ScheduleDefinition definition = ScheduleDefinition.of(schedule, work, codec);
    definition.keeper(schedule.queue(), schedule.name());
    definition.firing(schedule.queue(), schedule.name(), Instant.EPOCH, codec);
    return Optional.of(definition);
  }

  long round() {
    if (untilNextLook() == 0) {
      begin();
    }
    takeTurns();
    return inTurn.isEmpty() ? untilNextLook() : Math.min(untilNextLook(), WAIT_FOR_ROOM);
  }

  private long untilNextLook() {
    return Math.max(0, pause - (System.nanoTime() - lookedAt));
  }

  /** Looks at all schedules; returns how long until the next look. */
  long look() {
    begin();
    takeTurns();
    return pause;
  }

  /** A schedule that still waits for its turn keeps it, so that none waits for ever. */
  private void begin() {
    lookedAt = System.nanoTime();
    pause = LOOK;
    inTurn.addAll(schedules);
  }

  /** A queue has one call of this kind at a time, and keeps no other queue from its turn. */
  private void takeTurns() {
    inTurn.removeIf(
        schedule ->
            !calls.isUnderWay(StoreCalls.Kind.SCHEDULE, schedule.queue())
                && calls.make(registration(schedule), lane));
  }

  private void lookAfter(long nanos) {
    pause = Math.min(pause, nanos);
  }

  private StoreCalls.Call<Boolean> registration(Schedule schedule) {
    return new StoreCalls.Call<>(
        StoreCalls.Kind.SCHEDULE,
        schedule.queue(),
        () -> isSettled(schedule),
        isSettled -> {
          outage.succeeded(schedule.queue(), operation(schedule));
          lookAfter(isSettled ? LOOK : SOON);
        },
        e -> {
          lookAfter(afterFailure);
          failed(schedule, e);
        });
  }

  private void failed(Schedule schedule, Throwable failure) {
    if (failure instanceof StoreException || failure instanceof StoreClosedException) {
      outage.failed(schedule.queue(), operation(schedule), failure);
      return;
    }
    // The codec throws, or a right is missing: the store itself answers.
    outage.succeeded(schedule.queue(), operation(schedule));
    once(
        schedule,
        "failed",
        () ->
            log.error(
                "Schedule {} cannot be registered: {}; this worker tries again until it can (logged"
                    + " once)",
                schedule,
                ErrorText.line(failure)));
  }

  /** Of one schedule: what keeps it from the store does not keep the next. */
  private static String operation(Schedule schedule) {
    return "register schedule " + Limits.oneLine(schedule.name());
  }

  /** Whether the store has the schedule as it should be; otherwise it is to be looked at soon. */
  private boolean isSettled(Schedule schedule) {
    Optional<Job> found = jobs.find(schedule.queue(), jobId(schedule));
    Optional<ScheduleDefinition> mine = definition(schedule);
    if (found.isPresent() && !found.get().type().equals(ScheduleDefinition.JOB_TYPE)) {
      // A schedule that is removed does not fire anyway.
      if (mine.isPresent()) {
        isInTheWay(schedule, found.get());
      }
      return true;
    }
    if (mine.isEmpty()) {
      return found.isEmpty() || isRemoved(schedule, found.get());
    }
    return found.isEmpty()
        ? isCreated(schedule, mine.get())
        : isCurrent(schedule, mine.get(), found.get());
  }

  private void isInTheWay(Schedule schedule, Job job) {
    once(
        schedule,
        "in the way",
        () ->
            log.error(
                "Schedule {} does not fire: job {} of type {}, which is no schedule's, has the id"
                    + " under which it is kept; delete that job, or give the schedule another name"
                    + " (logged once)",
                schedule,
                Limits.oneLine(job.id()),
                Limits.oneLine(job.type())));
  }

  private boolean isCreated(Schedule schedule, ScheduleDefinition mine) {
    var job = mine.keeper(schedule.queue(), schedule.name());
    if (!jobs.enqueue(List.of(job)).get(0).created()) {
      // Another node was faster. Or it is remembered, and nothing else is known of it.
      return !done.add(schedule + "existing");
    }
    done.add(schedule + "registered");
    log.info("Schedule {} is registered, as {}", schedule, mine);
    return true;
  }

  private boolean isRemoved(Schedule schedule, Job job) {
    ScheduleDefinition stored = read(schedule, job);
    if (job.state().isFinished() || stored == null) {
      return true;
    }
    if (stored.version() > schedule.version()) {
      keepNewer(schedule, stored);
      return true;
    }
    if (admin == null) {
      complain(schedule, "removed");
      return true;
    }
    Cancellation answer = admin.cancel(job.queue(), job.id());
    log.info("Schedule {}, {}, is removed: {}", schedule, stored, answer);
    return answer != Cancellation.REQUESTED;
  }

  private boolean isCurrent(Schedule schedule, ScheduleDefinition mine, Job job) {
    ScheduleDefinition stored = read(schedule, job);
    if (stored == null) {
      return true;
    }
    if (job.state().isFinished()) {
      return isBack(schedule, mine, stored, job);
    }
    if (mine.version() < stored.version()) {
      keepNewer(schedule, stored);
      return true;
    }
    boolean same = mine.isLike(stored) && isSamePayload(schedule, mine, stored);
    boolean asHere = same && prefix(mine).equals(prefix(stored));
    if (asHere || (mine.version() == stored.version() && done.contains(schedule + "registered"))) {
      done.add(schedule + "registered");
      return true;
    }
    if (admin == null) {
      complain(schedule, "changed");
      return true;
    }
    if (!isChanged(schedule, mine, stored, job, admin)) {
      return false;
    }
    if (same) {
      log.info("Schedule {} stays the same, and is written anew by this worker's codec", schedule);
    } else if (mine.version() == stored.version()) {
      log.warn(
          "Schedule {} was {} and is now {}: two nodes have different schedules of one version, and"
              + " the last to start wins; raise the version with each change",
          schedule,
          stored,
          mine);
    } else {
      log.info("Schedule {} was {} and is now {}", schedule, stored, mine);
    }
    return false; // Another node may have done the same at this moment.
  }

  private boolean isBack(
      Schedule schedule, ScheduleDefinition mine, ScheduleDefinition stored, Job job) {
    if (mine.version() <= stored.version()) {
      once(
          schedule,
          "removed",
          () ->
              log.info(
                  "Schedule {} was removed as {}, and stays so: only a higher version brings it"
                      + " back",
                  schedule,
                  stored));
      return true;
    }
    if (admin == null) {
      complain(schedule, "brought back");
      return true;
    }
    // A new job and not a requeue: what it missed while it was removed is no firing.
    admin.delete(job.queue(), job.id());
    return isCreated(schedule, mine);
  }

  private boolean isChanged(
      Schedule schedule,
      ScheduleDefinition mine,
      ScheduleDefinition stored,
      Job job,
      JobAdmin admin) {
    boolean sameTimes = mine.times().equals(stored.times());
    String since = sameTimes ? stored.since() : job.asOf().toString();
    var change = JobChange.builder().payload(mine.since(since).text());
    if (!sameTimes && !Schedules.isPaused(job)) {
      change.due(Due.now());
    }
    if (admin.change(job.queue(), job.id(), change.build()) != Change.CHANGED) {
      return false;
    }
    done.add(schedule + "registered");
    return true;
  }

  /** Encrypted payloads differ in each writing, so what they mean is compared. */
  private boolean isSamePayload(
      Schedule schedule, ScheduleDefinition mine, ScheduleDefinition stored) {
    if (mine.payload().equals(stored.payload())) {
      return true;
    }
    Work work = Objects.requireNonNull(schedule.work());
    CodecContext context = stored.payloadContext(schedule.queue(), jobId(schedule));
    Type type = work.type().payloadType();
    try {
      Object theirs = codec.read(stored.payload(), type, context);
      // The JSON tells what a class without equals does not.
      return work.payload().equals(theirs)
          || JacksonCodec.DEFAULT
              .write(work.payload(), type, context)
              .equals(JacksonCodec.DEFAULT.write(theirs, type, context));
    } catch (RuntimeException e) {
      return false;
    }
  }

  /**
   * What a codec puts before a text, such as the id of a key. A schedule takes on the codec of the
   * node that starts last: otherwise its jobs would need a key that was rotated for ever.
   */
  private static String prefix(ScheduleDefinition definition) {
    String text = definition.payload();
    return text.substring(0, text.lastIndexOf(':') + 1);
  }

  private @Nullable ScheduleDefinition read(Schedule schedule, Job job) {
    try {
      return ScheduleDefinition.read(job.payload());
    } catch (RuntimeException e) {
      once(
          schedule,
          "unreadable",
          () ->
              log.warn(
                  "Schedule {} cannot be read by this node, which leaves it as it is: {}",
                  schedule,
                  ErrorText.line(e)));
      return null;
    }
  }

  private void keepNewer(Schedule schedule, ScheduleDefinition stored) {
    once(
        schedule,
        "older",
        () ->
            log.info(
                "Schedule {} stays as it is, {}: this node has the older version {}",
                schedule,
                stored,
                schedule.version()));
  }

  private void complain(Schedule schedule, String what) {
    once(
        schedule,
        "no admin",
        () ->
            log.warn(
                "Schedule {} cannot be {}: the store of the worker has no calls for operators (capability"
                    + " {}); it stays as the store has it",
                schedule,
                what,
                Capability.ADMIN));
  }

  private void once(Schedule schedule, String what, Runnable message) {
    if (done.add(schedule + what)) {
      message.run();
    }
  }

  private static String jobId(Schedule schedule) {
    return ScheduleDefinition.jobId(schedule.name());
  }
}
