package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.JobOrder;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a page of a list ended.
 *
 * @param order the order of the list
 * @param queue the queue of the last job that was looked at
 * @param set its sorted set, by the kind of the key
 * @param score its score there; or its member in hexadecimal digits where members have no scores
 * @param seq its sequence number
 */
record ListCursor(JobOrder order, String queue, String set, String score, long seq) {

  private static final String SEPARATOR = "\0";

  /** Before the first job of a set. */
  static ListCursor before(JobOrder order, String queue, String set) {
    return new ListCursor(order, queue, set, order == JobOrder.OLDEST_FIRST ? "-inf" : "+inf", 0);
  }

  /** The same list at another place in its queue. */
  ListCursor at(String set, String score, long seq) {
    return new ListCursor(order, queue, set, score, seq);
  }

  /** Reads what {@link #text} wrote. */
  static @Nullable ListCursor of(@Nullable String text, JobOrder order) {
    if (text == null) {
      return null;
    }
    try {
      String[] parts = new String(Base64.getUrlDecoder().decode(text), UTF_8).split(SEPARATOR, -1);
      if (parts.length == 5 && order.name().equals(parts[0])) {
        requirePlace(parts[2], parts[3]);
        return new ListCursor(order, parts[1], parts[2], parts[3], Long.parseLong(parts[4]));
      }
    } catch (IllegalArgumentException e) {
      // Thrown below.
    }
    throw new IllegalArgumentException(
        "after must come from a page of this store in this order, was " + text);
  }

  private static void requirePlace(String set, String score) {
    if (Keys.isOrderedByMember(set) && !score.endsWith("inf")) {
      HexFormat.of().parseHex(score);
    } else {
      Double.parseDouble(score.replace("inf", "Infinity"));
    }
  }

  /** Where to begin in the sets of a list: the list that this cursor comes from. */
  int placeIn(List<String> sets) {
    int place = sets.indexOf(set);
    if (place < 0) {
      throw new IllegalArgumentException(
          "after must come from a page of the same list, was " + text());
    }
    return place;
  }

  String text() {
    String text = String.join(SEPARATOR, order.name(), queue, set, score, Long.toString(seq));
    return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(UTF_8));
  }
}
