package dev.lease.examples.mutants;

import dev.lease.examples.mutants.Source.Span;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Changes Lua scripts as those of lease-redis are written: one statement a line, or over several.
 */
final class LuaMutator implements Mutator {

  static final Pattern TOKEN =
      Pattern.compile(
          "--.*|'(?:[^'\\\\]|\\\\.)*'|\\{\\w+}|\\d+|[A-Za-z_]\\w*|==|~=|<=|>=|\\.\\.|\\S");

  private static final Set<String> KEYWORDS =
      Set.of(
          "if",
          "then",
          "elseif",
          "else",
          "end",
          "while",
          "do",
          "for",
          "in",
          "repeat",
          "until",
          "local",
          "return",
          "function",
          "break",
          "not",
          "and",
          "or");

  /** Behind these a statement goes on. */
  private static final Set<String> OPEN =
      Set.of(
          "=", ",", "(", "[", "{", "+", "-", "*", "/", "..", "==", "~=", "<", "<=", ">", ">=",
          "and", "or", "not", "#", "%", "return", "local");

  /** With these a line goes on with the statement of the one before. */
  private static final Set<String> FURTHER =
      Set.of(")", "]", "}", "and", "or", "..", "+", "-", "*", "/");

  /** Functions of Lua itself, whose arguments have types of their own. */
  private static final Set<String> OF_LUA =
      Set.of("string", "math", "table", "ipairs", "pairs", "pcall", "unpack", "tonumber");

  @Override
  public List<Mutant> mutants(String file, String text) {
    var source = new Source(file, text, TOKEN, List.of("(", "[", "{"), List.of(")", "]", "}"));
    // Places in a list are found by any test.
    source.changeOperators(i -> isIndex(source, i));
    for (int i = 0; i < source.size(); i++) {
      conditions(source, i);
      statements(source, i);
      arguments(source, i);
    }
    return source.mutants();
  }

  /** Whether a token is the number of an argument, or part of the place behind a list's last. */
  private static boolean isIndex(Source source, int i) {
    return (source.at(i).is("+") && source.at(i + 1).is("1") && source.at(i + 2).is("]"))
        || (source.at(i + 1).is("]") && source.at(i - 1).is("[", "+"));
  }

  private static boolean isName(Source source, int i) {
    return source.at(i).text().matches("[A-Za-z_]\\w*") && !KEYWORDS.contains(source.at(i).text());
  }

  private static boolean beginsStatement(Source source, int i) {
    return source.at(i).startsLine()
        && !OPEN.contains(source.at(i - 1).text())
        && !FURTHER.contains(source.at(i).text());
  }

  private static void conditions(Source source, int i) {
    if (source.at(i - 1).is("if", "elseif", "while", "until")) {
      int end =
          source.endOf(
              i, j -> source.at(j).is("then", "do") || (j > i && beginsStatement(source, j)));
      source.changeCondition(new Span(i, end), true);
      return;
    }
    // Elsewhere "and" and "or" also choose values.
    if (source.at(i - 1).is("=", "(", "{", ",", "return") && !source.at(i).is(")", "}")) {
      int end =
          source.endOf(
              i,
              j ->
                  source.at(j).is(",", "then", "do", "end", "else", "elseif")
                      || (j > i && beginsStatement(source, j)));
      if (end > i) {
        source.changeCondition(new Span(i, end), false);
      }
    }
  }

  /** Calls whose answer nobody reads, and assignments. */
  private static void statements(Source source, int i) {
    if (!beginsStatement(source, i) || !isName(source, i) || source.at(i).depth() > 0) {
      return;
    }
    int end =
        source.endOf(
            i,
            j ->
                j > i
                    && (beginsStatement(source, j)
                        || source.at(j).is("end", "else", "elseif", "until")));
    source.change("without", new Span(i, end), "");
  }

  private static void arguments(Source source, int i) {
    boolean isOwn = isName(source, i) && !source.at(i - 1).is(".", "function");
    boolean isRedis = source.at(i - 1).is(".") && source.at(i - 2).is("redis");
    if (!source.at(i + 1).is("(") || !(isOwn || isRedis) || OF_LUA.contains(source.at(i).text())) {
      return;
    }
    List<Span> all = source.arguments(i + 1);
    // The first argument of these is the name of the command.
    int first = isRedis ? 1 : 0;
    if (all.size() < first + 2) {
      return;
    }
    Span one = all.get(first);
    Span other = all.get(first + 1);
    String left = source.text(one);
    String right = source.text(other);
    if (!left.equals(right)) {
      source.change(
          "swapped in " + source.at(i).text() + ":",
          new Span(one.first(), other.end()),
          right + ", " + left);
    }
  }
}
