package dev.lease.testkit;

import java.util.Locale;

/** Shortens lists of many elements in the messages of failed assertions. */
final class LongLists {

  private static final int SHOWN = 10;

  private LongLists() {}

  /** Of elements that stand in a line of their own each, only the first ones. */
  static String shortened(String message) {
    var shortened = new StringBuilder();
    int elements = 0;
    for (String line : message.lines().toList()) {
      if (line.startsWith("    ")) {
        elements++;
      } else {
        appendMore(shortened, elements);
        elements = 0;
      }
      if (elements <= SHOWN) {
        shortened.append(line).append('\n');
      }
    }
    appendMore(shortened, elements);
    return shortened.toString();
  }

  private static void appendMore(StringBuilder shortened, int elements) {
    if (elements > SHOWN) {
      shortened.append("    ... and ").append(inWords(elements - SHOWN)).append(" lines\n");
    }
  }

  static String inWords(int more) {
    return String.format(Locale.ROOT, "%,d more", more);
  }
}
