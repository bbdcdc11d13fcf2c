package dev.lease.examples.leasecli;

import dev.lease.Limits;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Texts of others, such as payloads and errors, as a terminal can show them. */
final class Texts {

  private static final Pattern PACKAGE = Pattern.compile("^(\\w+\\.)+(?=[A-Z]\\w*)");

  private Texts() {}

  /** All lines, each as {@link Limits#oneLine} shows it. A tab becomes four blanks. */
  static List<String> lines(String text) {
    return text.lines().map(line -> Limits.oneLine(line.replace("\t", "    "))).toList();
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
}
