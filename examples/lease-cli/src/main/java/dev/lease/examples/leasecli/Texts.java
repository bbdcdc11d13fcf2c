package dev.lease.examples.leasecli;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Texts of others, such as payloads and errors, as a terminal can show them. */
final class Texts {

  private static final Pattern PACKAGE = Pattern.compile("^(\\w+\\.)+(?=[A-Z]\\w*)");

  private Texts() {}

  /**
   * One line. A character that a terminal would act on, or that would turn the direction of the
   * text, is shown by its number.
   */
  static String line(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            character -> {
              if (isActedOn(character)) {
                shown.append(String.format("\\u%04X", character));
              } else {
                shown.appendCodePoint(character);
              }
            });
    return shown.toString();
  }

  /** All lines, each as {@link #line} shows it. A tab becomes four blanks. */
  static List<String> lines(String text) {
    return text.lines().map(line -> line(line.replace("\t", "    "))).toList();
  }

  /**
   * An error in a table: its first line that is not blank, without the package of the exception,
   * cut to a number of characters; "-" if there is none.
   */
  static String error(@Nullable String error, int most) {
    String line =
        error == null ? "-" : error.lines().filter(each -> !each.isBlank()).findFirst().orElse("-");
    return cut(PACKAGE.matcher(line).replaceFirst(""), most);
  }

  /** A text cut to a number of characters; "-" if there is none. */
  static String cut(@Nullable String text, int most) {
    if (text == null || text.isEmpty()) {
      return "-";
    }
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
  }

  private static boolean isActedOn(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      default -> false;
    };
  }
}
