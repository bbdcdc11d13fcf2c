package dev.lease.worker;

import dev.lease.Limits;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

  /**
   * The exception with its stack trace and its causes, for a log: all lines but the first one are
   * indented, so that none can pass for a line of the log.
   */
  static String trace(String text) {
    return text.lines()
        .map(line -> Limits.oneLine(line.replace("\t", "    ")))
        .collect(Collectors.joining("\n    "));
  }

  /** The exception in one line, which may be cut: its class and the first line of its message. */
  static String line(Throwable failure) {
    return Limits.oneLine(
        Limits.attemptErrorText(safely(failure, () -> firstLineOf(failure.toString()))));
  }

  /** A job as logs name it. */
  static String job(String type, String id, String queue) {
    return Limits.oneLine(type + " " + id + " of queue " + queue);
  }

  /** As a log can show it. */
  static String firstLine(String text) {
    return Limits.oneLine(firstLineOf(text));
  }

  private static String firstLineOf(String text) {
    return text.lines().findFirst().orElse("");
  }

  /** The message, as a store can keep it; empty if there is none. */
  static String message(Throwable failure) {
    return Limits.errorText(
        safely(failure, () -> Objects.requireNonNullElse(failure.getMessage(), "")));
  }

  /** About how many characters of memory an exception takes, with its causes and what they hid. */
  static int chars(Throwable failure) {
    long chars =
        Limits.causes(failure)
            .flatMap(each -> Stream.concat(Stream.of(each), Stream.of(each.getSuppressed())))
            .mapToLong(each -> TRACE_CHARS + safely(each, each::toString).length())
            .sum();
    return (int) Math.min(Integer.MAX_VALUE, chars);
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
