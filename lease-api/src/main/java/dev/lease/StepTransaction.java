package dev.lease;

/**
 * Runs the work of a step and keeps its value in one transaction: what the work wrote and the value
 * become real together or not at all, so that the effect of a step that was kept is never made
 * again [Q26, Q31, policy 11]. A store that keeps its jobs where a handler writes gives one.
 *
 * <p>Safe for use by many threads, each of which has a transaction of its own.
 *
 * @param <C> what the work writes with, such as a {@code java.sql.Connection}
 */
@FunctionalInterface
public interface StepTransaction<C> {

  /**
   * Holds the job under its token, and answers the kept value of the step if there is one; then the
   * work is not run. Else runs the work, keeps what it gave, commits, and answers that.
   *
   * <p>Until the transaction ends nobody else can claim the job, even if its lease runs out
   * meanwhile, and an extension of the lease is {@link Extension.Busy}. After expiry a step is
   * accepted, like a settlement, until the job is claimed again or reset [Q23].
   *
   * @param lease the lease
   * @param step the name of the step, unique within the job
   * @param work what the step does
   * @return the value that the step has now: text of at most 1 MiB
   * @throws LeaseLostException if the lease is lost; nothing was done
   * @throws StoreException if the store could not answer: nothing was done, or its outcome is
   *     unknown. In either case the call may be repeated, which then finds the value or runs the
   *     work anew
   * @throws IllegalArgumentException if a name is bad, or if the value is null or not one that can
   *     be kept; nothing was done
   * @throws Exception what the work threw, unchanged; what it wrote was rolled back
   */
  String run(JobLease lease, String step, Work<C, String> work) throws Exception;

  /**
   * What a step does within the transaction.
   *
   * @param <C> what it writes with
   * @param <T> what it gives
   */
  @FunctionalInterface
  interface Work<C, T> {

    /**
     * Does it, and neither commits, rolls back nor closes the connection, nor goes on after an
     * error of the database.
     *
     * @param connection of the transaction; for this call alone
     * @return what is kept as the value of the step
     * @throws Exception if it cannot be done, which rolls the transaction back
     */
    T run(C connection) throws Exception;
  }
}
