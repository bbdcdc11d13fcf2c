package dev.lease.examples.mutants;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a file as tokens, without comments, and the mutants that are made of it. */
final class Source {

  /**
   * A token.
   *
   * @param depth how many brackets it is in
   * @param startsLine whether it is the first of its line
   */
  record Token(String text, int start, int end, int depth, boolean startsLine) {
    boolean is(String... texts) {
      return List.of(texts).contains(text);
    }
  }

  /** Some tokens in a row. The last one is not part of it. */
  record Span(int first, int end) {}

  private final String file;
  private final String text;
  private final List<Token> tokens = new ArrayList<>();
  private final List<Mutant> mutants = new ArrayList<>();
  private final Map<String, Integer> times = new HashMap<>();

  /**
   * @param token finds a token or a comment, which begins with --
   * @param opening words that are like an opening bracket
   * @param closing words that are like a closing one
   */
  Source(String file, String text, Pattern token, List<String> opening, List<String> closing) {
    this.file = file;
    this.text = text;
    int depth = 0;
    int lastEnd = 0;
    Matcher found = token.matcher(text);
    while (found.find()) {
      String word = found.group();
      if (!word.startsWith("--")) {
        if (closing.contains(word)) {
          depth--;
        }
        boolean startsLine =
            tokens.isEmpty() || text.substring(lastEnd, found.start()).contains("\n");
        tokens.add(new Token(word, found.start(), found.end(), depth, startsLine));
        if (opening.contains(word)) {
          depth++;
        }
        lastEnd = found.end();
      }
    }
  }

  int size() {
    return tokens.size();
  }

  /** A token; before the first and behind the last there is an empty one. */
  Token at(int i) {
    return i >= 0 && i < tokens.size() ? tokens.get(i) : new Token("", 0, 0, -1, true);
  }

  String text(Span span) {
    return text.substring(tokens.get(span.first).start, tokens.get(span.end - 1).end);
  }

  /** The first token from a certain one on that is less deep, or as deep and one of those. */
  int endOf(int from, IntPredicate isEnd) {
    int depth = at(from).depth;
    int i = from;
    while (i < size() && at(i).depth >= depth && !(at(i).depth == depth && isEnd.test(i))) {
      i++;
    }
    return i;
  }

  /** The parts of a span between tokens of its own depth. */
  List<Span> split(Span span, String separator) {
    List<Span> parts = new ArrayList<>();
    int depth = at(span.first).depth;
    int first = span.first;
    for (int i = span.first; i < span.end; i++) {
      if (at(i).depth == depth && at(i).is(separator)) {
        parts.add(new Span(first, i));
        first = i + 1;
      }
    }
    parts.add(new Span(first, span.end));
    return parts;
  }

  /** What is in the brackets that open at a token, one by one. */
  List<Span> arguments(int bracket) {
    int end = endOf(bracket + 1, i -> at(i).depth <= at(bracket).depth);
    return end == bracket + 1 ? List.of() : split(new Span(bracket + 1, end), ",");
  }

  /**
   * Makes a mutant.
   *
   * @param what what is done, before the text of the span
   */
  void change(String what, Span span, String replacement) {
    int start = tokens.get(span.first).start;
    int end = tokens.get(span.end - 1).end;
    String change = what + " `" + text(span).replaceAll("\\s+", " ") + "`";
    int time = times.merge(change, 1, Integer::sum);
    mutants.add(
        new Mutant(
            file,
            time == 1 ? change : change + " (" + time + ")",
            text.substring(0, start) + replacement + text.substring(end)));
  }

  void change(String what, int token, String replacement) {
    change(what, new Span(token, token + 1), replacement);
  }

  /**
   * Changes that are alike in both languages: edges, signs and constants.
   *
   * @param isLeftOut whether a token stays as it is
   */
  void changeOperators(IntPredicate isLeftOut) {
    for (int i = 0; i < size(); i++) {
      String word = isLeftOut.test(i) ? "" : at(i).text;
      switch (word) {
        case "<", ">" -> change(word + "= for", around(i), with(i, word + "="));
        case "<=", ">=" ->
            change(word.charAt(0) + " for", around(i), with(i, word.substring(0, 1)));
        case "+" -> change("- for + in", around(i), with(i, "-"));
        case "-" -> change("+ for - in", around(i), with(i, "+"));
        default -> {
          if (word.matches("\\d+")) {
            String next = Long.toString(Long.parseLong(word) + 1);
            change(next + " for " + word + " in", around(i), with(i, next));
          }
        }
      }
    }
  }

  /** A token with its neighbours, so that a reader sees what it is. */
  private Span around(int i) {
    return new Span(Math.max(0, i - 2), Math.min(size(), i + 2));
  }

  private String with(int i, String replacement) {
    Span around = around(i);
    return text.substring(at(around.first).start, at(i).start)
        + replacement
        + text.substring(at(i).end, at(around.end - 1).end);
  }

  /**
   * Leaves out and negates the operands of "and" and "or".
   *
   * @param isCondition whether it stands where a condition has to stand
   */
  void changeCondition(Span span, boolean isCondition) {
    List<Span> choices = split(span, "or");
    for (Span choice : choices) {
      List<Span> operands = split(choice, "and");
      for (Span operand : operands) {
        String words = text(operand);
        if (operands.size() > 1 || choices.size() > 1 || isCondition) {
          boolean always = operands.size() > 1 || choices.size() == 1;
          // With its parameters, so that they can still be bound.
          change(
              "without", operand, always ? "(" + words + " or true)" : "(" + words + " and false)");
        }
        if (isCondition) {
          change("not", operand, "not (" + words + ")");
        }
      }
    }
  }

  List<Mutant> mutants() {
    return mutants;
  }
}
