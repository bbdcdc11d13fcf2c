package dev.lease;

/**
 * Runs the work of a step and keeps its value in one transaction. What the work wrote and the value
 * are committed together or not at all, so no later attempt repeats the effect of a kept step [Q26,
 * Q31, policy 11]. A store offers one if its jobs are in a database that handlers write to.
 *
 * <p>Stores implement this interface; handlers pass it to the step methods of their context, which
 * call it. It grows only by methods with a default.
 *
 * <p>Safe for use by many threads; each has its own transaction. One in a caller's transaction is
 * for the thread that has it.
 *
 * @param <C> what the work writes with, such as a {@code java.sql.Connection}
 */
@FunctionalInterface
public interface StepTransaction<C> {

  /**
   * Locks the job under its token. If the step has a value already, returns it and does not run the
   * work. Otherwise runs the work, stores its value, commits, and returns the value.
   *
   * <p>Until the transaction ends nobody else can claim the job, even if its lease expires
   * meanwhile, and an extension of the lease is {@link Extension.Busy}. After expiry a step is
   * accepted, like a settlement, until the job is claimed again or reset [Q23].
   *
   * @param lease the lease
   * @param step the name of the step, unique within the job
   * @param work what the step does
   * @return the value that the step has now: text of at most 1 MiB
   * @throws LeaseLostException if the lease is lost; nothing was done
   * @throws StoreException if the store could not answer: either nothing was done, or the outcome
   *     is unknown. Both times the call may be repeated; it then finds the value or runs the work
   *     anew
   * @throws IllegalArgumentException if a name is bad, or if the value is null or cannot be kept;
   *     nothing was done
   * @throws Exception what the work threw, unchanged; what it wrote was rolled back
   */
  String run(JobLease lease, String step, Work<C, String> work) throws Exception;

  /**
   * Tells who ends the transaction.
   *
   * @return true, the default, if {@link #run} commits before it returns, or rolls back before it
   *     throws; false if it does neither, since it works in a transaction that its caller has begun
   *     and ends. Then nothing is kept until the caller commits, and a call that failed must not be
   *     repeated in the same transaction
   */
  default boolean commits() {
    return true;
  }

  /**
   * The work of a step, within the transaction. Users implement this interface, and a {@link
   * StepTransaction} calls it. It gets no other method, so that it can be a lambda.
   *
   * @param <C> what it writes with
   * @param <T> the type of its value
   */
  @FunctionalInterface
  interface Work<C, T> {

    /**
     * Does the work. It must not commit, roll back or close the connection, and must not go on
     * after an error of the database.
     *
     * @param connection the connection of the transaction, for this call only
     * @return the value of the step
     * @throws Exception if the work cannot be done; the transaction is rolled back
     */
    T run(C connection) throws Exception;
  }
}
