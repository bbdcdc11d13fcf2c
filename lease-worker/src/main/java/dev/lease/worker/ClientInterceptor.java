package dev.lease.worker;

import dev.lease.Enqueued;
import dev.lease.NewJob;
import java.util.List;

/**
 * Runs around each call with which a {@link JobClient} stores jobs: for tracing, or for a header
 * that every job must have. Users implement it and add it with {@link JobClient#intercept}; the
 * client calls it. It must be safe for use by many threads. What it throws, the caller of the
 * client gets.
 */
@FunctionalInterface
public interface ClientInterceptor {

  /**
   * Runs around one call: for a batch of jobs, or for the jobs of a piece of a {@link JobGraph}.
   *
   * @param jobs at most {@value dev.lease.Limits#MAX_BATCH} jobs
   * @param call stores jobs: the next interceptor, or the store; call it once, on this thread, with
   *     these jobs or with changed ones, as many and in the same order
   * @return what the call returned; of a piece of a graph, each job counts as created if the piece
   *     is stored
   */
  List<Enqueued> around(List<NewJob> jobs, Call call);

  /**
   * What stores jobs. A client implements it, and an interceptor calls it; users implement it for
   * {@link JobClient#in}.
   */
  @FunctionalInterface
  interface Call {
    /**
     * Stores jobs.
     *
     * @param jobs at most {@value dev.lease.Limits#MAX_BATCH} jobs
     * @return one answer for each, in the same order
     */
    List<Enqueued> enqueue(List<NewJob> jobs);
  }
}
