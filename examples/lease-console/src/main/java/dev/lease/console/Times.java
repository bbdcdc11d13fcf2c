package dev.lease.console;

import dev.lease.Due;
import dev.lease.examples.shared.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Times as people write them in forms: {@code 2h} is two hours back, {@code in 2h} ahead. */
final class Times {

  private static final String AHEAD = "in ";
  private static final String INSTANT = ", or an instant such as 2026-11-27T03:00:00Z";

  private Times() {}

  /**
   * A time as a condition.
   *
   * @param now the store's clock, if it is wanted
   * @throws IllegalArgumentException if it is none
   */
  static Instant instant(String text, Supplier<Instant> now) {
    if (Durations.isOne(text)) {
      return now.get().minus(Durations.parse(text));
    }
    Duration ahead = ahead(text);
    return ahead == null
        ? parse(
            text,
            "a time is how far it is back, such as 30s, 5m, 2h or 7d, how far ahead, such as in 2h")
        : now.get().plus(ahead);
  }

  /**
   * A time that is to come, from the store's now.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Due due(String text) {
    if (text.equals("now")) {
      return Due.now();
    }
    Duration ahead = ahead(text);
    return ahead == null
        ? Due.at(parse(text, "a new time is now, how far it is ahead, such as in 5m or in 2h"))
        : Due.after(ahead);
  }

  private static @Nullable Duration ahead(String text) {
    String time = text.startsWith(AHEAD) ? text.substring(AHEAD.length()).strip() : "";
    return Durations.isOne(time) ? Durations.parse(time) : null;
  }

  private static Instant parse(String text, String rule) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(rule + INSTANT, e);
    }
  }
}
