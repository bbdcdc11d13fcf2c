package dev.lease;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The names that a page of {@link LeaseStore#list} is about, as a half-open range in the order of
 * UTF-8 bytes. Stores use it, so that a page is one range of an index, and no character of the
 * prefix has a meaning of its own. Immutable.
 */
public final class NameRange {

  /** No name is as long as a name-long run of the greatest character. */
  private static final String AFTER_ALL =
      Character.toString(Character.MAX_CODE_POINT).repeat(Limits.MAX_NAME_BYTES / 4 + 1);

  private final String from;
  private final String end;

  private NameRange(String from, String end) {
    this.from = from;
    this.end = end;
  }

  /**
   * The names that begin with a prefix and come after a name.
   *
   * @param prefix the prefix, 0 to {@value Limits#MAX_NAME_BYTES} bytes of UTF-8; empty for all
   *     names
   * @param after the name before the first one; null to begin at the first one. It need not begin
   *     with the prefix, and no such name has to be there
   * @return the range; it is empty if {@code after} comes after all names with the prefix
   * @throws IllegalArgumentException if the prefix or the name breaks a rule
   */
  public static NameRange of(String prefix, @Nullable String after) {
    Limits.prefix("prefix", prefix);
    // No name has U+0000, so this is the first that can follow.
    String next = after == null ? "" : Limits.name("after", after) + '\u0001';
    String end = prefix + AFTER_ALL;
    String from = isBefore(prefix, next) ? next : prefix;
    return new NameRange(isBefore(from, end) ? from : end, end);
  }

  private static boolean isBefore(String one, String other) {
    return Arrays.compareUnsigned(
            one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8))
        < 0;
  }

  /**
   * {@return where the range begins: the names in it are no less than this text} It may be longer
   * than a name, and empty.
   */
  public String from() {
    return from;
  }

  /**
   * {@return where the range ends: the names in it are less than this text} It is longer than any
   * name.
   */
  public String end() {
    return end;
  }
}
