package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first statement of a slice of a reset, in dialects that need several: it looks for jobs to
 * change among some that are not finished.
 *
 * @param found the {@code seq} of each job to change
 * @param next the last job that it looked at, if there may be more behind it
 */
record ResetWalk(List<Long> found, @Nullable QueuePosition next) {

  static ResetWalk over(Session session, String text, ResetSlice.Request request)
      throws SQLException {
    var found = new ArrayList<Long>();
    List<QueuePosition> places =
        request
            .bind(session.statement(text))
            .bind("slice", request.slice())
            .list(
                row -> {
                  if (row.getBoolean("found")) {
                    found.add(row.getLong("seq"));
                  }
                  boolean last = row.getLong("place") == request.slice();
                  return last || found.size() == request.limit()
                      ? QueuePosition.of(row)
                      : QueuePosition.START;
                });
    QueuePosition last = places.isEmpty() ? QueuePosition.START : places.get(places.size() - 1);
    return new ResetWalk(found, last.equals(QueuePosition.START) ? null : last);
  }
}
