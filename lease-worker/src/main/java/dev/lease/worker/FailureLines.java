package dev.lease.worker;

import dev.lease.Limits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Bounds how many lines of a log tell of failures: {@value #MOST} of each type, queue and kind in a
 * minute. The others are counted, and one line tells how many there were. Safe for use by many
 * threads.
 */
final class FailureLines {

  /** What failed. */
  enum Kind {
    ATTEMPT("attempts failed"),
    POLICY("exceptions came from the retry policy"),
    CLOSING("jobs closed their keys, or could not"),
    JOB("jobs became FAILED"),
    CRASHED("jobs became FAILED after they had crashed"),
    ENDED("jobs were ended by a claim or a reset");

    private final String happened;

    Kind(String happened) {
      this.happened = happened;
    }
  }

  static final int MOST = 100;

  private static final Logger log = LoggerFactory.getLogger(FailureLines.class);
  private static final long MINUTE = Duration.ofMinutes(1).toNanos();

  /** A store may have any number of types and queues: what comes later counts together. */
  private static final int MOST_SUBJECTS = 1_000;

  private static final String OTHERS = "(others)";

  private record Subject(Kind kind, String queue, String type) {}

  private final LongSupplier nanoTime;
  private long since;
  private Map<Subject, Integer> counts = new HashMap<>();

  FailureLines(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    since = nanoTime.getAsLong();
  }

  /** Counts a failure; answers the level of its line: DEBUG if there were too many. */
  Level level(Kind kind, String queue, String type, Level ofFirst) {
    round();
    return isAmongTheFirst(new Subject(kind, queue, type)) ? ofFirst : Level.DEBUG;
  }

  private synchronized boolean isAmongTheFirst(Subject subject) {
    boolean isKnown = counts.containsKey(subject) || counts.size() < MOST_SUBJECTS;
    Subject counted = isKnown ? subject : new Subject(subject.kind(), OTHERS, OTHERS);
    return counts.merge(counted, 1, Integer::sum) <= MOST;
  }

  /** Tells what was only counted, once a minute. Call this now and then. */
  void round() {
    tellSince(MINUTE);
  }

  /** Tells what was only counted until now. */
  void end() {
    tellSince(0);
  }

  private void tellSince(long atLeast) {
    Map<Subject, Integer> before;
    Duration passed;
    synchronized (this) {
      long now = nanoTime.getAsLong();
      passed = Duration.ofNanos(now - since);
      if (passed.toNanos() < atLeast) {
        return;
      }
      before = counts;
      counts = new HashMap<>();
      since = now;
    }
    // Not under the lock: a logger that hangs must not keep others from counting.
    tell(before, Limits.shown(passed));
  }

  private static void tell(Map<Subject, Integer> counts, String passed) {
    counts.forEach(
        (subject, count) -> {
          if (count > MOST) {
            log.warn(
                "{} more {} in the last {}, of type {} of queue {}: only the first {} have lines of"
                    + " their own",
                count - MOST,
                subject.kind().happened,
                passed,
                Limits.oneLine(subject.type()),
                Limits.oneLine(subject.queue()),
                MOST);
          }
        });
  }
}
