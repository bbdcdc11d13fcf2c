package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page of the parts of a graph. Immutable.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class PartPage {

  private final List<PartState> parts;
  private final @Nullable String next;

  private PartPage(List<PartState> parts, @Nullable String next) {
    this.parts = List.copyOf(parts);
    this.next = next;
  }

  /**
   * Creates a page.
   *
   * @param parts the parts; copied
   * @param next the part after which the next page begins; null after the last page
   * @return the page
   */
  public static PartPage of(List<PartState> parts, @Nullable String next) {
    return new PartPage(parts, next);
  }

  /** {@return the parts of this page, each behind those that it waits for, unmodifiable} */
  public List<PartState> parts() {
    return parts;
  }

  /** {@return the part to pass to the next call, or null after the last page} */
  public @Nullable String next() {
    return next;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PartPage that
        && parts.equals(that.parts)
        && Objects.equals(next, that.next);
  }

  @Override
  public int hashCode() {
    return Objects.hash(parts, next);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "PartPage[parts=" + parts + ", next=" + next + "]";
  }
}
