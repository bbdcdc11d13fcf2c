package dev.lease.examples.shared;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/** Durations on the command line, and in what it prints. */
public final class Durations {

  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

  private Durations() {}

  /**
   * Whether a text is a duration.
   *
   * @param text a text
   * @return whether {@link #parse} takes it
   */
  public static boolean isOne(String text) {
    return WRITTEN.matcher(text).matches();
  }

  /**
   * Reads a duration.
   *
   * @param text a number and its unit: ms, s, m, h or d
   * @return the duration
   * @throws TypeConversionException if it is none
   */
  public static Duration parse(String text) {
    Matcher written = WRITTEN.matcher(text);
    if (!written.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is not a duration such as 500ms, 30s, 5m, 2h or 7d");
    }
    long amount = Long.parseLong(written.group(1));
    return switch (written.group(2)) {
      case "ms" -> Duration.ofMillis(amount);
      case "s" -> Duration.ofSeconds(amount);
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }

  /**
   * A duration for a tired reader: 3d 4h, 2h 5m, 40s.
   *
   * @param duration the duration
   * @return two units at the most
   */
  public static String shown(Duration duration) {
    if (duration.isNegative()) {
      return "-" + shown(duration.negated());
    }
    if (duration.toDays() > 0) {
      return duration.toDays() + "d" + rest(duration.toHoursPart(), "h");
    }
    if (duration.toHours() > 0) {
      return duration.toHours() + "h" + rest(duration.toMinutesPart(), "m");
    }
    if (duration.toMinutes() > 0) {
      return duration.toMinutes() + "m" + rest(duration.toSecondsPart(), "s");
    }
    return duration.toSeconds() + "s";
  }

  private static String rest(int amount, String unit) {
    return amount == 0 ? "" : " " + amount + unit;
  }
}
