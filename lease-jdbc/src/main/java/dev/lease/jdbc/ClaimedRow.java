package dev.lease.jdbc;

import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * A row that a claim met.
 *
 * @param job the job that the worker gets; null if the claim finished it
 * @param finished the job that the claim finished; null if the worker gets it
 * @param end what others have of the end of a job that the claim finished; null if nobody has
 * @param brokenToken the token under which a job was claimed that nobody can work on, since it was
 *     not made by the store and breaks its rules: it still has to be finished; else 0
 */
record ClaimedRow(
    QueuePosition place,
    @Nullable ClaimedJob job,
    @Nullable FinishedJob finished,
    @Nullable JobEnd end,
    long brokenToken) {

  static ClaimedRow of(QueuePosition place, ClaimedJob job) {
    return new ClaimedRow(place, job, null, null, 0);
  }

  static ClaimedRow of(QueuePosition place, FinishedJob finished, @Nullable JobEnd end) {
    return new ClaimedRow(place, null, finished, end, 0);
  }

  static ClaimedRow broken(QueuePosition place, FinishedJob job, long token) {
    return new ClaimedRow(place, null, job, null, token);
  }

  /** The order of a claim [Q13]. */
  static final Comparator<ClaimedRow> ORDER =
      Comparator.comparingInt((ClaimedRow row) -> row.place().priority())
          .reversed()
          .thenComparingLong(row -> row.place().dueAt())
          .thenComparingLong(row -> row.place().seq());
}
