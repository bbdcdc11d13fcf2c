package dev.lease.worker;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The instants of a cron expression in a time zone.
 *
 * <p>cron-utils sees local times only, as if there were no daylight saving time. What happens when
 * the clocks change is decided here:
 *
 * <ul>
 *   <li>An hour field of {@code *} means every hour that passes, so nothing is skipped, and an hour
 *       that the clocks show twice counts twice.
 *   <li>Any other hour field means local times, also one with a step. One that the clocks skip
 *       comes when they have changed. One that they show twice counts the first time.
 * </ul>
 *
 * <p>Where both fields of days are given, cron-utils takes a day that either has. That is what
 * crontab does, unless one of them begins with a star: then both have to have the day. With six
 * fields they always have to, as in Spring.
 */
final class CronTimes {

  /** Any moment will do: it is only asked whether a time comes at all. */
  private static final LocalDateTime LONG_AGO = LocalDateTime.of(2000, 1, 1, 0, 0);

  /**
   * Two fields of days that do not meet for so long never do: a leap day meets its weekday sooner.
   */
  private static final int MOST_YEARS = 100;

  /** The words that crontab has for some times. */
  private static final Map<String, String> WORDS =
      Map.of(
          "@hourly", "0 * * * *",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@weekly", "0 0 * * 0",
          "@monthly", "0 0 1 * *",
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *");

  private final ExecutionTime times;

  /** Other days, which have to be those of the times as well. */
  private final @Nullable ExecutionTime alsoOn;

  private final ZoneRules rules;
  private final boolean everyHour;

  /**
   * @param expression five fields or a word as in crontab, or six fields as in Spring, which begin
   *     with seconds
   */
  CronTimes(String expression, ZoneId zone) {
    String trimmed = expression.trim();
    String[] fields = WORDS.getOrDefault(trimmed, trimmed).split("\\s+", -1);
    boolean seconds = fields.length == 6;
    if (!seconds && fields.length != 5) {
      throw new IllegalArgumentException(
          "cron expression \"%s\" is refused: it must have five fields as in crontab, or six as in Spring, which begin with seconds, or be one of %s; it has %d"
              .formatted(expression, new TreeSet<>(WORDS.keySet()), fields.length));
    }
    var definition =
        CronDefinitionBuilder.instanceDefinitionFor(seconds ? CronType.SPRING53 : CronType.UNIX);
    var parser = new CronParser(definition);
    int ofMonth = seconds ? 3 : 2;
    int ofWeek = seconds ? 5 : 4;
    try {
      ExecutionTime all = times(parser, fields);
      boolean both = isGiven(fields[ofMonth]) && isGiven(fields[ofWeek]);
      boolean star = fields[ofMonth].startsWith("*") || fields[ofWeek].startsWith("*");
      boolean inBoth = both && (seconds || star);
      times = inBoth ? times(parser, withAll(fields, ofWeek)) : all;
      alsoOn = inBoth ? times(parser, withAll(fields, ofMonth)) : null;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "cron expression \"" + expression + "\" is refused: " + e.getMessage(), e);
    }
    if (nextLocal(LONG_AGO).isEmpty()) {
      throw new IllegalArgumentException(
          "cron expression \"" + expression + "\" is refused: there is no such day");
    }
    rules = zone.getRules();
    everyHour = fields[seconds ? 2 : 1].equals("*");
  }

  private static ExecutionTime times(CronParser parser, String... fields) {
    return ExecutionTime.forCron(parser.parse(String.join(" ", fields)).validate());
  }

  private static boolean isGiven(String days) {
    return !days.equals("*") && !days.equals("?");
  }

  private static String[] withAll(String[] fields, int field) {
    String[] others = fields.clone();
    others[field] = "*";
    return others;
  }

  /** The first instant after this one. */
  Instant next(Instant after) {
    return everyHour ? nextOfEveryHour(after) : nextLocalTime(after);
  }

  private Instant nextLocalTime(Instant after) {
    LocalDateTime local = LocalDateTime.ofInstant(after, rules.getOffset(after));
    while (true) {
      Optional<LocalDateTime> next = nextLocal(local);
      if (next.isEmpty()) {
        return Instant.MAX;
      }
      local = next.get();
      Instant instant = instant(local);
      if (instant.isAfter(after)) {
        return instant;
      }
    }
  }

  private Instant instant(LocalDateTime local) {
    ZoneOffsetTransition change = rules.getTransition(local);
    return change != null && change.isGap()
        ? change.getInstant()
        : local.toInstant(rules.getOffset(local));
  }

  private Instant nextOfEveryHour(Instant after) {
    Instant from = after;
    while (true) {
      ZoneOffset offset = rules.getOffset(from);
      Optional<LocalDateTime> next = nextLocal(LocalDateTime.ofInstant(from, offset));
      if (next.isEmpty()) {
        return Instant.MAX;
      }
      Instant instant = next.get().toInstant(offset);
      ZoneOffsetTransition change = rules.nextTransition(from);
      if (change == null || instant.isBefore(change.getInstant())) {
        return instant;
      }
      from = change.getInstant();
      LocalDateTime changed = LocalDateTime.ofInstant(from, rules.getOffset(from));
      if (nextLocal(changed.minusNanos(1)).filter(changed::equals).isPresent()) {
        return from;
      }
    }
  }

  private Optional<LocalDateTime> nextLocal(LocalDateTime after) {
    LocalDateTime last = after.plusYears(MOST_YEARS);
    Optional<LocalDateTime> next = next(times, after);
    while (alsoOn != null && next.isPresent()) {
      if (next.get().isAfter(last)) {
        return Optional.empty();
      }
      Optional<LocalDateTime> other = next(alsoOn, next.get().minusSeconds(1));
      if (other.isEmpty() || other.equals(next)) {
        return other;
      }
      next = next(times, other.get().minusSeconds(1));
    }
    return next;
  }

  /** Asks with whole seconds: cron-utils would add the rest of a second to its answer. */
  private static Optional<LocalDateTime> next(ExecutionTime times, LocalDateTime after) {
    return times
        .nextExecution(after.truncatedTo(ChronoUnit.SECONDS).atZone(ZoneOffset.UTC))
        .map(ZonedDateTime::toLocalDateTime);
  }
}
