package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobAdmin.Change;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What operators do with schedules. A schedule is a job, and this works on that job. Safe for use
 * by many threads.
 *
 * <p>All calls throw a {@link dev.lease.StoreException} if the store could not answer. Repeating
 * them is safe.
 */
public final class Schedules {

  /**
   * The type of the jobs that keep schedules. To act on one as on any other job could remove the
   * schedule for all nodes, so programs for operators leave them out.
   */
  public static final String JOB_TYPE = ScheduleDefinition.JOB_TYPE;

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final JobQueue jobs;
  private final JobAdmin admin;

  private final PayloadCodec codec;

  private Schedules(Backend backend, PayloadCodec codec) {
    jobs = backend.jobQueue();
    admin = backend.jobAdmin();
    this.codec = Limits.notNull("codec", codec);
  }

  /**
   * Makes the operator's view of a store whose payloads are written by {@link
   * JacksonCodec#DEFAULT}.
   *
   * @param backend the store. If its admin comes from {@link JobAdmin#by}, see {@link
   *     dev.lease.BackendView}, the store records each pause, resumption and removal
   * @return the view
   * @throws UnsupportedOperationException if the store comes without {@link
   *     dev.lease.Capability#ADMIN}
   */
  public static Schedules of(Backend backend) {
    return of(backend, PayloadFormat.defaultCodec());
  }

  /**
   * Makes the operator's view of a store.
   *
   * @param backend the store
   * @param codec the codec of the workers, for {@link #runNow}
   * @return the view
   * @throws UnsupportedOperationException if the store comes without {@link
   *     dev.lease.Capability#ADMIN}
   */
  public static Schedules of(Backend backend, PayloadCodec codec) {
    return new Schedules(Limits.notNull("backend", backend), codec);
  }

  /**
   * A schedule as the store had it at one moment.
   *
   * <p>Not a record, so that it can have more later.
   */
  public static final class Listed {

    private final Job job;
    private final @Nullable ScheduleDefinition definition;

    private Listed(Job job) {
      this.job = job;
      definition = definition(job);
    }

    private static @Nullable ScheduleDefinition definition(Job job) {
      try {
        return ScheduleDefinition.read(job.payload());
      } catch (RuntimeException e) {
        return null;
      }
    }

    /**
     * The queue.
     *
     * @return the queue
     */
    public String queue() {
      return job.queue();
    }

    /**
     * The name, unique within the queue.
     *
     * @return the name
     */
    public String name() {
      return ScheduleDefinition.name(job.id());
    }

    /**
     * The type of the jobs that it enqueues.
     *
     * @return the type; null if the schedule is unreadable
     */
    public @Nullable String type() {
      return definition == null ? null : definition.type();
    }

    /**
     * When it fires: {@code cron Europe/Berlin 0 2 * * *}, {@code every PT10M} or {@code after
     * PT1H}.
     *
     * @return the times, or {@code unreadable} if a later version of Lease has written them, or
     *     cron-utils is missing here
     */
    public String times() {
      return definition == null ? "unreadable" : definition.times();
    }

    /**
     * Its version.
     *
     * @return 1 or more; 0 if the schedule is unreadable
     */
    public int version() {
      return definition == null ? 0 : definition.version();
    }

    /**
     * Whether it is paused.
     *
     * @return true if so
     */
    public boolean paused() {
      return isPaused(job);
    }

    /**
     * The planned instant of its last firing that was dealt with, whether it fired or was skipped.
     *
     * @return the instant, or null if there was none yet
     */
    public @Nullable Instant lastFiring() {
      try {
        LastFiring last = LastFiring.read(job.progress());
        return last == null ? null : last.planned();
      } catch (RuntimeException e) {
        return null;
      }
    }

    /**
     * The planned instant of its next firing. It has passed if the firing is late.
     *
     * @return the instant; null if the schedule is paused, is unreadable or has no further one, or
     *     if that depends on when its last job finishes
     */
    public @Nullable Instant nextFiring() {
      Instant last = lastFiring();
      if (definition == null || paused() || (last == null && job.progress() != null)) {
        return null;
      }
      if (last != null && definition.timing().afterLast()) {
        return null;
      }
      Instant next = definition.next(job.createdAt(), last);
      return next.equals(Instant.MAX) ? null : next;
    }

    /**
     * When a worker will look at it again: at its next firing, or earlier.
     *
     * @return the instant
     */
    public Instant dueAt() {
      return job.dueAt();
    }

    /**
     * The time of the store's clock when it answered.
     *
     * @return the time
     */
    public Instant asOf() {
      return job.asOf();
    }

    /** For people. */
    @Override
    public String toString() {
      return name()
          + " of queue "
          + queue()
          + ": "
          + times()
          + ", version "
          + version()
          + (paused() ? ", paused" : "")
          + ", last firing "
          + lastFiring();
    }
  }

