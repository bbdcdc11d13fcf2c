package dev.lease.console.live;

import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.examples.shared.Failure;
import dev.lease.worker.Schedules;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An act on many jobs, in pieces, on a thread of its own. Others may look at it meanwhile. */
public final class BulkRun implements Runnable {

  /** So many jobs are counted and changed at once; whoever wants more does it again. */
  public static final int MOST = 100_000;

  private static final Logger LOG = LoggerFactory.getLogger(BulkRun.class);

  private static final int PIECE = 500;

  /** How it ended. */
  public enum End {
    /** It has not. */
    RUNNING,
    /** There are no more, or none that were counted. */
    DONE,
    /** Somebody stopped it. */
    STOPPED,
    /** More match than were counted, or a job that keeps a schedule does: {@link #why} tells. */
    REFUSED,
    /** A piece failed, and may have been done in part: {@link #why} tells. */
    FAILED
  }

  private final BulkAct act;
  private final JobAdmin admin;
  private final JobFilter filter;
  private final Duration spread;
  private final int counted;
  private final long begun = System.nanoTime();
  private final Set<String> missing = new ConcurrentSkipListSet<>();
  private volatile long took;
  private volatile int changed;
  private volatile long left;
  private volatile boolean stopped;
  private volatile End end = End.RUNNING;
  private volatile String why = "";

  /**
   * Prepares an act.
   *
   * @param act what to do
   * @param admin the store, for the operator who does it
   * @param filter which jobs
   * @param spread over how long jobs that wait again are spread
   * @param counted how many jobs the operator was told, 1 to {@value #MOST}; the latter stands for
   *     as many or more
   */
  public BulkRun(BulkAct act, JobAdmin admin, JobFilter filter, Duration spread, int counted) {
    this.act = act;
    this.admin = admin;
    this.filter = filter;
    this.spread = spread;
    this.counted = Limits.between("counted", counted, 1, MOST);
  }

  @Override
  public void run() {
    End how = End.FAILED;
    try {
      how = work();
    } catch (RuntimeException e) {
      why = Failure.inWords(e);
      LOG.warn("{} of {} failed", act, Limits.oneLine(words()), e);
    } finally {
      took = System.nanoTime() - begun;
      end = how;
      LOG.info("{} of {}: {}, {} of {} jobs", act, Limits.oneLine(words()), how, sum(), counted);
    }
  }

  private End work() {
    // A tenth more may have come meanwhile; as many as that, and no more, are changed.
    int most = Math.min(MOST, counted + counted / 10);
    if (counted < MOST && admin.count(filter, most + 1L).jobs() > most) {
      why = "More than a tenth more match than were counted.";
      return End.REFUSED;
    }
    @Nullable String after = null;
    int sum = 0;
    do {
      if (stopped) {
        return End.STOPPED;
      }
      // One may have come, or may have been held, since the jobs were counted.
      if (hasSchedule(admin, filter)) {
        why = "A job that keeps a schedule is among them: name a type.";
        return End.REFUSED;
      }
      JobPiece piece = act.piece(admin, filter, spread, after, Math.min(PIECE, most - sum));
      sum += piece.changed();
      changed = sum;
      missing.addAll(piece.missing());
      after = piece.next();
    } while (after != null && sum < most);
    left = admin.count(filter, MOST).jobs();
    return End.DONE;
  }

  /**
   * Tells whether a job that keeps a schedule is among those of a filter, in whatever state: a
   * worker may hold it now, and give it back soon.
   *
   * @param admin the store
   * @param filter which jobs
   * @return true if so
   */
  public static boolean hasSchedule(JobAdmin admin, JobFilter filter) {
    if (filter.type() != null) {
      return filter.type().equals(Schedules.JOB_TYPE);
    }
    JobFilter schedules = filter.ofType(Schedules.JOB_TYPE).inState(JobState.values());
    return admin.count(schedules, 1).jobs() > 0;
  }

  /** Lets it end after the piece that is under way. */
  public void stop() {
    stopped = true;
  }

  /** {@return what is done} */
  public BulkAct act() {
    return act;
  }

  /** {@return which jobs, in words} */
  public String words() {
    return filter.toString();
  }

  /** {@return how many jobs the operator was told} */
  public int counted() {
    return counted;
  }

  /** {@return how many jobs are changed} */
  public int changed() {
    return changed;
  }

  /** {@return how many jobs are changed, in words: of a piece that failed nobody knows} */
  public String sum() {
    return end == End.FAILED ? "at least " + changed : Integer.toString(changed);
  }

  /** {@return why it was refused or failed; empty if it was not} */
  public String why() {
    return why;
  }

  /** {@return how many jobs matched when it was done, at most {@value #MOST}} */
  public long left() {
    return left;
  }

  /** {@return how it ended, or that it runs} */
  public End end() {
    return end;
  }

  /** {@return for how long it has run} */
  public Duration took() {
    return Duration.ofNanos(end == End.RUNNING ? System.nanoTime() - begun : took);
  }

  /** {@return how many jobs it changed in a second} */
  public long speed() {
    return Math.round(changed / Math.max(0.001, took().toMillis() / 1_000.0));
  }

  /** {@return the parts of the store that did not answer} */
  public Set<String> missing() {
    return new TreeSet<>(missing);
  }
}
