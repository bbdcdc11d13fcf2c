package dev.lease;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a list of jobs.
 *
 * @param jobs the jobs
 * @param next what asks for the next page, opaque to the caller; null after the last
 */
public record JobPage(List<Job> jobs, @Nullable String next) {

  /** Copies the list. */
  public JobPage {
    jobs = List.copyOf(jobs);
  }
}
