package dev.lease;

/**
 * Makes the effect of a step and the keeping of its value one transaction, so that there are both
 * or neither, whenever the worker dies [Q26, Q31]. A store offers it for databases in which it
 * lives itself.
 *
 * @param <C> what the work writes with, such as a {@code java.sql.Connection}
 */
@FunctionalInterface
public interface StepTransaction<C> {

  /**
   * Runs the work of a step that has no value yet, and keeps the value, in one transaction; the
   * value of a step that has one is answered without running the work. From the beginning of the
   * transaction until its end nobody can claim the job, even if the lease expires meanwhile.
   *
   * @param lease the lease
   * @param step the name of the step, unique within the job
   * @param work what is to be done, and gives text of at most 1 MiB; it must not end the
   *     transaction
   * @return the value that the step has now
   * @throws LeaseLostException if the lease is lost, in which case nothing was done
   * @throws StoreException if the store could not answer; repeating the call is safe, and where the
   *     outcome was unknown it finds out
   * @throws Exception what the work throws, after which nothing of it is left
   */
  String run(JobLease lease, String step, Work<C, String> work) throws Exception;

  /**
   * The work of a step, inside its transaction.
   *
   * @param <C> what it writes with
   * @param <T> what it gives
   */
  @FunctionalInterface
  interface Work<C, T> {
    /**
     * Does the work.
     *
     * @param connection what it writes with, for use during this call
     * @return the value of the step
     * @throws Exception if it failed, and the transaction is to be rolled back
     */
    T run(C connection) throws Exception;
  }
}
