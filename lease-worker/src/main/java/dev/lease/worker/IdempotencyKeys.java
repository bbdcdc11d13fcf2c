package dev.lease.worker;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/**
 * Makes idempotency keys. Their form must never change: with another form, the effects of all
 * unfinished jobs would be made again.
 */
final class IdempotencyKeys {

  private IdempotencyKeys() {}

  /** Joins the parts by colons. Each part is encoded and so has no colon: no two keys are equal. */
  static String of(String prefix, String... parts) {
    var key = new StringBuilder(prefix);
    for (int i = 0; i < parts.length; i++) {
      key.append(i == 0 ? "" : ":").append(URLEncoder.encode(parts[i], StandardCharsets.UTF_8));
    }
    return key.toString();
  }
}
