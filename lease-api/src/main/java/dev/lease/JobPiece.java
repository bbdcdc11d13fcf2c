package dev.lease;

import java.util.List;
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
  private final List<String> missing;

  private JobPiece(int changed, @Nullable String next, List<String> missing) {
    this.changed = changed;
    this.next = next;
    this.missing = Limits.batch("missing", missing);
  }

  /**
   * Creates an answer to which every part of the store contributed.
   *
   * @param changed how many jobs the call changed
   * @param next the cursor of the next piece, opaque to the caller; null after the last piece
   * @return the answer
   */
  public static JobPiece of(int changed, @Nullable String next) {
    return new JobPiece(changed, next, List.of());
  }

  /**
   * The same answer, without the parts of the store that did not answer.
   *
   * @param missing the names of these parts; copied
   * @return a new answer
   */
  public JobPiece withMissing(List<String> missing) {
    return new JobPiece(changed, next, missing);
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

  /**
   * The parts of the store that did not answer, so that their jobs stay as they are [Q86].
   *
   * @return their names, unmodifiable; empty if all answered, and where a store has one part
   */
  public List<String> missing() {
    return missing;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobPiece that
        && changed == that.changed
        && Objects.equals(next, that.next)
        && missing.equals(that.missing);
  }

  @Override
  public int hashCode() {
    return Objects.hash(changed, next, missing);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "JobPiece[changed=" + changed + ", next=" + next + ", missing=" + missing + "]";
  }
}
