package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/** What shows that a form was on a page of this console: good for the hour of its page and one. */
record Token(Key secret) {

  static final String ALGORITHM = "HmacSHA256";

  String of(Viewer viewer, Instant now) {
    return of(viewer, hour(now));
  }

  boolean isGood(Viewer viewer, @Nullable String token, Instant now) {
    return token != null
        && (isSame(token, of(viewer, hour(now))) || isSame(token, of(viewer, hour(now) - 1)));
  }

  private static boolean isSame(String one, String other) {
    return MessageDigest.isEqual(one.getBytes(UTF_8), other.getBytes(UTF_8));
  }

  private static long hour(Instant now) {
    return TimeUnit.SECONDS.toHours(now.getEpochSecond());
  }

  private String of(Viewer viewer, long hour) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      byte[] sum = mac.doFinal((hour + " " + viewer.name()).getBytes(UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(sum);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no " + ALGORITHM, e);
    }
  }
}
