package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.NewJob;

/**
 * A kind of work: what its producers and its workers have to agree on. Best kept in one constant
 * that both sides use.
 *
 * @param <T> the type of the payload
 * @param queue the queue that such jobs go to
 * @param name the name of the type, which is stored with each job; keep it when a class is renamed
 * @param payloadType the class that the payload is written from and read into, as JSON
 * @param maxAttempts how often such a job may be claimed before it ends FAILED, at least 1
 */
public record JobType<T>(String queue, String name, Class<T> payloadType, int maxAttempts) {

  /** Checks the names and the attempts against {@link Limits}. */
  public JobType {
    Limits.name("queue", queue);
    Limits.name("job type", name);
    Limits.notNull("payloadType", payloadType);
    Limits.between("maxAttempts", maxAttempts, 1, Integer.MAX_VALUE);
  }

  /**
   * Makes a type whose jobs have {@value NewJob#DEFAULT_MAX_ATTEMPTS} attempts.
   *
   * @param <T> the type of the payload
   * @param queue the queue
   * @param name the name of the type
   * @param payloadType the class of the payload
   * @return the type
   */
  public static <T> JobType<T> of(String queue, String name, Class<T> payloadType) {
    return new JobType<>(queue, name, payloadType, NewJob.DEFAULT_MAX_ATTEMPTS);
  }

  /**
   * The same type with another number of attempts, for jobs that are enqueued from now on.
   *
   * @param maxAttempts at least 1
   * @return the type
   */
  public JobType<T> withMaxAttempts(int maxAttempts) {
    return new JobType<>(queue, name, payloadType, maxAttempts);
  }
}
