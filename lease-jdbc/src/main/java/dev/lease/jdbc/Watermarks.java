package dev.lease.jdbc;

import dev.lease.Limits;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Behind what the next claim of a queue may begin in each priority, so that it need not walk over
 * what is held or dead before that. A hint only [Q11, Q13]: it is dropped when a look from the
 * start is as old as the slack, and when a job that is older than others becomes claimable.
 *
 * <p>A look from the start over very many held jobs takes long. So that these looks take no more
 * than a tenth of the time, the next one waits ten times as long as the last one took, but not
 * longer than ten times the slack.
 */
final class Watermarks {

  private static final int PAUSE_PER_LOOK = 10;

  /** Where to begin in each priority: the due time and sequence number of a job, inclusive. */
  static final class Levels {
    private final long[] due = new long[Limits.MAX_PRIORITY + 1];
    private final long[] seq = new long[Limits.MAX_PRIORITY + 1];
    private final boolean start;
    private final long until;

    private Levels() {
      Arrays.fill(due, Long.MIN_VALUE);
      Arrays.fill(seq, Long.MIN_VALUE);
      this.start = true;
      this.until = 0;
    }

    private Levels(Levels other, long until) {
      System.arraycopy(other.due, 0, due, 0, due.length);
      System.arraycopy(other.seq, 0, seq, 0, seq.length);
      this.start = false;
      this.until = until;
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
  private final Map<String, Levels> queues = new ConcurrentHashMap<>();

  Watermarks(long slackNanos) {
    this.slackNanos = slackNanos;
  }

  /** Where there is nothing to go by. */
  static Levels start() {
    return new Levels();
  }

  Levels of(String queue) {
    return slackNanos == 0
        ? start()
        : queues.compute(queue, (q, levels) -> levels == null || isOld(levels) ? start() : levels);
  }

  private boolean isOld(Levels levels) {
    return !levels.start && System.nanoTime() - levels.until >= 0;
  }

  /**
   * Notes a look, unless another was noted since, or something older has become claimable. A job
   * may be committed a little later than it is due: what is not older than the slack is looked at
   * again.
   *
   * @param from where it began
   * @param look what it met, in order
   * @param full whether there may be more behind what it met
   * @param start the local time at which the look began
   */
  void seen(String queue, Levels from, Dialect.Look look, boolean full, long start) {
    if (slackNanos == 0) {
      return;
    }
    var to = new Levels(from, from.start ? start + pause(start) : from.until);
    List<JobRows.Claimed> met = look.met();
    int lowest = full ? met.get(met.size() - 1).place().priority() : -1;
    for (int level = Limits.MAX_PRIORITY; level > lowest; level--) {
      to.raise(level, look.asOf() - TimeUnit.NANOSECONDS.toMicros(slackNanos));
    }
    if (full) {
      met.stream()
          .map(JobRows.Claimed::place)
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

  private long pause(long start) {
    long took = System.nanoTime() - start;
    return Math.min(Math.max(slackNanos, PAUSE_PER_LOOK * took), PAUSE_PER_LOOK * slackNanos);
  }

  /** Makes the next claim look from the start, since an older job may have become claimable. */
  void drop(String queue) {
    queues.computeIfPresent(queue, (q, levels) -> start());
  }

  void dropAll() {
    queues.replaceAll((queue, levels) -> start());
  }
}
