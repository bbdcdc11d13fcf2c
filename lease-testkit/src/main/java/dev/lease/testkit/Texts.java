package dev.lease.testkit;

import dev.lease.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Texts that real stores have handled wrongly. */
final class Texts {

  /** Different names that look like the first one. */
  static final List<String> ALIKE_FIRST =
      List.of(
          "lease-a",
          "Lease-A",
          "LEASE-A",
          "lease-a ",
          " lease-a",
          "lease-a\t",
          "lease-a\n",
          "lease-ä",
          "lease-a\u0308",
          "lease-á",
          "lease-а",
          "lease-ａ",
          "lease-a\u200B");

  /** Different names that some database, collation, index or pattern takes for the same [L16]. */
  static final List<String> ALIKE =
      Stream.concat(
              ALIKE_FIRST.stream(),
              Stream.of(
                  "ß",
                  "ss",
                  "ſ",
                  "s",
                  "ı",
                  "i",
                  "İ",
                  "I",
                  "ﬁ",
                  "fi",
                  "Aa",
                  "BB",
                  "AaAa",
                  "BBBB",
                  "AaBB",
                  "lease:a",
                  "lease{a}",
                  "{lease}a",
                  "lease%",
                  "lease_a",
                  "lease-_",
                  "%",
                  "_",
                  "'",
                  "''",
                  "\"",
                  "`",
                  "\\",
                  "\\\\",
                  "\\'",
                  "'; drop table job; --",
                  "$1",
                  "?",
                  ":name",
                  "*",
                  "a,b",
                  "a|b",
                  "a/b",
                  "a/../b",
                  "a//b",
                  "./b",
                  "b",
                  "x:a",
                  "y:a",
                  "{tag}a",
                  "{tag}b",
                  "null",
                  "NULL",
                  "0",
                  "00",
                  "-1",
                  "1e0",
                  "😀",
                  "😁",
                  "\uFF5E",
                  "e\u0301",
                  "\u00E9",
                  "\u202Ea",
                  "\u0001",
                  "\u007F",
                  "\u0085x",
                  "\uFFFD",
                  "\uFFFF",
                  "\uD83D\uDC68\u200D\uD83D\uDC69"))
          .toList();

  /**
   * Texts that encodings, parsers and formats change: pairs of characters, not single ones, and
   * values that look like numbers or structure.
   */
  static final List<String> AWKWARD =
      List.of(
          "",
          " ",
          "\n",
          " a ",
          "\uFEFF{}",
          "a\r\nb",
          "a\nb=c\n",
          "a\n\nb",
          "a: b\r\n\r\nc",
          "k=v;k=w",
          "1.50",
          "1e5",
          "007",
          "9007199254740993",
          "true",
          "null",
          "NaN",
          "{}",
          "[]",
          "\"\"",
          "{ \"b\" : 1.50,\n\"a\" : [ ] , \"a\":1}",
          "\\u0041\\n\\",
          "%41%00+",
          "&amp;<b>",
          "${x}#{y}{{z}}",
          "a\u0001\u0002",
          "\u001B[31m",
          "A\u030A\u00C5",
          "\uD83D\uDE00\uFE0F",
          "x".repeat(180));

  /** Names of the shortest and the longest legal length, with code points of 1 to 4 bytes. */
  static final List<String> LONG =
      List.of("x", "x".repeat(200), "é".repeat(100), "€".repeat(66) + "xx", "😀".repeat(50));

  /** Illegal names, by the reason why they are illegal. */
  static final Map<String, String> BAD_NAMES =
      Map.ofEntries(
          Map.entry("empty", ""),
          Map.entry("blank", " "),
          Map.entry("blank, with other white space", "\t\n\u2003"),
          Map.entry("201 bytes", "x".repeat(201)),
          Map.entry("201 bytes in 67 characters", "€".repeat(67)),
          Map.entry("204 bytes in 51 code points", "😀".repeat(51)),
          Map.entry("with U+0000", "a\0b"),
          Map.entry("with a lone high surrogate", "a\uD83D"),
          Map.entry("with a lone low surrogate", "\uDE00a"),
          Map.entry("with surrogates in the wrong order", "\uDE00\uD83D"));

  /** Error texts that a handler may produce; a store must store all of them [Q33]. */
  static final List<String> NASTY_ERRORS =
      List.of(
          "",
          "a\0b",
          "\uD83D",
          "\uDE00\uD83D",
          "x".repeat(10_000_000),
          "😀".repeat(100_000),
          "x" + "😀".repeat(100_000),
          "\0".repeat(100_000),
          "%s %d {} ? $1 ' \" \\ \u001B[31m\r\n");

  private static final int CODE_POINTS_PER_TEXT = Limits.MAX_TEXT_BYTES / 4;

  /** Texts that a store must keep exactly [Q01]. */
  static final List<String> EXACT = exact();

  private Texts() {}

  private static List<String> exact() {
    List<String> texts = new ArrayList<>(everyLegalCodePoint());
    texts.addAll(ALIKE);
    texts.add("");
    texts.add("x".repeat(64 * 1024));
    texts.add("€".repeat(Limits.MAX_TEXT_BYTES / 3));
    texts.add("{\"b\":1,\"a\":1e400,\"a\":1.0}");
    texts.add("[".repeat(100_000));
    return List.copyOf(texts);
  }

  /** All code points except U+0000 and the surrogates, in texts of legal length. */
  private static List<String> everyLegalCodePoint() {
    List<String> texts = new ArrayList<>();
    for (int from = 1; from <= Character.MAX_CODE_POINT; from += CODE_POINTS_PER_TEXT) {
      var text = new StringBuilder();
      int end = Math.min(from + CODE_POINTS_PER_TEXT - 1, Character.MAX_CODE_POINT);
      for (int codePoint = from; codePoint <= end; codePoint++) {
        if (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE) {
          text.appendCodePoint(codePoint);
        }
      }
      texts.add(text.toString());
    }
    return texts;
  }
}
