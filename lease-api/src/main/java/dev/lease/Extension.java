package dev.lease;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to the extension of one lease: {@link Held}, {@link Lost} or {@link Busy} [Q22, Q23].
 * A {@link JobQueue} makes it. Immutable.
 *
 * <p>More kinds may come. This class is not sealed, so that the compiler asks for a default in each
 * switch over it; nobody else can extend it. A holder treats a kind that it does not know as {@link
 * Busy}.
 */
public abstract class Extension {

  private static final Lost LOST = new Lost();
  private static final Busy BUSY = new Busy();

  private Extension() {}

  /**
   * The lease is extended.
   *
   * @param expiresAt the new expiry of the lease by the store's clock
   * @param cancelRequested whether somebody asked to cancel the job
   * @return the answer
   */
  public static Held held(Instant expiresAt, boolean cancelRequested) {
    return new Held(expiresAt, cancelRequested);
  }

  /**
   * The lease is lost.
   *
   * @return the answer
   */
  public static Lost lost() {
    return LOST;
  }

  /**
   * The lease is neither extended nor lost.
   *
   * @return the answer
   */
  public static Busy busy() {
    return BUSY;
  }

  /** The lease is extended. {@link #held} makes it. */
  public static final class Held extends Extension {

    private final Instant expiresAt;
    private final boolean cancelRequested;

    private Held(Instant expiresAt, boolean cancelRequested) {
      this.expiresAt = Limits.notNull("expiresAt", expiresAt);
      this.cancelRequested = cancelRequested;
    }

    /** {@return the new expiry of the lease by the store's clock, for display} */
    public Instant expiresAt() {
      return expiresAt;
    }

    /** {@return whether somebody asked to cancel the job [Q38]} */
    public boolean cancelRequested() {
      return cancelRequested;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Held that
          && expiresAt.equals(that.expiresAt)
          && cancelRequested == that.cancelRequested;
    }

    @Override
    public int hashCode() {
      return Objects.hash(expiresAt, cancelRequested);
    }

    /** For log messages and failing tests. */
    @Override
    public String toString() {
      return "Held[expiresAt=" + expiresAt + ", cancelRequested=" + cancelRequested + "]";
    }
  }

  /**
   * The lease is lost: expired, claimed again, reset, settled or deleted. Nothing was changed.
   * {@link #lost} gives it.
   */
  public static final class Lost extends Extension {

    private Lost() {}

    /** For log messages and failing tests. */
    @Override
    public String toString() {
      return "Lost";
    }
  }

  /**
   * The lease is neither extended nor lost: a transaction has locked the job's row at this moment,
   * or the part of the store that has the job cannot be reached while the others answer. The caller
   * tries again soon. {@link #busy} gives it.
   */
  public static final class Busy extends Extension {

    private Busy() {}

    /** For log messages and failing tests. */
    @Override
    public String toString() {
      return "Busy";
    }
  }
}
