package dev.lease.worker;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.worker.codec.PayloadCodec;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A job that another one has waited for, as it was when it was read: see {@link
 * JobContext#parents}. Safe for use by many threads.
 */
public final class ParentJob {

  private final Job job;
  private final PayloadCodec codec;

  ParentJob(Job job, PayloadCodec codec) {
    this.job = job;
    this.codec = codec;
  }

  /** {@return the id of the job} */
  public String id() {
    return job.id();
  }

  /** {@return the name of the part of the graph that it is a job of} */
  public String part() {
    return Objects.requireNonNull(job.part());
  }

  /** {@return DONE, FAILED or CANCELLED; another state if it was requeued meanwhile} */
  public JobState state() {
    return job.state();
  }

  /** {@return why it is FAILED or CANCELLED, else null or the error of an attempt} */
  public @Nullable String error() {
    return job.error();
  }

  /**
   * What its handler left as its result.
   *
   * @param <R> the type of the result
   * @param type the class of the result
   * @return the result; empty if the job is not DONE, or left none
   * @throws IllegalArgumentException if it cannot be read
   */
  public <R> Optional<R> result(Class<R> type) {
    return PayloadFormat.result(job, Limits.notNull("type", type), codec);
  }

  /**
   * What its handler left as its result, with type arguments. The rest is as for a class.
   *
   * @param <R> the type of the result
   * @param type the type of the result
   * @return the result; empty if the job is not DONE, or left none
   * @throws IllegalArgumentException if it cannot be read
   */
  public <R> Optional<R> result(TypeReference<R> type) {
    return PayloadFormat.result(job, Limits.notNull("type", type).type(), codec);
  }

  /**
   * What its handler returned, by the type of the job.
   *
   * @param <R> the type of the result
   * @param type the type of the job
   * @return the result; empty if the job is not DONE, or its handler returned null
   * @throws IllegalArgumentException if the job is of another type, or the result cannot be read
   */
  public <R> Optional<R> result(JobType.Returning<?, R> type) {
    return PayloadFormat.result(
        JobClient.checked(Limits.notNull("type", type), job), type.resultType(), codec);
  }

  /**
   * Everything that the store knew of the job.
   *
   * @return the job
   */
  public Job job() {
    return job;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return ErrorText.job(job.type(), job.id(), job.queue()) + ", " + job.state();
  }
}
