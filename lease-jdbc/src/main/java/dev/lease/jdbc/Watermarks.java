package dev.lease.jdbc;

import dev.lease.Limits;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers where the next claim of a queue may begin in each priority, so that it need not walk
 * over the held and finished jobs before that. This is only a hint [Q11, Q13]: it is dropped when
 * an older job becomes claimable, and when the last look from the start is long enough ago.
 *
 * <p>If looks are quick, "long enough" is the slack. Over very many held jobs they are slow, and
 * each one stops a busy queue. Then the next look from the start begins ten times as long after the
 * last one as the slowest look since then took, but no later than ten times the slack. A single
 * slow look may be a pause of this JVM. So there must have been a slow one in the period before as
 * well, and the quicker of the two counts.
 */
final class Watermarks {

  private static final int TIMES_THE_LOOK = 10;
  private static final int MAX_SLACKS = 10;

  /** Where to begin in each priority: the due time and sequence number of a job, inclusive. */
  static final class Levels {
    private final long[] due = new long[Limits.MAX_PRIORITY + 1];
    private final long[] seq = new long[Limits.MAX_PRIORITY + 1];

    /** Whether it begins at the start in all priorities. */
    private final boolean start;

    /** The local time at which the last look from the start began. */
    private final long began;

    /**
     * How long the longest look since then took: a look that is full before it comes to the held
     * jobs leaves them to a later one. In levels that begin at the start, the value of the period
     * before.
     */
    private final long took;

    private final long tookBefore;

    private Levels(long took) {
      Arrays.fill(due, Long.MIN_VALUE);
      Arrays.fill(seq, Long.MIN_VALUE);
      this.start = true;
      this.began = 0;
      this.took = took;
      this.tookBefore = 0;
    }

    private Levels(Levels from, long began, long took) {
      System.arraycopy(from.due, 0, due, 0, due.length);
      System.arraycopy(from.seq, 0, seq, 0, seq.length);
      this.start = false;
      this.began = from.start ? began : from.began;
      this.took = from.start ? took : Math.max(from.took, took);
      this.tookBefore = from.start ? from.took : from.tookBefore;
    }

    /** Binds where to begin, as {@code due9, seq9, ... due0, seq0}. */
    NamedStatement bind(NamedStatement statement) throws SQLException {
      for (int priority = 0; priority < due.length; priority++) {
        statement.bind("due" + priority, due[priority]).bind("seq" + priority, seq[priority]);
      }
      return statement;
    }

    long due(int priority) {
      return due[priority];
    }

    long seq(int priority) {
      return seq[priority];
    }

    private void raise(int priority, long time) {
      if (due[priority] < time) {
        due[priority] = time;
        seq[priority] = Long.MIN_VALUE;
      }
    }
  }

  private final long slackNanos;
  private final LongSupplier nanoTime;
  private final Map<String, Levels> queues = new ConcurrentHashMap<>();

  Watermarks(long slackNanos) {
    this(slackNanos, System::nanoTime);
  }

  Watermarks(long slackNanos, LongSupplier nanoTime) {
    this.slackNanos = slackNanos;
    this.nanoTime = nanoTime;
  }

  /** Levels that begin at the start. */
  static Levels start() {
    return new Levels(0);
  }

  Levels of(String queue) {
    return slackNanos == 0 ? start() : queues.compute(queue, (q, levels) -> current(levels));
  }

  private Levels current(@Nullable Levels levels) {
    if (levels == null) {
      return start();
    }
    return isOld(levels) ? new Levels(levels.took) : levels;
  }

  private boolean isOld(Levels levels) {
    long wanted = TIMES_THE_LOOK * Math.min(levels.took, levels.tookBefore);
    long pause = Math.min(Math.max(slackNanos, wanted), MAX_SLACKS * slackNanos);
    return !levels.start && nanoTime.getAsLong() - levels.began >= pause;
  }

  /**
   * Notes a look, unless another one was noted meanwhile, or an older job has become claimable. A
   * job may be committed a little later than it is due, so the next look begins one slack earlier.
   *
   * @param from where it began
   * @param look what it met, in order
   * @param full whether there may be more behind what it met
   * @param began the local time at which it began
   * @param took for how many nanoseconds it looked
   */
  void seen(String queue, Levels from, ClaimLook look, boolean full, long began, long took) {
    if (slackNanos == 0) {
      return;
    }
    var to = new Levels(from, began, took);
    List<ClaimedRow> met = look.met();
    int lowest = full ? met.get(met.size() - 1).place().priority() : -1;
    for (int level = Limits.MAX_PRIORITY; level > lowest; level--) {
      to.raise(level, look.asOf() - TimeUnit.NANOSECONDS.toMicros(slackNanos));
    }
    if (full) {
      met.stream()
          .map(ClaimedRow::place)
          .filter(place -> place.priority() == lowest)
          .findFirst()
          .ifPresent(
              first -> {
                to.due[lowest] = first.dueAt();
                to.seq[lowest] = first.seq();
              });
    }
    queues.replace(queue, from, to);
  }

  /** Makes the next claim look from the start, since an older job may have become claimable. */
  void drop(String queue) {
    queues.computeIfPresent(queue, (q, levels) -> new Levels(levels.took));
  }

  void dropAll() {
    queues.replaceAll((queue, levels) -> new Levels(levels.took));
  }
}
