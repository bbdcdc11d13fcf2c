package dev.lease;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has become of the jobs of one key, at one moment. Immutable.
 *
 * <p>Stores create it with a {@link #builder}, so that fields can be added later.
 */
public final class KeyState {

  private final String key;
  private final @Nullable KeyLimit limit;
  private final long admitted;
  private final long held;
  private final long heldBack;
  private final @Nullable Instant nextStart;

  private KeyState(Builder builder) {
    this.key = builder.key;
    this.limit = builder.limit;
    this.admitted = builder.admitted;
    this.held = builder.held;
    this.heldBack = builder.heldBack;
    this.nextStart = builder.nextStart;
  }

  /**
   * Starts a state without a limit and with no jobs.
   *
   * @param key the key
   * @return a builder
   */
  public static Builder builder(String key) {
    return new Builder(Limits.name("key", key));
  }

  /** {@return the key} */
  public String key() {
    return key;
  }

  /** {@return the limit of its own that the key has, or null if that of every key holds for it} */
  public @Nullable KeyLimit limit() {
    return limit;
  }

  /**
   * How many jobs have a slot of the key: they are held, claimable, or wait for a time or for a
   * slot of the queue. A store may stop at {@value KeyLimit#MAX_SLOTS} + 1.
   *
   * @return the number
   */
  public long admitted() {
    return admitted;
  }

  /**
   * How many of the admitted jobs are in PROCESSING.
   *
   * @return the number; a store may stop as {@link #admitted} says
   */
  public long held() {
    return held;
  }

  /**
   * How many jobs are due and have no slot. A store may stop at {@value KeyLimit#MAX_SLOTS} + 1.
   *
   * @return the number
   */
  public long heldBack() {
    return heldBack;
  }

  /**
   * Before when no more jobs of the key start, because of its rate or because it was closed.
   *
   * @return an instant of the store's clock, which may have passed; null if there is none
   */
  public @Nullable Instant nextStart() {
    return nextStart;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyState that
        && key.equals(that.key)
        && Objects.equals(limit, that.limit)
        && admitted == that.admitted
        && held == that.held
        && heldBack == that.heldBack
        && Objects.equals(nextStart, that.nextStart);
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, limit, admitted, held, heldBack, nextStart);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "KeyState[key="
        + key
        + ", limit="
        + limit
        + ", admitted="
        + admitted
        + ", held="
        + held
        + ", heldBack="
        + heldBack
        + ", nextStart="
        + nextStart
        + "]";
  }

  /** Collects a state. Not safe for use by several threads. */
  public static final class Builder {

    private final String key;
    private @Nullable KeyLimit limit;
    private long admitted;
    private long held;
    private long heldBack;
    private @Nullable Instant nextStart;

    private Builder(String key) {
      this.key = key;
    }

    /**
     * Sets the limit that the key has of its own.
     *
     * @param limit the limit, or null for none
     * @return this
     */
    public Builder limit(@Nullable KeyLimit limit) {
      this.limit = limit;
      return this;
    }

    /**
     * Sets how many jobs have a slot.
     *
     * @param admitted 0 or more
     * @return this
     */
    public Builder admitted(long admitted) {
      this.admitted = admitted;
      return this;
    }

    /**
     * Sets how many jobs are in PROCESSING.
     *
     * @param held 0 or more
     * @return this
     */
    public Builder held(long held) {
      this.held = held;
      return this;
    }

    /**
     * Sets how many jobs are due and have no slot.
     *
     * @param heldBack 0 or more
     * @return this
     */
    public Builder heldBack(long heldBack) {
      this.heldBack = heldBack;
      return this;
    }

    /**
     * Sets before when no more jobs start.
     *
     * @param nextStart an instant of the store's clock, or null for none
     * @return this
     */
    public Builder nextStart(@Nullable Instant nextStart) {
      this.nextStart = nextStart;
      return this;
    }

    /** {@return the state} */
    public KeyState build() {
      return new KeyState(this);
    }
  }
}
