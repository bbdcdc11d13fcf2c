package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How many jobs match a filter: the answer of {@link JobAdmin#count}.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class JobCount {

  private final long jobs;
  private final List<String> missing;

  private JobCount(long jobs, List<String> missing) {
    this.jobs = jobs;
    this.missing = Limits.batch("missing", missing);
  }

  /**
   * Creates an answer to which every part of the store contributed.
   *
   * @param jobs how many jobs match
   * @return the answer
   */
  public static JobCount of(long jobs) {
    return new JobCount(jobs, List.of());
  }

  /**
   * The same answer, without the parts of the store that did not answer.
   *
   * @param missing the names of these parts; copied
   * @return a new answer
   */
  public JobCount withMissing(List<String> missing) {
    return new JobCount(jobs, missing);
  }

  /**
   * How many jobs match, at most as many as were asked for.
   *
   * @return the number
   */
  public long jobs() {
    return jobs;
  }

  /**
   * The parts of the store that did not answer, so that their jobs are not counted [Q86].
   *
   * @return their names, unmodifiable; empty if all answered, and where a store has one part
   */
  public List<String> missing() {
    return missing;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobCount that && jobs == that.jobs && missing.equals(that.missing);
  }

  @Override
  public int hashCode() {
    return Objects.hash(jobs, missing);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "JobCount[jobs=" + jobs + ", missing=" + missing + "]";
  }
}
