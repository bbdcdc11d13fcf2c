package dev.lease.console.live;

import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.Limits;
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
    /** Many more match than were counted: nothing was done. */
    REFUSED,
    /** The store did not answer. */
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
      LOG.warn("{} of {} ended after {} jobs", act, Limits.oneLine(words()), changed, e);
    } finally {
      took = System.nanoTime() - begun;
      end = how;
      LOG.info("{} of {}: {}, {} of {} jobs", act, Limits.oneLine(words()), how, changed, counted);
    }
  }

  private End work() {
    // A tenth more may have come meanwhile; as many as that, and no more, are changed.
    int most = Math.min(MOST, counted + counted / 10);
    if (counted < MOST && admin.count(filter, most + 1L).jobs() > most) {
      return End.REFUSED;
    }
    @Nullable String after = null;
    int sum = 0;
    do {
      if (stopped) {
        return End.STOPPED;
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
