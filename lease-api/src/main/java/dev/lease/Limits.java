package dev.lease;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The limits of every input, and the checks for them, with the same messages in every store.
 *
 * <p>The values of this package check themselves when they are created. For all other arguments a
 * store calls these checks itself, before it does any I/O [L17, L18, Q09, Q51]. A check returns the
 * value that it was given, or throws an {@link IllegalArgumentException} whose message names the
 * value and the rule.
 */
public final class Limits {

  /**
   * Longest name in bytes of UTF-8: of a lease, an owner, a queue, a job, a type, a dedup key, a
   * step or a header.
   */
  public static final int MAX_NAME_BYTES = 200;

  /** Longest payload, result or checkpoint in bytes of UTF-8: 1 MiB. */
  public static final int MAX_TEXT_BYTES = 1 << 20;

  /** Most headers of one job. */
  public static final int MAX_HEADERS = 32;

  /** Longest value of a header in bytes of UTF-8. */
  public static final int MAX_HEADER_BYTES = 1_000;

  /** Longest note of a named lease in bytes of UTF-8. */
  public static final int MAX_NOTE_BYTES = 8_000;

  /** Longest error text in characters; a longer one is cut. */
  public static final int MAX_ERROR_CHARS = 8_000;

  /** Longest error of a {@link FailedAttempt} in characters; a longer one is cut. */
  public static final int MAX_ATTEMPT_ERROR_CHARS = 2_000;

  /** Most failed attempts that a store keeps of one job; it drops the oldest first. */
  public static final int MAX_FAILED_ATTEMPTS = 10;

  /** Most bytes of payloads in one claim, if its caller names no number: 4 MiB. */
  public static final int DEFAULT_CLAIM_BYTES = 4 << 20;

  /** Most bytes of payloads that a claim may ask for: 1 GiB. */
  public static final int MAX_CLAIM_BYTES = 1 << 30;

  /** Longest place of a job's lease in bytes of UTF-8. */
  public static final int MAX_PLACE_BYTES = 200;

  /** Longest progress message in characters; a longer one is cut. */
  public static final int MAX_MESSAGE_CHARS = 1_000;

  /** Longest payload, result or value of a header in a brief list, in characters. */
  public static final int BRIEF_CHARS = 200;

  /** Most elements of one call: jobs, leases or settlements passed in, or jobs returned. */
  public static final int MAX_BATCH = 1_000;

  /** Highest priority, which goes first; the lowest is 0. */
  public static final int MAX_PRIORITY = 9;

  /** Shortest lease. */
  public static final Duration MIN_LEASE = Duration.ofMillis(1);

  /** Longest lease. */
  public static final Duration MAX_LEASE = Duration.ofDays(365);

  /** Longest delay of a job, and longest time that a finished job is kept. */
  public static final Duration MAX_DELAY = Duration.ofDays(3_650);

  /** Earliest due time. */
  public static final Instant MIN_DUE = Instant.EPOCH;

  /** Latest due time: well before 2255, when microseconds leave the range of a double. */
  public static final Instant MAX_DUE = Instant.parse("2200-01-01T00:00:00Z");

  /** The error of a job whose last lease expired, and of each attempt that ended so [Q20]. */
  public static final String LEASE_EXPIRED = "lease expired";

  /** The error of a job that a claim or a reset met after its deadline [Q81]. */
  public static final String DEADLINE_PASSED = "deadline passed";

  private static final int QUOTED_CHARS = 60;

  private static final int MAX_CAUSES = 50;

  /** Joins letters of some scripts, and emoji; or keeps letters from being joined. */
  private static final int ZERO_WIDTH_JOINER = 0x200D;

  private static final int ZERO_WIDTH_NON_JOINER = 0x200C;

  private Limits() {}

  /**
   * Checks a name: 1 to {@value #MAX_NAME_BYTES} bytes of UTF-8, not blank, without U+0000 and
   * without a lone surrogate. Names are compared code point by code point: case, accents, normal
   * forms and trailing blanks count.
   *
   * @param what what has the name, for the message
   * @param name the name
   * @return the name
   */
  public static String name(String what, @Nullable String name) {
    name = notNull(what, name);
    if (name.isBlank()) {
      throw new IllegalArgumentException(what + " must not be blank, was " + quote(name));
    }
    return text(what, name, MAX_NAME_BYTES);
  }

