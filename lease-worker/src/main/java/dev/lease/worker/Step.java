package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.worker.Outcome.OutcomeException;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;

/**
 * A step of a handler's work: its name, the type of its value, and which failures are kept. For
 * {@link JobContext#step(Step, java.util.concurrent.Callable)}; a step that needs only a name and a
 * class has a shorter method there. Immutable.
 *
 * @param <T> the type of the value
 */
public final class Step<T> {

  private final String name;
  private final Type type;
  private final List<Class<?>> kept;

  private Step(String name, Type type, List<Class<?>> kept) {
    this.name = Limits.name("step", name);
    this.type = Limits.notNull("type", type);
    this.kept = kept;
  }

  /**
   * Makes a step that keeps no failures.
   *
   * @param <T> the type of the value
   * @param name the name of the step, unique within the job; keep it when the code changes
   * @param type the class of the value
   * @return the step
   * @throws IllegalArgumentException if the name breaks a rule of {@link Limits}
   */
  public static <T> Step<T> of(String name, Class<T> type) {
    return new Step<>(name, type, List.of());
  }

  /**
   * Makes a step that keeps no failures, and whose value has type arguments.
   *
   * @param <T> the type of the value
   * @param name the name of the step, unique within the job; keep it when the code changes
   * @param type the type of the value
   * @return the step
   * @throws IllegalArgumentException if the name breaks a rule of {@link Limits}
   */
  public static <T> Step<T> of(String name, TypeReference<T> type) {
    return new Step<>(name, Limits.notNull("type", type).type(), List.of());
  }

  /**
   * The same step, which also keeps these failures. If the work throws one of these exceptions, the
   * step has failed for good: it throws a {@link StepFailedException} now and in every later
   * attempt, and its work is not run again. So a handler may decide by it, for example to charge
   * another account, and a later attempt decides alike. Every other exception fails the step only
   * this time, and so does any exception after the handler was told to stop.
   *
   * @param failures classes of exceptions; their subclasses count too, causes do not
   * @return the step
   * @throws IllegalArgumentException if one of them is not a subclass of {@link Exception}
   */
  public Step<T> keepFailure(Class<?>... failures) {
    for (Class<?> failure :
        Limits.batch("failures", Arrays.asList(Limits.notNull("failures", failures)))) {
      if (!Exception.class.isAssignableFrom(failure)) {
        throw new IllegalArgumentException(
            "failures must be classes of exceptions, was " + failure.getName());
      }
    }
    return new Step<>(name, type, List.of(failures));
  }

  /** {@return the name, unique within the job} */
  public String name() {
    return name;
  }

  /** {@return the type of the value: a class, or a type with type arguments} */
  public Type type() {
    return type;
  }

  /** {@return whether any failure of the work is kept, see {@link #keepFailure}} */
  public boolean keepsFailures() {
    return !kept.isEmpty();
  }

  /** Whether this failure of the work is kept. What says what becomes of the job never is. */
  boolean keeps(Throwable failure) {
    return !(failure instanceof OutcomeException)
        && kept.stream().anyMatch(type -> type.isInstance(failure));
  }
}
