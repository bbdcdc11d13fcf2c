package dev.lease.examples.shared;

import dev.lease.Limits;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Texts of others, such as payloads and errors, as a terminal can show them. */
public final class Texts {

  private static final Pattern PACKAGE = Pattern.compile("^(\\w+\\.)+(?=[A-Z]\\w*)");

  private Texts() {}

  /**
   * All lines, each as {@link Limits#oneLine} shows it. A tab becomes four blanks.
   *
   * @param text a text of any length
   * @return its lines
   */
  public static List<String> lines(String text) {
    return text.lines().map(line -> Limits.oneLine(line.replace("\t", "    "))).toList();
  }

  /**
   * An error in a table: its first line that is not blank, without the package of the exception,
   * cut to a number of characters.
   *
   * @param error the error
   * @param most how many characters there may be
   * @return the line; "-" if there is no error
   */
  public static String error(@Nullable String error, int most) {
    String line =
        error == null ? "-" : error.lines().filter(each -> !each.isBlank()).findFirst().orElse("-");
    return cut(PACKAGE.matcher(line).replaceFirst(""), most);
  }

  /**
   * A text cut to a number of characters.
   *
   * @param text the text
   * @param most how many characters there may be
   * @return the text; "-" if there is none
   */
  public static String cut(@Nullable String text, int most) {
    if (text == null || text.isEmpty()) {
      return "-";
    }
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most - 1)) + "…";
  }
}
