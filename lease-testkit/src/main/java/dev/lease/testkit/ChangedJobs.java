package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobChange;
import dev.lease.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Changes of all sets of the fields that a change may set, with values at the edges, and the rule:
 * what is set is there afterwards, and all else is as it was [Q56].
 */
final class ChangedJobs {

  /** As many as there are sets of the six fields. */
  static final int COUNT = 1 << 6;

  /** When all jobs that were changed to be due soon are due, and no later deadline has passed. */
  static final Duration SOON = Duration.ofMinutes(90);

  /** More than a row or a command of some stores takes. */
  private static final String LONG = "é".repeat(40_000);

  /** Priority, due time, and order of enqueueing, which is that of the ids here [Q13]. */
  static final Comparator<Job> ORDER =
      Comparator.comparingInt((Job job) -> -job.priority())
          .thenComparing(Job::dueAt)
          .thenComparing(Job::id);

  private ChangedJobs() {}

  /** The id of a job, by the set of fields that are changed. Ids grow with the order of these. */
  static String id(int fields) {
    return "job %02d".formatted(fields);
  }

  /**
   * A change.
   *
   * @param fields which are set, one bit each
   * @param now the store's time in whole seconds
   */
  static JobChange change(int fields, Random random, Instant now) {
    var change = JobChange.builder();
    Due due =
        one(
            random,
            Due.at(Limits.MIN_DUE),
            Due.at(now.minusSeconds(7_200)),
            Due.at(now.minusSeconds(3_600)),
            Due.now(),
            Due.at(now.plusSeconds(3_600)),
            Due.after(Duration.ofHours(1)),
            Due.at(Limits.MAX_DUE));
    if (isSet(fields, 0)) {
      change.due(due);
    }
    if (isSet(fields, 1)) {
      change.priority(one(random, 0, 5, Limits.MAX_PRIORITY));
    }
    if (isSet(fields, 2)) {
      change.crashesLeft(one(random, 1, 3, Integer.MAX_VALUE));
    }
    if (isSet(fields, 3)) {
      change.failuresLeft(one(random, 1, 3, Integer.MAX_VALUE));
    }
    if (isSet(fields, 4)) {
      Due deadline =
          one(
              random,
              Due.at(now.minusSeconds(5_400)),
              Due.at(now.plusSeconds(7_200)),
              Due.after(Duration.ofHours(2)),
              Due.at(Limits.MAX_DUE));
      change.notAfter(isSet(fields, 0) && isBefore(deadline, due) ? due : deadline);
    }
    if (isSet(fields, 5)) {
      change.payload(one(random, "", "new", "\"é\n", LONG));
    }
    return change.build();
  }

  private static boolean isSet(int fields, int bit) {
    return (fields & (1 << bit)) != 0;
  }

  private static boolean isBefore(Due one, Due other) {
    return one instanceof Due.At first
        && other instanceof Due.At second
        && first.instant().isBefore(second.instant());
  }

  @SafeVarargs
  private static <T> T one(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }

  /**
   * What a waiting job is after a change.
   *
   * @param after what the store shows, for the times that count from the change
   * @param since a time before the change, by the store's clock
   * @param until a time after it
   */
  static Job changed(Job before, JobChange change, Job after, Instant since, Instant until) {
    Job.Builder changed = before.toBuilder();
    if (change.due() != null) {
      changed.dueAt(time("due time", change.due(), after.dueAt(), since, until));
    }
    if (change.priority() != null) {
      changed.priority(change.priority());
    }
    if (change.crashesLeft() != null) {
      changed.maxCrashes(sum(before.attempts() - before.failures(), change.crashesLeft()));
    }
    if (change.failuresLeft() != null) {
      changed.maxFailures(sum(before.failures(), change.failuresLeft()));
    }
    if (change.notAfter() != null) {
      changed.notAfter(time("deadline", change.notAfter(), after.notAfter(), since, until));
    }
    if (change.payload() != null) {
      changed.payload(change.payload());
    }
    return changed.build();
  }

  private static int sum(int one, int other) {
    return (int) Math.min(Integer.MAX_VALUE, (long) one + other);
  }

  private static Instant time(
      String what, Due due, @Nullable Instant shown, Instant since, Instant until) {
    if (due instanceof Due.At at) {
      return at.instant();
    }
    Duration delay = ((Due.After) due).delay();
    assertThat(shown)
        .as("the %s after a change of it to a delay of %s", what, delay)
        .isBetween(since.plus(delay).minusMillis(1), until.plus(delay).plusMillis(1));
    return Objects.requireNonNull(shown);
  }

  /** What a claim gives of a job that waited so. */
  static ClaimedJob claimed(Job job, ClaimedJob given) {
    return ClaimedJob.builder(given.lease(), job.type(), job.payload())
        .attempt(job.attempts() + 1)
        .failures(job.failures())
        .maxCrashes(job.maxCrashes())
        .maxFailures(job.maxFailures())
        .priority(job.priority())
        .dueAt(job.dueAt())
        .claimedAt(given.claimedAt())
        .notAfter(job.notAfter())
        .headers(job.headers())
        .build();
  }
}
