package dev.lease.jdbc;

import dev.lease.Limits;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where the last claim of a queue began in each priority, so that the next one need not walk over
 * what is held or dead before that. A hint only [Q11, Q13]: it is dropped when it is as old as the
 * slack, and by a claim that came back short.
 */
final class Watermarks {

  /** Where to begin in each priority: the due time and sequence number of a job, inclusive. */
  static final class Levels {
    private static final Levels START = new Levels(0);

    private final long[] due = new long[Limits.MAX_PRIORITY + 1];
    private final long[] seq = new long[Limits.MAX_PRIORITY + 1];
    private final long since;

    private Levels(long since) {
      this.since = since;
      Arrays.fill(due, Long.MIN_VALUE);
      Arrays.fill(seq, Long.MIN_VALUE);
    }

    private Levels(Levels other, long since) {
      this(since);
      System.arraycopy(other.due, 0, due, 0, due.length);
      System.arraycopy(other.seq, 0, seq, 0, seq.length);
    }

    boolean isStart() {
      return this == START;
    }

    long due(int priority) {
      return due[priority];
    }

    long seq(int priority) {
      return seq[priority];
    }
  }

  private final long slackNanos;
  private final Map<String, Levels> queues = new ConcurrentHashMap<>();

  Watermarks(long slackNanos) {
    this.slackNanos = slackNanos;
  }

  Levels start() {
    return Levels.START;
  }

  Levels of(String queue) {
    Levels levels = queues.get(queue);
    if (levels == null || System.nanoTime() - levels.since < slackNanos) {
      return levels == null ? Levels.START : levels;
    }
    queues.remove(queue, levels);
    return Levels.START;
  }

  /** Notes a full claim that began at a time and at some levels, unless another was noted. */
  void claimed(String queue, Levels from, List<JobRows.Claimed> jobs, long start) {
    if (slackNanos == 0) {
      return;
    }
    var to = new Levels(from, from.isStart() ? start : from.since);
    int level = Limits.MAX_PRIORITY + 1;
    for (JobRows.Claimed job : jobs) {
      if (job.priority() < level) {
        level = job.priority();
        to.due[level] = job.dueAt();
        to.seq[level] = job.seq();
      }
    }
    if (from.isStart()) {
      queues.putIfAbsent(queue, to);
    } else {
      queues.replace(queue, from, to);
    }
  }

  void drop(String queue) {
    queues.remove(queue);
  }
}
