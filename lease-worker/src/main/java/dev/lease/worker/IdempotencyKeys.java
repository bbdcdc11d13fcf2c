package dev.lease.worker;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * The keys under which effects are made once. Their form is a promise: another one would make the
 * effects of all open jobs again.
 */
final class IdempotencyKeys {

  private IdempotencyKeys() {}

  /** The parts, encoded, so that the colon between them is in none of them and no two keys meet. */
  static String of(String prefix, String... parts) {
    var key = new StringBuilder(prefix);
    for (int i = 0; i < parts.length; i++) {
      key.append(i == 0 ? "" : ":").append(URLEncoder.encode(parts[i], StandardCharsets.UTF_8));
    }
    return key.toString();
  }
}
