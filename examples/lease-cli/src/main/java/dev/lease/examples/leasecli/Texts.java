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
    line = PACKAGE.matcher(line).replaceFirst("");
    if (line.codePointCount(0, line.length()) <= most) {
      return line;
    }
    return line.substring(0, line.offsetByCodePoints(0, most - 1)) + "…";
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