  /** A paused schedule is due when no worker will live to see it. */
  static boolean isPaused(Job job) {
    return !job.dueAt().isBefore(Limits.MAX_DUE);
  }

  /**
   * Lists the schedules of all queues that are not removed.
   *
   * @return the schedules
   */
  public List<Listed> list() {
    JobFilter filter =
        JobFilter.all()
            .ofType(ScheduleDefinition.JOB_TYPE)
            .inState(JobState.PENDING, JobState.RETRY, JobState.PROCESSING);
    List<Listed> all = new ArrayList<>();
    String after = null;
    do {
      JobPage page = admin.list(JobQuery.of(filter).after(after).limit(Limits.MAX_BATCH));
      page.jobs().forEach(job -> all.add(new Listed(job)));
      after = page.next();
    } while (after != null);
    return all;
  }

  /**
   * Pauses a schedule. It does not fire until it is resumed, on whatever node and after whatever
   * restart. Jobs that it has enqueued go on.
   *
   * @param queue the queue
   * @param name the name
   * @return false if there is no such schedule
   * @throws IllegalStateException if a worker has held the schedule for 10 seconds, for example
   *     because it crashed with it; try again when its lease has expired
   */
  public boolean pause(String queue, String name) {
    return change(queue, name, Due.at(Limits.MAX_DUE));
  }

  /**
   * Resumes a schedule. Its policy decides about the firings that it has missed. Does nothing if it
   * is not paused.
   *
   * @param queue the queue
   * @param name the name
   * @return false if there is no such schedule
   */
  public boolean resume(String queue, String name) {
    Optional<Job> job = find(queue, name);
    return job.isPresent() && (!isPaused(job.get()) || change(queue, name, Due.now()));
  }

  /**
   * Enqueues one job of a schedule now, paused or not. The planned firings stay as they are. The
   * header {@code planned} of the job has the time of the store's clock at this call.
   *
   * <p>The job's id is {@code name@now-run}. So the same run enqueues one job, however often the
   * call is repeated: after a {@link dev.lease.StoreException}, repeat it with the same run.
   *
   * @param queue the queue
   * @param name the name
   * @param run an id that the caller chooses anew for each job that it wants, such as a UUID or the
   *     number of a ticket
   * @return the id of the job, or of the one that has its dedup key, and whether this call made it;
   *     empty if there is no such schedule
   * @throws IllegalArgumentException if the run breaks the rules of a name, or the id of the job
   *     would be too long, or the codec cannot read the payload of the schedule; nothing was
   *     enqueued
   * @throws IllegalStateException if the schedule cannot be read here
   * @throws UnsupportedOperationException if the jobs of the schedule have a key, and the store
   *     comes without {@link dev.lease.Capability#KEYS}; nothing was enqueued
   */
  public Optional<Enqueued> runNow(String queue, String name, String run) {
    Limits.name("run", run);
    return find(queue, name)
        .map(
            job -> {
              ScheduleDefinition definition = new Listed(job).definition;
              if (definition == null) {
                throw new IllegalStateException(
                    "schedule " + name + " of queue " + queue + " cannot be read here");
              }
              NewJob firing = definition.firingNow(queue, name, run, job.asOf(), codec);
              return jobs.enqueue(List.of(firing)).get(0);
            });
  }

  /**
   * Removes a schedule. Jobs that it has enqueued go on. For a year, nodes that have the schedule
   * in their code do not bring it back, unless with a higher version.
   *
   * @param queue the queue
   * @param name the name
   * @return false if there is no such schedule
   */
  public boolean remove(String queue, String name) {
    return find(queue, name).isPresent()
        && admin.cancel(queue, ScheduleDefinition.jobId(name)) != Cancellation.NOT_FOUND;
  }

  private Optional<Job> find(String queue, String name) {
    return jobs.find(queue, ScheduleDefinition.jobId(name))
        .filter(job -> job.type().equals(ScheduleDefinition.JOB_TYPE))
        .filter(job -> !job.state().isFinished());
  }

  /** A worker holds the job of a schedule for as long as a firing takes: some milliseconds. */
  private boolean change(String queue, String name, Due due) {
    JobChange change = JobChange.builder().due(due).build();
    long begun = System.nanoTime();
    while (find(queue, name).isPresent()) {
      if (admin.change(queue, ScheduleDefinition.jobId(name), change) == Change.CHANGED) {
        return true;
      }
      if (System.nanoTime() - begun > PATIENCE.toNanos() || !hasSlept()) {
        throw new IllegalStateException(
            "schedule " + name + " of queue " + queue + " is held by a worker; try again later");
      }
    }
    return false;
  }

  private static boolean hasSlept() {
    try {
      Thread.sleep(PAUSE.toMillis());
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
