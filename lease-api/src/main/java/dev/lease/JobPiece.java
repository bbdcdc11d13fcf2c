package dev.lease;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a call for many jobs did with a piece of them.
 *
 * <p>Stores make it with {@link #of}, so that it can gain parts.
 */
public final class JobPiece {

  private final int changed;
  private final @Nullable String next;

  private JobPiece(int changed, @Nullable String next) {
    this.changed = changed;
    this.next = next;
  }

  /**
   * Makes an answer.
   *
   * @param changed how many jobs the call changed
   * @param next what asks for the next piece; null after the last
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
   * What asks for the next piece.
   *
   * @return a text that is opaque to the caller; null after the last piece
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
