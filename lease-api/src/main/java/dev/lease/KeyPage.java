package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page of the keys of a queue, with the limits that hold for all of them. Immutable.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class KeyPage {

  private final List<KeyState> keys;
  private final @Nullable String next;
  private final @Nullable KeyLimit limit;
  private final @Nullable Integer queueSlots;

  private KeyPage(
      List<KeyState> keys,
      @Nullable String next,
      @Nullable KeyLimit limit,
      @Nullable Integer queueSlots) {
    this.keys = List.copyOf(keys);
    this.next = next;
    this.limit = limit;
    this.queueSlots = queueSlots;
  }

  /**
   * Creates a page of a queue without limits.
   *
   * @param keys the keys; copied
   * @param next the key after which the next page begins; null after the last page
   * @return the page
   */
  public static KeyPage of(List<KeyState> keys, @Nullable String next) {
    return new KeyPage(keys, next, null, null);
  }

  /**
   * The same page, with the limits of the queue.
   *
   * @param limit the limit of every key that has none of its own, or null
   * @param queueSlots the slots of the whole queue, or null
   * @return a new page
   */
  public KeyPage withLimits(@Nullable KeyLimit limit, @Nullable Integer queueSlots) {
    return new KeyPage(keys, next, limit, queueSlots);
  }

  /** {@return the keys of this page, in the order of their UTF-8 bytes, unmodifiable} */
  public List<KeyState> keys() {
    return keys;
  }

  /** {@return the key to pass to the next call, or null after the last page} */
  public @Nullable String next() {
    return next;
  }

  /** {@return the limit of every key that has none of its own, or null} */
  public @Nullable KeyLimit limit() {
    return limit;
  }

  /** {@return the slots of the whole queue [Q94], or null if only keys have limits} */
  public @Nullable Integer queueSlots() {
    return queueSlots;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof KeyPage that
        && keys.equals(that.keys)
        && Objects.equals(next, that.next)
        && Objects.equals(limit, that.limit)
        && Objects.equals(queueSlots, that.queueSlots);
  }

  @Override
  public int hashCode() {
    return Objects.hash(keys, next, limit, queueSlots);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "KeyPage[keys="
        + keys
        + ", next="
        + next
        + ", limit="
        + limit
        + ", queueSlots="
        + queueSlots
        + "]";
  }
}
