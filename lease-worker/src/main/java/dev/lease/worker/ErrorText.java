package dev.lease.worker;

import dev.lease.Limits;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Makes the text of an exception, even if its own methods throw [W04]. */
final class ErrorText {

  private static final int TRACE_CHARS = 10_000;

  private ErrorText() {}

  /** The exception with its stack trace and its causes. */
  static String of(Throwable failure) {
    return safely(
        failure,
        () -> {
          var text = new StringWriter();
          failure.printStackTrace(new PrintWriter(text));
          return text.toString();
        });
  }

  /** The exception in one line, which may be cut: its class and the first line of its message. */
  static String line(Throwable failure) {
    return Limits.attemptErrorText(safely(failure, () -> firstLine(failure.toString())));
  }

  /**
   * A name as a log can show it: without characters that a terminal or a log would act on, such as
   * an end of line with which an id could make a line of its own.
   */
  static String shown(String name) {
    for (int i = 0; i < name.length(); i++) {
      if (isActedOn(name.charAt(i))) {
        return escaped(name);
      }
    }
    return name;
  }

  /** A job as logs name it. */
  static String job(String type, String id, String queue) {
    return shown(type + " " + id + " of queue " + queue);
  }

  private static boolean isActedOn(int c) {
    return Character.isISOControl(c) || c == '\u2028' || c == '\u2029';
  }

  private static String escaped(String name) {
    return name.chars()
        .mapToObj(c -> isActedOn(c) ? "\\u%04X".formatted(c) : Character.toString(c))
        .collect(Collectors.joining());
  }

  static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  /** The message, as a store can keep it; empty if there is none. */
  static String message(Throwable failure) {
    return Limits.errorText(
        safely(failure, () -> Objects.requireNonNullElse(failure.getMessage(), "")));
  }

  /** About how many characters of memory the exception takes, with its stack trace. */
  static int chars(Throwable failure) {
    return TRACE_CHARS + safely(failure, failure::toString).length();
  }

  private static String safely(Throwable failure, Supplier<String> text) {
    try {
      return text.get();
    } catch (Throwable broken) {
      return "%s (printing it failed with %s)"
          .formatted(failure.getClass().getName(), broken.getClass().getName());
    }
  }
}
