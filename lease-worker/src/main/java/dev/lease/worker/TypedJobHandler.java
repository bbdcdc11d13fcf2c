package dev.lease.worker;

/**
 * A handler that knows its type, such as a bean that a container finds by its class. Applications
 * implement it and give it to {@link Worker.Builder#handle(TypedJobHandler)}; workers call it. One
 * whose type returns something implements {@link Returning}.
 *
 * @param <T> the type of the payload
 */
public interface TypedJobHandler<T> extends JobHandler<T> {

  /**
   * The type of the jobs that it handles.
   *
   * @return the type, each time the same
   */
  JobType<T> type();

  /**
   * How the worker handles that type.
   *
   * @return options, each time the same; by default none is set, so that {@link
   *     Worker.Builder#defaults} hold
   */
  default HandlerOptions options() {
    return HandlerOptions.NONE;
  }

  /**
   * A handler that knows its type, which says what its handlers return.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   */
  interface Returning<T, R> extends TypedJobHandler<T>, JobHandler.Returning<T, R> {

    @Override
    JobType.Returning<T, R> type();
  }
}
