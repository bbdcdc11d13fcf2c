package dev.lease.testkit;

import java.util.Comparator;

/**
 * The order of names by their UTF-8 bytes. It differs from the order of {@link String} where a
 * surrogate meets a character behind the surrogates.
 */
final class Utf8 {

  static final Comparator<String> ORDER = Utf8::compare;

  private Utf8() {}

  private static int compare(String a, String b) {
    int shorter = Math.min(a.length(), b.length());
    for (int i = 0; i < shorter; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        int surrogates = Boolean.compare(Character.isSurrogate(x), Character.isSurrogate(y));
        return surrogates != 0 ? surrogates : Character.compare(x, y);
      }
    }
    return Integer.compare(a.length(), b.length());
  }
}
