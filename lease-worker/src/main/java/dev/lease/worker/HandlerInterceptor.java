package dev.lease.worker;

/**
 * Runs around the handlers of a worker, on their thread: for tracing, for the context of a request,
 * for a check that every handler needs. Add it with {@link Worker.Builder#intercept}. One instance
 * serves all slots, so it must be safe for use by many threads.
 *
 * <p>The payload has been read before: a payload that {@linkplain
 * HandlerOptions.Builder#maxUnreadableTime cannot be read} is no attempt, and calls no interceptor.
 *
 * <p>What an interceptor throws is what the handler throws: the attempt has failed, or ends with
 * the {@link Outcome} that it says. An interceptor that returns without calling {@link
 * Call#proceed} makes the job DONE without its handler. The time that it takes counts as run time.
 *
 * <p>Users implement this interface, and a worker calls it.
 */
@FunctionalInterface
public interface HandlerInterceptor {

  /**
   * Runs around one attempt.
   *
   * @param context the attempt
   * @param call the next interceptor, or the handler; call it once, on this thread
   * @throws Exception if the attempt failed
   */
  void around(JobContext context, Call call) throws Exception;

  /** The rest of the chain. Only a worker implements it: methods may be added. */
  sealed interface Call permits HandlerRegistration.RestOfChain {

    /**
     * What the handler gets. Whoever changes a mutable payload changes what the handler gets.
     *
     * @return the payload, an instance of the class of the job's type
     */
    Object payload();

    /**
     * Calls the next interceptor, or the handler.
     *
     * @throws Exception what that throws
     */
    void proceed() throws Exception;
  }
}
