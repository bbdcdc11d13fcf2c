package dev.lease.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLDecoder;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The settings in the URL of a database, by name or in a list of the server's. */
final class UrlSettings {

  /** The parameters of PostgreSQL and MariaDB that are such a list. */
  private static final Set<String> LISTS = Set.of("options", "sessionvariables");

  private UrlSettings() {}

  /**
   * Refuses a URL with a setting that the store sets itself.
   *
   * @throws IllegalArgumentException if there is one
   */
  static void refuse(String url, Set<String> ownSettings) {
    for (String parameter : url.split("[?&]", -1)) {
      for (String setting : ownSettings) {
        if (sets(parameter, setting)) {
          throw new IllegalArgumentException(
              setting
                  + " must not be set in the url, since the store sets it itself: leave it out (for time limits use JdbcConfig.withCallTimeout)");
        }
      }
    }
  }

  private static boolean sets(String parameter, String setting) {
    String name = parameter.replaceFirst("=.*", "");
    if (name.equalsIgnoreCase(setting)) {
      return true;
    }
    // PostgreSQL takes "-csetting=", "-c setting=" and "--setting=", with hyphens for underscores.
    String begin = "(^|[\\s,;`]|-c|--)";
    String hyphens = Pattern.quote(setting).replace("_", "\\E[-_]\\Q");
    return LISTS.contains(name.toLowerCase(Locale.ROOT))
        && Pattern.compile(begin + hyphens + "[\\s`]*=", Pattern.CASE_INSENSITIVE)
            .matcher(decoded(parameter.substring(name.length() + 1)))
            .find();
  }

  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value, UTF_8);
    } catch (IllegalArgumentException e) {
      // The driver says what is wrong with it.
      return value;
    }
  }
}
