package dev.lease;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a call that works on many jobs, one piece of them at a time.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class JobPiece {

  private final int changed;
  private final @Nullable String next;

  private JobPiece(int changed, @Nullable String next) {
    this.changed = changed;
    this.next = next;
  }

  /**
   * Creates an answer.
   *
   * @param changed how many jobs the call changed
   * @param next the cursor of the next piece, opaque to the caller; null after the last piece
   * @return the answer
   */
  public static JobPiece of(int changed, @Nullable String next) {
    return new JobPiece(changed, next);
  }

  /**
   * How many jobs the call changed.
   *
   * @return the number
   */
  public int changed() {
    return changed;
  }

  /**
   * The cursor of the next piece, opaque to the caller.
   *
   * @return the text to pass to the next call; null after the last piece
   */
  public @Nullable String next() {
    return next;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobPiece that
        && changed == that.changed
        && Objects.equals(next, that.next);
  }

  @Override
  public int hashCode() {
    return Objects.hash(changed, next);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "JobPiece[changed=" + changed + ", next=" + next + "]";
  }
}
