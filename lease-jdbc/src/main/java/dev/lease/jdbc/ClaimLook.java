package dev.lease.jdbc;

import static java.util.stream.Collectors.toSet;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one look of a claim at a queue met.
 *
 * @param asOf the store's time when it looked, or earlier, in microseconds
 * @param met the rows, in any order
 * @param cut whether it left jobs because of their size, or because they were changed meanwhile
 * @param seen the priorities in which it saw jobs, also such as others have locked
 */
record ClaimLook(long asOf, List<ClaimedRow> met, boolean cut, Set<Integer> seen) {

  ClaimLook(long asOf, List<ClaimedRow> met, boolean cut) {
    this(asOf, met, cut, met.stream().map(row -> row.place().priority()).collect(toSet()));
  }

  /** What others have of the jobs that the look finished. */
  List<JobEnd> ended() {
    return met.stream()
        .filter(row -> row.brokenToken() == 0)
        .map(ClaimedRow::end)
        .filter(Objects::nonNull)
        .map(Objects::requireNonNull)
        .toList();
  }

  /**
   * What a look asks for; times are in microseconds.
   *
   * @param maxBytes how many bytes the payloads may have together
   * @param first whether the first job is taken whatever its size
   * @param duration how long the leases last
   * @param keep how long a job that the look finishes is kept, if the job does not say it
   */
  record Request(
      String queue,
      String owner,
      int limit,
      long maxBytes,
      boolean first,
      long duration,
      long keep) {

    /** In the place of a size: the look does not give the job. */
    static final long FINISHED = -1;

    @Nullable ClaimedRow claimed(ResultSet row, int before) throws SQLException {
      return RowMappers.claimed(row, before, queue, owner, duration);
    }

    ClaimedRow claimed(ResultSet row) throws SQLException {
      return Objects.requireNonNull(claimed(row, 0));
    }

    /**
     * How many of some jobs fit into {@code maxBytes} after those before.
     *
     * @param before the sizes of the jobs that the look has met before
     * @param sizes the sizes of the next ones, {@link #FINISHED} for one that it only finishes
     */
    int fitting(List<Long> before, List<Long> sizes) {
      long total = 0;
      boolean isFirst = first;
      for (long size : before) {
        total += Math.max(size, 0);
        isFirst &= size == FINISHED;
      }
      for (int i = 0; i < sizes.size(); i++) {
        long size = sizes.get(i);
        total += Math.max(size, 0);
        if (total > maxBytes && !(isFirst && size != FINISHED)) {
          return i;
        }
        isFirst &= size == FINISHED;
      }
      return sizes.size();
    }
  }
}
