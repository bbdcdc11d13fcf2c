package dev.lease.worker.codec;

import dev.lease.Limits;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a text belongs to, and what it is there. A codec that encrypts can bind a text to it, or
 * choose a key by it. Whoever reads a text names the same queue, type, job, kind and step as
 * whoever wrote it. Immutable.
 */
public final class CodecContext {

  /** What a text is in its job. More kinds may come, so a switch needs a default. */
  public enum Kind {
    /** The payload. */
    PAYLOAD,
    /** The result. */
    RESULT,
    /** The value of a step. */
    STEP,
    /** The failure that a step has kept in place of a value. */
    STEP_FAILURE
  }

  private final Kind kind;
  private final String queue;
  private final String type;
  private final String jobId;
  private final @Nullable String step;
  private final Map<String, String> headers;

  private CodecContext(
      Kind kind,
      String queue,
      String type,
      String jobId,
      @Nullable String step,
      Map<String, String> headers) {
    this.kind = kind;
    this.queue = queue;
    this.type = type;
    this.jobId = jobId;
    this.step = step;
    this.headers = headers;
  }

  /**
   * The context of the payload of a job.
   *
   * @param queue the queue of the job
   * @param type the name of its type
   * @param jobId its id
   * @param headers its headers
   * @return the context
   */
  public static CodecContext of(
      String queue, String type, String jobId, Map<String, String> headers) {
    return new CodecContext(
        Kind.PAYLOAD,
        Limits.name("queue", queue),
        Limits.name("job type", type),
        Limits.name("job id", jobId),
        null,
        Map.copyOf(headers));
  }

  /**
   * The context of the result of the same job.
   *
   * @return the context
   */
  public CodecContext ofResult() {
    return of(Kind.RESULT, null);
  }

  /**
   * The context of the value of a step of the same job.
   *
   * @param step the name of the step
   * @return the context
   */
  public CodecContext ofStep(String step) {
    return of(Kind.STEP, Limits.name("step", step));
  }

  /**
   * The context of a failure that a step of the same job has kept.
   *
   * @param step the name of the step
   * @return the context
   */
  public CodecContext ofStepFailure(String step) {
    return of(Kind.STEP_FAILURE, Limits.name("step", step));
  }

  private CodecContext of(Kind kind, @Nullable String step) {
    return new CodecContext(kind, queue, type, jobId, step, headers);
  }

  /** {@return what the text is in its job} */
  public Kind kind() {
    return kind;
  }

  /** {@return the queue of the job} */
  public String queue() {
    return queue;
  }

  /** {@return the name of the job's type} */
  public String type() {
    return type;
  }

  /** {@return the id of the job} */
  public String jobId() {
    return jobId;
  }

  /** {@return the name of the step; null if the text belongs to none} */
  public @Nullable String step() {
    return step;
  }

  /**
   * The headers of the job. They are not the same at all times: while a payload is written, the job
   * has only those of its type, and those that were given to {@code JobClient.job}. Those that the
   * builder or an interceptor adds are not there yet.
   *
   * @return the headers, unmodifiable
   */
  public Map<String, String> headers() {
    return headers;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return kind
        + (step == null ? "" : " " + step)
        + " of "
        + type
        + " "
        + jobId
        + " of queue "
        + queue;
  }
}
