package dev.lease.worker;

/**
 * A handler that knows its type, such as a bean that a container finds by its class. Applications
 * implement it and give it to {@link Worker.Builder#handle(TypedJobHandler)}; workers call it. One
 * whose type returns something is a {@link JobHandler.Returning} as well.
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
}
