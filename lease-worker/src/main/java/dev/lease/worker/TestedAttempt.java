package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.Progress;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.PayloadCodec;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What came of an attempt that a {@link TestWorker} has run. Immutable. */
public final class TestedAttempt {

  private final JobEvent event;
  private final PayloadCodec codec;
  private final CodecContext context;
  private final @Nullable String result;
  private final @Nullable Progress progress;
  private final Map<String, String> steps;

  TestedAttempt(
      JobEvent event,
      PayloadCodec codec,
      CodecContext context,
      @Nullable String result,
      @Nullable Progress progress,
      Map<String, String> steps) {
    this.event = event;
    this.codec = codec;
    this.context = context;
    this.result = result;
    this.progress = progress;
    this.steps = steps;
  }

  /**
   * How the attempt has ended, once the store had answered.
   *
   * @return the end
   */
  public JobEvent.End end() {
    return Objects.requireNonNull(event.end());
  }

  /**
   * The queue of the job.
   *
   * @return the queue
   */
  public String queue() {
    return event.queue();
  }

  /**
   * The id of the job.
   *
   * @return the id, for example for {@link JobClient#find}
   */
  public String jobId() {
    return event.jobId();
  }

  /**
   * The name of the job's type.
   *
   * @return the name
   */
  public String type() {
    return event.type();
  }

  /**
   * The number of the attempt.
   *
   * @return from 1
   */
  public int attempt() {
    return event.attempt();
  }

  /**
   * What the handler threw.
   *
   * @return the exception; null if it threw none, or was not called
   */
  public @Nullable Throwable failure() {
    return event.failure();
  }

  /**
   * How long the job waits for its next attempt, if it was retried, snoozed or released.
   *
   * @return the time; zero at once
   */
  public Duration delay() {
    return event.delay();
  }

  /**
   * What the handler set as the result of the job, whether or not the attempt succeeded.
   *
   * @param <R> the type of the result
   * @param type the class of the result
   * @return the result; empty if it set none
   */
  public <R> Optional<R> result(Class<R> type) {
    return read(Limits.notNull("type", type));
  }

  /**
   * What the handler set as the result of the job, with type arguments. The rest is as for a class.
   *
   * @param <R> the type of the result
   * @param type the type of the result
   * @return the result; empty if it set none
   */
  public <R> Optional<R> result(TypeReference<R> type) {
    return read(Limits.notNull("type", type).type());
  }

  /**
   * What the handler returned, by the type of the job. The rest is as for a class.
   *
   * @param <R> the type of the result
   * @param type the type of the job
   * @return the result; empty if it returned none
   */
  public <R> Optional<R> result(JobType.Returning<?, R> type) {
    return read(Limits.notNull("type", type).resultType());
  }

  @SuppressWarnings("unchecked") // As codecs promise.
  private <R> Optional<R> read(Type type) {
    return result == null
        ? Optional.empty()
        : Optional.ofNullable((R) codec.read(result, type, context.ofResult()));
  }

  /**
   * The last progress that the handler reported.
   *
   * @return the progress; null if it reported none
   */
  public @Nullable Progress progress() {
    return progress;
  }

  /**
   * The steps that this attempt has run and kept. Those that earlier attempts had kept are not
   * among them.
   *
   * @return their names, sorted
   */
  public Set<String> steps() {
    return steps.keySet();
  }

  /**
   * The value of one of these {@link #steps}.
   *
   * @param <T> the type of the value
   * @param name the name of the step
   * @param type the class of the value
   * @return the value; null if the step has kept a null
   * @throws NoSuchElementException if this attempt has kept no such step
   * @throws StepFailedException if the step has kept a failure
   */
  public <T> @Nullable T step(String name, Class<T> type) {
    return step(Step.of(name, type));
  }

  /**
   * The value of one of these {@link #steps}, by the step that the handler runs.
   *
   * @param <T> the type of the value
   * @param step the step
   * @return the value; null if the step has kept a null
   * @throws NoSuchElementException if this attempt has kept no such step
   * @throws StepFailedException if the step has kept a failure
   */
  @SuppressWarnings("unchecked") // As codecs promise.
  public <T> @Nullable T step(Step<T> step) {
    String name = Limits.notNull("step", step).name();
    String kept = steps.get(name);
    if (kept == null) {
      throw new NoSuchElementException(
          "this attempt has kept no step \"%s\"; it has kept %s".formatted(name, steps()));
    }
    KeptFailure failure = KeptFailure.read(kept, codec, context.ofStepFailure(name));
    if (failure != null) {
      throw failure.exception(name, null);
    }
    String text = KeptFailure.unescaped(kept);
    return (T) codec.read(text, step.type(), context.ofStep(name));
  }

  /** For failing tests. */
  @Override
  public String toString() {
    Throwable failure = failure();
    return end()
        + " "
        + event
        + (delay().isZero() ? "" : ", again after " + delay())
        + (failure == null ? "" : ": " + ErrorText.line(failure));
  }
}
