package dev.lease;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A step of a job with its kept value, as operators see it.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class StepValue {

  private final String name;
  private final String value;
  private final @Nullable Instant keptAt;

  private StepValue(String name, String value, @Nullable Instant keptAt) {
    this.name = name;
    this.value = value;
    this.keptAt = keptAt;
  }

  /**
   * Creates a step. The values come from a store, which has checked them.
   *
   * @param name its name
   * @param value its value
   * @param keptAt the store's clock when it kept the value; null if it does not know
   * @return the step
   */
  public static StepValue of(String name, String value, @Nullable Instant keptAt) {
    return new StepValue(name, value, keptAt);
  }

  /**
   * The same step with its value cut by {@link Limits#brief}. A store calls it for brief steps
   * [Q87].
   *
   * @return the step with the beginning of its value
   */
  public StepValue brief() {
    return new StepValue(name, Limits.brief(value), keptAt);
  }

  /** {@return the name of the step} */
  public String name() {
    return name;
  }

  /** {@return the value that later attempts get} */
  public String value() {
    return value;
  }

  /** {@return the store's clock when it kept the value; null if it does not know} */
  public @Nullable Instant keptAt() {
    return keptAt;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StepValue that
        && name.equals(that.name)
        && value.equals(that.value)
        && Objects.equals(keptAt, that.keptAt);
  }

  @Override
  public int hashCode() {
    return Objects.hash(name, value, keptAt);
  }

  /** For log messages and failing tests; without the value, which may be long or secret. */
  @Override
  public String toString() {
    return "StepValue[name=" + name + ", keptAt=" + keptAt + "]";
  }
}
