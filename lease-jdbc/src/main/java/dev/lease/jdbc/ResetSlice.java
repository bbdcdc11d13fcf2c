package dev.lease.jdbc;

import dev.lease.FinishedJob;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one slice of a reset did. A reset walks over the jobs that are not finished, some at a time.
 *
 * @param changed how many jobs it changed
 * @param finished those of them that it finished
 * @param next the job behind which the next slice begins; null if there are no more
 */
record ResetSlice(int changed, List<FinishedJob> finished, @Nullable QueuePosition next) {

  /**
   * What a slice is asked to do.
   *
   * @param keep how long a job that it finishes is kept, if the job does not say it; microseconds
   * @param spentOnly whether it changes only the spent jobs that a claim would meet, which it
   *     finishes, also those that nobody held; otherwise it changes only jobs that were held
   * @param limit how many jobs it may change
   * @param slice how many jobs it may look at
   * @param behind the job behind which it begins
   */
  record Request(
      String queue, long keep, boolean spentOnly, int limit, int slice, QueuePosition behind) {

    NamedStatement bind(NamedStatement statement) throws SQLException {
      return statement
          .bind("queue", queue)
          .bind("spentOnly", spentOnly)
          .bind("limit", limit)
          .bind("priority", behind.priority())
          .bind("due", behind.dueAt())
          .bind("seq", behind.seq());
    }
  }
}
