package dev.lease.cli;

import dev.lease.Due;
import dev.lease.examples.shared.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/**
 * A time on the command line: an instant, or how far it is from the store's now.
 *
 * @param at the instant, or null
 * @param distance the distance without an instant, to the past or the future as the option says
 */
record Moment(@Nullable Instant at, Duration distance) {

  static Moment parse(String text) {
    if (text.equals("now")) {
      return new Moment(null, Duration.ZERO);
    }
    if (Durations.isOne(text)) {
      return new Moment(null, Durations.parse(text));
    }
    try {
      return new Moment(Instant.parse(text), Duration.ZERO);
    } catch (DateTimeParseException e) {
      throw new TypeConversionException(
          "'"
              + text
              + "' is no time: write how far it is from now, such as 30s, 5m, 2h or 7d, or an"
              + " instant such as 2026-11-27T03:00:00Z");
    }
  }

  /** As a time in the past. */
  Instant before(Supplier<Instant> now) {
    return at == null ? now.get().minus(distance) : at;
  }

  /** As a time in the future. */
  Due due() {
    return at == null ? Due.after(distance) : Due.at(at);
  }
}
