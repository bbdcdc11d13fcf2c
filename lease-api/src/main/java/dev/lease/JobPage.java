package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list of jobs.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class JobPage {

  private final List<Job> jobs;
  private final @Nullable String next;

  private JobPage(List<Job> jobs, @Nullable String next) {
    this.jobs = List.copyOf(jobs);
    this.next = next;
  }

  /**
   * Creates a page.
   *
   * @param jobs the jobs; copied
   * @param next the cursor of the next page, opaque to the caller; null after the last page
   * @return the page
   */
  public static JobPage of(List<Job> jobs, @Nullable String next) {
    return new JobPage(jobs, next);
  }

  /**
   * The jobs of this page.
   *
   * @return the jobs, in the requested order, unmodifiable
   */
  public List<Job> jobs() {
    return jobs;
  }

  /**
   * The cursor of the next page, opaque to the caller.
   *
   * @return the text to pass to the next call; null after the last page
   */
  public @Nullable String next() {
    return next;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobPage that
        && jobs.equals(that.jobs)
        && Objects.equals(next, that.next);
  }

  @Override
  public int hashCode() {
    return Objects.hash(jobs, next);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "JobPage[jobs=" + jobs + ", next=" + next + "]";
  }
}
