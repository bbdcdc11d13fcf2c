package dev.lease.jdbc;

import dev.lease.FinishedJob;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A job that has ended, or was put off, and what others may have of that: the slot of its key, and
 * the end of its part.
 *
 * @param key the key of the job, or null
 * @param graph the graph that it is a job of, or null
 * @param part its part, or null
 * @param outcome how it has ended; 0 if it has not, negative if it runs again after that end
 */
record JobEnd(
    String queue,
    String id,
    @Nullable String key,
    @Nullable String graph,
    @Nullable String part,
    int outcome) {

  /**
   * Reads the columns {@code {ending}} and {@code outcome}.
   *
   * @param first the position of the first one
   * @return null if nobody has anything of it
   */
  static @Nullable JobEnd of(ResultSet row, int first, String queue, String id)
      throws SQLException {
    String key = row.getString(first);
    String graph = row.getString(first + 1);
    // Most jobs have neither, and in SQLite each column that is read costs.
    return key == null && graph == null
        ? null
        : of(queue, id, key, graph, row.getString(first + 2), row.getInt(first + 3));
  }

  /** The same of a job that is finished. */
  static @Nullable JobEnd of(ResultSet row, FinishedJob job) throws SQLException {
    return of(row, job.queue(), job.id());
  }

  static @Nullable JobEnd of(ResultSet row, String queue, String id) throws SQLException {
    return of(
        queue,
        id,
        row.getString("job_key"),
        row.getString("graph"),
        row.getString("part"),
        row.getInt("outcome"));
  }

  static @Nullable JobEnd of(
      String queue,
      String id,
      @Nullable String key,
      @Nullable String graph,
      @Nullable String part,
      int outcome) {
    return key == null && graph == null ? null : new JobEnd(queue, id, key, graph, part, outcome);
  }

  JobEnd withOutcome(int other) {
    return new JobEnd(queue, id, key, graph, part, other);
  }

  /** Whether its part has to be told. */
  boolean isOfGraph() {
    return graph != null && outcome != 0;
  }

  static Set<JobKey> keys(Collection<JobEnd> ends) {
    return ends.stream()
        .filter(end -> end.key != null)
        .map(end -> new JobKey(end.queue, Objects.requireNonNull(end.key)))
        .collect(Collectors.toSet());
  }
}
