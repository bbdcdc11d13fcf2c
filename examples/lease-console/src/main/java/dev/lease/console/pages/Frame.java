package dev.lease.console.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What all pages have.
 *
 * @param base where the console is mounted; empty at the root
 * @param path the path of the page
 * @param title the title
 * @param viewer the name of the viewer
 * @param changes whether the viewer may change something
 * @param token what each form has to carry
 * @param readAt when the page was made
 * @param did what the viewer has just done, in words
 */
public record Frame(
    String base,
    String path,
    String title,
    String viewer,
    boolean changes,
    String token,
    Instant readAt,
    @Nullable String did) {

  /**
   * Makes a link within the console.
   *
   * @param path the path
   * @param params names and values in turn; those without a value are left out
   * @return the link, encoded
   */
  public String link(String path, @Nullable String... params) {
    return url(base, path, params);
  }

  /**
   * Makes a link within a console.
   *
   * @param base where the console is mounted
   * @param path the path
   * @param params names and values in turn; those without a value are left out
   * @return the link, encoded
   */
  public static String url(String base, String path, @Nullable String... params) {
    StringBuilder link = new StringBuilder(base).append(path);
    char before = '?';
    for (int i = 0; i < params.length; i += 2) {
      String value = params[i + 1];
      if (value != null && !value.isEmpty()) {
        link.append(before).append(params[i]).append('=').append(URLEncoder.encode(value, UTF_8));
        before = '&';
      }
    }
    return link.toString();
  }
}
