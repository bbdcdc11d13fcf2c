package dev.lease.console.pages;

import dev.lease.Job;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of jobs.
 *
 * @param jobs the jobs
 * @param filter which jobs were asked for
 * @param next where the next page begins; null after the last one
 * @param examined how many jobs were looked at
 * @param missing the parts of the store that did not answer
 */
public record JobList(
    List<Job> jobs,
    FilterFields filter,
    @Nullable String next,
    int examined,
    List<String> missing) {}
