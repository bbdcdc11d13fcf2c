package dev.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list of jobs.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class JobPage {

  private final List<Job> jobs;
  private final @Nullable String next;
  private final int examined;
  private final List<String> missing;

  private JobPage(List<Job> jobs, @Nullable String next, int examined, List<String> missing) {
    this.jobs = List.copyOf(jobs);
    this.next = next;
    this.examined = examined;
    this.missing = Limits.batch("missing", missing);
  }

  /**
   * Creates a page to which every part of the store contributed.
   *
   * @param jobs the jobs; copied
   * @param next the cursor of the next page, opaque to the caller; null after the last page
   * @param examined how many jobs the store examined for it
   * @return the page
   */
  public static JobPage of(List<Job> jobs, @Nullable String next, int examined) {
    return new JobPage(jobs, next, examined, List.of());
  }

  /**
   * Creates the page that a query asks for: the jobs that match its filter, brief if it says so,
   * until it has enough or has examined enough. For stores that have all jobs at hand.
   *
   * @param query the query
   * @param rest what is behind {@link JobQuery#after}, in the order of the query
   * @param job the job of an element
   * @param cursor the place of an element, to go on behind it
   * @return the page
   * @param <T> what the store keeps for a job
   */
  public static <T> JobPage of(
      JobQuery query, List<T> rest, Function<T, Job> job, Function<T, String> cursor) {
    List<Job> page = new ArrayList<>();
    for (int examined = 0; examined < rest.size(); examined++) {
      if (page.size() == query.limit() || examined == query.examineAtMost()) {
        return of(page, cursor.apply(rest.get(examined - 1)), examined);
      }
      Job next = job.apply(rest.get(examined));
      if (query.filter().matches(next)) {
        page.add(query.isBrief() ? next.brief() : next);
      }
    }
    return of(page, null, rest.size());
  }

  /**
   * The same page, without the parts of the store that did not answer.
   *
   * @param missing the names of these parts; copied
   * @return a new page
   */
  public JobPage withMissing(List<String> missing) {
    return new JobPage(jobs, next, examined, missing);
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
   * The cursor of the next page, opaque to the caller. It stays good for as long as the caller
   * likes [Q48].
   *
   * @return the text to pass to the next call; null after the last page
   */
  public @Nullable String next() {
    return next;
  }

  /**
   * How many jobs the store examined for this page: those that are on it, and those that did not
   * match, as far as it had to read them to know that [Q84].
   *
   * @return the number; a store that puts a list together from parts may examine as many in each of
   *     them as {@link JobQuery#examineAtMost(int)} allows
   */
  public int examined() {
    return examined;
  }

  /**
   * The parts of the store that did not answer, so that their jobs are not on the page [Q86].
   *
   * @return their names, unmodifiable; empty if all answered, and where a store has one part
   */
  public List<String> missing() {
    return missing;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobPage that
        && jobs.equals(that.jobs)
        && Objects.equals(next, that.next)
        && examined == that.examined
        && missing.equals(that.missing);
  }

  @Override
  public int hashCode() {
    return Objects.hash(jobs, next, examined, missing);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "JobPage[jobs="
        + jobs
        + ", next="
        + next
        + ", examined="
        + examined
        + ", missing="
        + missing
        + "]";
  }
}
