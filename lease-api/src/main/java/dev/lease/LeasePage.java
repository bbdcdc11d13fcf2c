package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list of leases.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class LeasePage {

  private final List<Lease> leases;
  private final @Nullable String next;
  private final List<String> missing;

  private LeasePage(List<Lease> leases, @Nullable String next, List<String> missing) {
    this.leases = List.copyOf(leases);
    this.next = next;
    this.missing = Limits.batch("missing", missing);
  }

  /**
   * Creates a page to which every part of the store contributed.
   *
   * @param leases the leases; copied
   * @param next the name after which the next page begins; null after the last page
   * @return the page
   */
  public static LeasePage of(List<Lease> leases, @Nullable String next) {
    return new LeasePage(leases, next, List.of());
  }

  /**
   * Creates a page of a store whose pages are full but for the last one.
   *
   * @param limit the most leases that were asked for, 1 to {@value Limits#MAX_BATCH}
   * @param leases the leases, no more than that; copied
   * @return a page with a next one, after its last lease, if it has as many as the limit
   * @throws IllegalArgumentException if there are more leases, or the limit is out of its range
   */
  public static LeasePage upTo(int limit, List<Lease> leases) {
    if (leases.size() > Limits.limit(limit)) {
      throw new IllegalArgumentException(
          "leases must be " + limit + " or fewer, were " + leases.size());
    }
    return of(leases, leases.size() < limit ? null : leases.get(limit - 1).name());
  }

  /**
   * The same page, without the parts of the store that did not answer.
   *
   * @param missing the names of these parts; copied
   * @return a new page
   */
  public LeasePage withMissing(List<String> missing) {
    return new LeasePage(leases, next, missing);
  }

  /** {@return the leases of this page, in the order of the UTF-8 bytes of their names} */
  public List<Lease> leases() {
    return leases;
  }

  /**
   * The name after which the next page begins. A page may have fewer leases than were asked for, or
   * none, and still have a next one.
   *
   * @return the name to pass to the next call; null after the last page
   */
  public @Nullable String next() {
    return next;
  }

  /**
   * The parts of the store that did not answer, so that their leases are not on the page.
   *
   * @return their names, unmodifiable; empty if all answered, and where a store has one part
   */
  public List<String> missing() {
    return missing;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LeasePage that
        && leases.equals(that.leases)
        && Objects.equals(next, that.next)
        && missing.equals(that.missing);
  }

  @Override
  public int hashCode() {
    return Objects.hash(leases, next, missing);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "LeasePage[leases=" + leases + ", next=" + next + ", missing=" + missing + "]";
  }
}