  /**
   * Checks a text that is stored unchanged: at most {@value #MAX_TEXT_BYTES} bytes of UTF-8,
   * without U+0000 and without a lone surrogate; it may be empty.
   *
   * @param what what the text is, for the message
   * @param text the text
   * @return the text
   */
  public static String text(String what, @Nullable String text) {
    return text(what, text, MAX_TEXT_BYTES);
  }

  /**
   * Checks the beginning of names: at most {@value #MAX_NAME_BYTES} bytes of UTF-8, without U+0000
   * and without a lone surrogate; it may be empty.
   *
   * @param what what the prefix is, for the message
   * @param prefix the prefix
   * @return the prefix
   */
  public static String prefix(String what, @Nullable String prefix) {
    return text(what, prefix, MAX_NAME_BYTES);
  }

  /**
   * Checks the note of a named lease: at most {@value #MAX_NOTE_BYTES} bytes of UTF-8, without
   * U+0000 and without a lone surrogate; it may be empty.
   *
   * @param note the note
   * @return the note
   */
  public static String note(@Nullable String note) {
    return text("note", note, MAX_NOTE_BYTES);
  }

  private static String text(String what, @Nullable String text, int maxBytes) {
    text = notNull(what, text);
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == 0) {
        throw new IllegalArgumentException(
            what + " must not contain U+0000, found at index " + i + " of " + quote(text));
      }
      if (c < 0x80) {
        bytes += 1;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (startsPair(text, i)) {
        bytes += 4;
        i++;
      } else {
        throw new IllegalArgumentException(
            what
                + " must not contain a lone surrogate, found at index "
                + i
                + " of "
                + quote(text));
      }
    }
    if (bytes > maxBytes) {
      throw new IllegalArgumentException(
          what
              + " must be at most "
              + maxBytes
              + " bytes of UTF-8, was "
              + bytes
              + ": "
              + quote(text));
    }
    return text;
  }

  /**
   * Checks the duration of a lease: from 1 millisecond to 365 days.
   *
   * @param what what the duration is, for the message
   * @param duration the duration
   * @return the duration
   */
  public static Duration lease(String what, @Nullable Duration duration) {
    return between(what, duration, MIN_LEASE, MAX_LEASE);
  }

  /**
   * Checks a delay or a time to keep: from 0 to 3650 days.
   *
   * @param what what the duration is, for the message
   * @param duration the duration
   * @return the duration
   */
  public static Duration delay(String what, @Nullable Duration duration) {
    return between(what, duration, Duration.ZERO, MAX_DELAY);
  }

  /**
   * Clamps the delay of a settlement to the range from 0 to 3650 days, since no settlement may fail
   * because of its delay [Q34].
   *
   * @param what what has the delay, for the message
   * @param delay the delay
   * @return the delay, or the nearest end of the range
   */
  public static Duration clampedDelay(String what, @Nullable Duration delay) {
    delay = notNull(what, delay);
    if (delay.isNegative()) {
      return Duration.ZERO;
    }
    return delay.compareTo(MAX_DELAY) > 0 ? MAX_DELAY : delay;
  }

  /**
   * Checks how many elements a call may return: from 1 to {@value #MAX_BATCH}.
   *
   * @param limit the limit
   * @return the limit
   */
  public static int limit(int limit) {
    return between("limit", limit, 1, MAX_BATCH);
  }

  /**
   * Checks how far to count: at least 1.
   *
   * @param most the largest number that the caller wants to know
   * @return the number
   */
  public static long most(long most) {
    if (most < 1) {
      throw new IllegalArgumentException("most must be at least 1, was " + most);
    }
    return most;
  }

  /**
   * Checks how many jobs a claim may return: from 0 to {@value #MAX_BATCH}.
   *
   * @param limit the limit
   * @return the limit
   */
  public static int claimLimit(int limit) {
    return between("limit", limit, 0, MAX_BATCH);
  }

  /** Refuses conditions that a store does not know [Q83]. */
  static <C> void known(Set<C> conditions, Set<C> known, Object query) {
    for (C condition : conditions) {
      if (!known.contains(condition)) {
        throw new UnsupportedOperationException(
            "this store does not know the condition "
                + condition
                + " in: "
                + query
                + ": leave it out, or take a version of the store that knows it");
      }
    }
  }

  /**
   * Checks a batch: at most {@value #MAX_BATCH} elements, none of them null; it may be empty.
   *
   * @param <T> the type of the elements
   * @param what what the elements are, for the message
   * @param batch the batch
   * @return an unmodifiable copy
   */
  public static <T> List<T> batch(String what, @Nullable List<? extends T> batch) {
    batch = notNull(what, batch);
    if (batch.size() > MAX_BATCH) {
      throw new IllegalArgumentException(
          what + " must be at most " + MAX_BATCH + " in one call, were " + batch.size());
    }
    int i = 0;
    for (T element : batch) {
      if (element == null) {
        notNull(what + "[" + i + "]", element);
      }
      i++;
    }
    return List.copyOf(batch);
  }

  /**
   * Checks that a number is in a range, both ends included.
   *
   * @param what what the number is, for the message
   * @param value the number
   * @param min the smallest allowed number
   * @param max the largest allowed number
   * @return the number
   */
  public static int between(String what, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          what + " must be " + min + " to " + max + ", was " + value);
    }
    return value;
  }

  /**
   * Checks the headers of a job: at most {@value #MAX_HEADERS}, keys that are names, values of at
   * most {@value #MAX_HEADER_BYTES} bytes of UTF-8.
   *
   * @param headers the headers
   * @return an unmodifiable copy
   */
  public static Map<String, String> headers(@Nullable Map<String, String> headers) {
    headers = notNull("headers", headers);
    if (headers.size() > MAX_HEADERS) {
      throw new IllegalArgumentException(
          "headers must be at most " + MAX_HEADERS + ", were " + headers.size());
    }
    headers.forEach(
        (key, value) -> {
          name("header name", key);
          text("header " + quote(key), value, MAX_HEADER_BYTES);
        });
    return Map.copyOf(headers);
  }

  /**
   * Checks a due time: from 1970 to 2200.
   *
   * @param due the due time
   * @return the due time
   */
  public static Instant due(@Nullable Instant due) {
    due = notNull("due time", due);
    if (due.isBefore(MIN_DUE) || due.isAfter(MAX_DUE)) {
      throw new IllegalArgumentException(
          "due time must be " + MIN_DUE + " to " + MAX_DUE + ", was " + due);
    }
    return due;
  }

  /** Checks the place of a lease. */
  static @Nullable String place(@Nullable String place) {
    return place == null ? null : text("place", place, MAX_PLACE_BYTES);
  }

  /**
   * Makes an error text storable, since a failure must be stored whatever its message is [Q33].
   * U+0000 and lone surrogates become U+FFFD. A text longer than {@value #MAX_ERROR_CHARS}
   * characters is cut, and says so. Null becomes the empty text.
   *
   * @param error an error text
   * @return a text that can be stored
   */
  public static String errorText(@Nullable String error) {
    return cleaned(error, MAX_ERROR_CHARS);
  }

  /**
   * Makes the error text of a failed attempt storable, as {@link #errorText} does, but cuts it at
   * {@value #MAX_ATTEMPT_ERROR_CHARS} characters.
   *
   * @param error an error text
   * @return a text that can be stored
   */
  public static String attemptErrorText(@Nullable String error) {
    return cleaned(error, MAX_ATTEMPT_ERROR_CHARS);
  }

  /**
   * Makes a text visible in one line of a log or a terminal. A character on which these would act,
   * or that would turn the direction of the text, is shown by its number: an end of line as {@code
   * \u005Cu000A}. So a name cannot make a line of its own. Format characters are shown too, such as
   * a zero-width space, but for the two that join or part letters and emoji. A text without such
   * characters stays as it is.
   *
   * @param text a text of others, such as a name or the message of an error
   * @return the text in one line
   */
  public static String oneLine(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        return escaped(text);
      }
    }
    return text;
  }

  /**
   * A time as people write it: {@code 244 ms}, {@code 1.5 s}, {@code 2 min 5 s}, {@code 3650 d}. It
   * has two units at most; what is smaller is cut.
   *
   * @param time a time, not negative
   * @return a text for a message or a log
   */
  public static String shown(Duration time) {
    long millis = time.toMillis();
    if (millis < 1_000) {
      return millis + " ms";
    }
    if (millis < 10_000) {
      long tenths = millis / 100;
      return tenths / 10 + (tenths % 10 == 0 ? "" : "." + tenths % 10) + " s";
    }
    return Stream.of(
            part(time.toDays(), "d"),
            part(time.toHoursPart(), "h"),
            part(time.toMinutesPart(), "min"),
            part(time.toSecondsPart(), "s"))
        .filter(part -> !part.isEmpty())
        .limit(2)
        .collect(Collectors.joining(" "));
  }

  private static String part(long count, String unit) {
    return count == 0 ? "" : count + " " + unit;
  }

  private static String escaped(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (isActedOn(c)) {
                shown.append("\\u%04X".formatted(c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }

  private static boolean isActedOn(int c) {
    return switch (Character.getType(c)) {
      case Character.FORMAT -> c != ZERO_WIDTH_JOINER && c != ZERO_WIDTH_NON_JOINER;
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }

  /**
   * Cuts a text for a brief list [Q84]. A character is a code point here, so that no pair of
   * surrogates is cut in two.
   *
   * @param text the text
   * @return its first {@value #BRIEF_CHARS} characters, or all if it has no more
   */
  public static String brief(String text) {
    return cut(text, BRIEF_CHARS);
  }

  private static String cut(String text, int mostChars) {
    return text.codePointCount(0, text.length()) <= mostChars
        ? text
        : text.substring(0, text.offsetByCodePoints(0, mostChars));
  }

  static String message(@Nullable String message) {
    return cleaned(message, MAX_MESSAGE_CHARS);
  }

  private static String cleaned(@Nullable String text, int maxChars) {
    if (text == null) {
      return "";
    }
    String mark = text.length() > maxChars ? "… (cut, " + text.length() + " characters)" : "";
    int end = Math.min(text.length(), maxChars - mark.length());
    var clean = new StringBuilder(end + mark.length());
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (startsPair(text, i) && i + 1 < end) {
        clean.append(c).append(text.charAt(++i));
      } else {
        clean.append(c == 0 || Character.isSurrogate(c) ? '\uFFFD' : c);
      }
    }
    return clean.append(mark).toString();
  }

  /**
   * An exception, its cause, and so on: at most {@value #MAX_CAUSES}, since causes may form a
   * circle. One that does not say its cause is the last.
   *
   * @param failure an exception
   * @return the exception first, and the innermost cause last
   */
  public static Stream<Throwable> causes(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Limits::causeOf).limit(MAX_CAUSES);
  }

  private static @Nullable Throwable causeOf(Throwable failure) {
    try {
      return failure.getCause();
    } catch (Throwable e) {
      return null;
    }
  }

  /**
   * Checks that an argument is not null.
   *
   * @param <T> its type
   * @param what what it is, for the message
   * @param value the argument
   * @return the argument
   */
  public static <T> T notNull(String what, @Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException(what + " must not be null");
    }
    return value;
  }

  /**
   * Checks that a duration is in a range, both ends included.
   *
   * @param what what the duration is, for the message
   * @param duration the duration
   * @param min the shortest allowed duration
   * @param max the longest allowed duration
   * @return the duration
   * @throws IllegalArgumentException if it is null or out of range
   */
  public static Duration between(
      String what, @Nullable Duration duration, Duration min, Duration max) {
    duration = notNull(what, duration);
    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          what + " must be " + min + " to " + max + ", was " + duration);
    }
    return duration;
  }

  private static boolean startsPair(String text, int index) {
    return Character.isHighSurrogate(text.charAt(index))
        && index + 1 < text.length()
        && Character.isLowSurrogate(text.charAt(index + 1));
  }

  /**
   * Returns the value as a message can show it: short, and without characters that a terminal or a
   * log would act on.
   */
  static String quote(String value) {
    String begin = cut(value, QUOTED_CHARS);
    return '"' + oneLine(begin) + (begin.length() < value.length() ? "…\"" : "\"");
  }
}
