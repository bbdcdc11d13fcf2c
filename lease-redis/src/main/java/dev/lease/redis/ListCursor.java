package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a page of a list ended.
 *
 * @param queue the queue
 * @param set the sorted set, as its key is called
 * @param score the score of the last job that was looked at
 * @param seq its sequence number
 */
record ListCursor(String queue, String set, String score, long seq) {

  private static final String SEPARATOR = "\0";

  /** Before the first job of a set. */
  static ListCursor before(String queue, String set) {
    return new ListCursor(queue, set, "-inf", -1);
  }

  /** Reads what {@link #text} wrote. */
  static @Nullable ListCursor of(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      String[] parts = new String(Base64.getUrlDecoder().decode(text), UTF_8).split(SEPARATOR, -1);
      if (parts.length == 4) {
        Double.parseDouble(parts[2].replace("inf", "Infinity"));
        return new ListCursor(parts[0], parts[1], parts[2], Long.parseLong(parts[3]));
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new IllegalArgumentException("after must come from a page of this store, was " + text);
  }

  /** Where to begin in the sets of a list, which has to be the one that this is from. */
  int placeIn(List<String> sets) {
    int place = sets.indexOf(set);
    if (place < 0) {
      throw new IllegalArgumentException(
          "after must come from a page of the same list, was " + text());
    }
    return place;
  }

  String text() {
    String text = String.join(SEPARATOR, queue, set, score, Long.toString(seq));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }
}
