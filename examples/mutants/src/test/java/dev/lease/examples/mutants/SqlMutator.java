package dev.lease.examples.mutants;

import dev.lease.examples.mutants.Source.Span;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Changes SQL statements as those of lease-jdbc are written: lower case, with words in braces. */
final class SqlMutator implements Mutator {

  private static final Pattern TOKEN =
      Pattern.compile("--.*|'[^']*'|\\{\\w+:|[\\w.]*\\{[^}]*}|:\\w+|[\\w.]+|<>|<=|>=|\\S");

  /** What a part of a statement ends at, and with which a condition may begin. */
  private static final Set<String> WORDS =
      Set.of(
          "select",
          "from",
          "where",
          "on",
          "when",
          "then",
          "else",
          "as",
          "set",
          "values",
          "order",
          "by",
          "limit",
          "offset",
          "group",
          "union",
          "returning",
          "insert",
          "delete",
          "update",
          "do",
          "conflict",
          "for",
          "using",
          "window",
          "{fresh:",
          "{expired:",
          "over",
          "join",
          ",",
          ";");

  private static final List<String> OPENING = List.of("(", "case", "{fresh:", "{expired:");

  /** Enough for any test, and the parameter is still there. */
  private static final String FAR = " + 1000000";

  @Override
  public List<Mutant> mutants(String file, String text) {
    var source = new Source(file, text, TOKEN, OPENING, List.of(")", "end", "}"));
    // The 1 in "exists (select 1" means nothing, nor does that in "(values (1))".
    source.changeOperators(
        i ->
            source.at(i - 1).is("select")
                || (source.at(i - 2).is("values") && source.at(i + 1).is(")")));
    for (int i = 0; i < source.size(); i++) {
      conditions(source, i);
      clauses(source, i);
      assignments(source, i);
      alternatives(source, i);
    }
    return source.mutants();
  }

  private static boolean isWord(Source source, int i) {
    return WORDS.contains(source.at(i).text()) || isLeftJoin(source, i);
  }

  private static boolean isLeftJoin(Source source, int i) {
    return source.at(i).is("left") && source.at(i + 1).is("join");
  }

  /** What only one form of a statement has. */
  private static boolean isForm(Source source, int i) {
    return source.at(i).is("{fresh:", "{expired:");
  }

  private static Span part(Source source, int first) {
    return new Span(first, source.endOf(first, i -> isWord(source, i)));
  }

  /** What may be a condition: it begins behind a word or an opening bracket. */
  private static void conditions(Source source, int i) {
    boolean isOfForm = source.at(i - 1).is("and") && isForm(source, i - 2);
    boolean isBehindWord = isWord(source, i - 1) || source.at(i - 1).is("(", "case", "");
    if (isWord(source, i) || source.at(i).is("and") || !(isBehindWord || isOfForm)) {
      return;
    }
    Span span = part(source, i);
    boolean isCondition = isOfForm || source.at(i - 1).is("where", "when", "on");
    boolean isDeep = source.split(span, "and").size() + source.split(span, "or").size() > 2;
    if (span.end() > i && !source.text(span).equals("true") && (isCondition || isDeep)) {
      source.changeCondition(span, true);
    }
  }

  private static void clauses(Source source, int i) {
    if (source.at(i).is("order") && source.at(i + 1).is("by")) {
      int end = source.endOf(i + 2, j -> isWord(source, j) && !source.at(j).is(","));
      source.change("without", new Span(i, end), "");
      List<Span> columns = source.split(new Span(i + 2, end), ",");
      if (columns.size() > 1) {
        for (Span column : columns) {
          // Any constant that is no number of a column.
          source.change("not ordered by", column, "null");
        }
      }
    }
    if (source.at(i).is("limit")) {
      Span limit = part(source, i + 1);
      source.change("without limit", limit, source.text(limit) + FAR);
    }
    if (source.at(i).is("desc") || isLeftJoin(source, i)) {
      source.change("without", i, "");
    }
    if (isForm(source, i) && !source.at(i + 1).is("and")) {
      source.change("without", new Span(i, source.endOf(i + 1, j -> false) + 1), "");
    }
    if (source.at(i).is("for") && source.at(i + 1).is("update", "no")) {
      int end = source.endOf(i, j -> source.at(j).is("update")) + 1;
      boolean skips = source.at(end).is("skip");
      source.change("without", new Span(i, skips ? end + 2 : end), "");
      if (skips) {
        source.change("without", new Span(end, end + 2), "");
      }
    }
    if (source.at(i).is("conflict") && !source.at(i - 1).is("(")) {
      int end = source.endOf(i, j -> source.at(j).is("nothing"));
      if (source.at(end).is("nothing")) {
        source.change("without", new Span(i - 1, end + 1), "");
      }
    }
  }

  private static void assignments(Source source, int i) {
    if (!source.at(i).is("set")) {
      return;
    }
    int end = source.endOf(i + 1, j -> isWord(source, j) && !source.at(j).is(","));
    for (Span assignment : source.split(new Span(i + 1, end), ",")) {
      String column = source.at(assignment.first()).text();
      String value = source.text(new Span(assignment.first() + 2, assignment.end()));
      source.change(
          "without",
          assignment,
          "%s = case when true then %s.%s else %s end"
              .formatted(column, changedTable(source, i), column, value));
    }
  }

  /** The name of the table in an UPDATE: other tables of it may have columns of the same names. */
  private static String changedTable(Source source, int set) {
    int into = set - 1;
    while (source.at(set - 1).is("update") && into > 0 && !source.at(into - 1).is("into")) {
      into--;
    }
    return source.at(into).text();
  }

  private static void alternatives(Source source, int i) {
    if (!source.at(i).is("coalesce", "max", "greatest", "{greatest}")
        || !source.at(i + 1).is("(")) {
      return;
    }
    List<Span> all = source.arguments(i + 1);
    for (int left = 0; all.size() > 1 && left < all.size(); left++) {
      var others = new StringBuilder();
      for (int j = 0; j < all.size(); j++) {
        if (j != left) {
          others.append(others.isEmpty() ? "" : ", ").append(source.text(all.get(j)));
        }
      }
      String call = all.size() > 2 ? source.at(i).text() + "(" + others + ")" : others.toString();
      String argument = source.text(all.get(left));
      source.change(
          "without " + argument.replaceAll("\\s+", " ") + " in",
          new Span(i, all.get(all.size() - 1).end() + 1),
          "case when true then %s else %s end".formatted(call, argument));
    }
  }
}
