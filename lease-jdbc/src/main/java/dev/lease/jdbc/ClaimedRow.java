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
 */
record ClaimedRow(QueuePosition place, @Nullable ClaimedJob job, @Nullable FinishedJob finished) {

  /** The order of a claim [Q13]. */
  static final Comparator<ClaimedRow> ORDER =
      Comparator.comparingInt((ClaimedRow row) -> row.place().priority())
          .reversed()
          .thenComparingLong(row -> row.place().dueAt())
          .thenComparingLong(row -> row.place().seq());
}
