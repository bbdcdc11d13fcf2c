package dev.lease.testkit;

import static dev.lease.testkit.Outcome.Status.FAILED;
import static dev.lease.testkit.Outcome.Status.PASSED;
import static dev.lease.testkit.Outcome.Status.SKIPPED;

import dev.lease.testkit.Outcome.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the kit has found out about a store, as Markdown and as JSON. */
final class StoreReport {

  private final String store;
  private final List<Part> parts;
  private final List<Outcome> outcomes;

  /** The clauses by the worst of their tests: failed, else passed, else skipped. */
  private final Map<Status, Set<String>> clauses = new TreeMap<>();

  StoreReport(String store, Collection<Part> parts) {
    this.store = store;
    this.parts =
        parts.stream()
            .sorted(Comparator.comparing(Part::contract).thenComparing(Part::type))
            .toList();
    this.outcomes =
        parts.stream()
            .flatMap(part -> part.outcomes().stream())
            .sorted(Comparator.comparing(Outcome::test).thenComparing(Outcome::type))
            .toList();
    Set<String> seen = new TreeSet<>();
    for (Status status : List.of(FAILED, PASSED, SKIPPED)) {
      Set<String> found = new TreeSet<>();
      with(status).forEach(outcome -> found.addAll(outcome.clauses()));
      found.removeAll(seen);
      seen.addAll(found);
      clauses.put(status, found);
    }
  }

  private List<Outcome> with(Status status) {
    return outcomes.stream().filter(outcome -> outcome.is(status)).toList();
  }

  private static String count(List<Outcome> outcomes) {
    return "%d: %d passed, %d failed, %d skipped"
        .formatted(
            outcomes.size(),
            outcomes.stream().filter(outcome -> outcome.is(PASSED)).count(),
            outcomes.stream().filter(outcome -> outcome.is(FAILED)).count(),
            outcomes.stream().filter(outcome -> outcome.is(SKIPPED)).count());
  }

  /** The failed test to begin with, if there are several. */
  private Optional<Outcome> first() {
    List<Outcome> failed = with(FAILED);
    return failed.size() > 1 ? ClauseOrder.first(failed) : Optional.empty();
  }

  boolean hasFailures() {
    return !with(FAILED).isEmpty();
  }

  /** What came of the tests, in a line or two for the log. */
  String summary() {
    return "Lease kit: "
        + store
        + ", tests "
        + count(outcomes)
        + first()
            .map(
                first ->
                    "\n  Begin with %s, the most basic clause that failed: %s (%s)"
                        .formatted(first.clauses().get(0), first.test(), first.type()))
            .orElse("");
  }

  /** What is known; where the parts differ, what each of them says. */
  private Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    for (Part part : parts) {
      part.facts()
          .forEach(
              (name, value) ->
                  facts.merge(
                      name,
                      value,
                      (known, next) -> known.equals(next) ? known : known + "; " + next));
    }
    facts.put("tests", count(outcomes));
    return facts;
  }

  String json() {
    Map<String, Object> report = new LinkedHashMap<>(facts());
    List<Object> contracts = new ArrayList<>();
    for (Part part : parts) {
      Map<String, Object> contract = new LinkedHashMap<>();
      contract.put("contract", part.contract());
      contract.put("class", part.type());
      contract.put("ended", part.at());
      contract.put("tests", count(part.outcomes()));
      contracts.add(contract);
    }
    report.put("contracts", contracts);
    first().ifPresent(first -> report.put("begin with", first.test()));
    Map<String, Object> byStatus = new LinkedHashMap<>();
    clauses.forEach((status, which) -> byStatus.put(word(status), which));
    report.put("clauses", byStatus);
    for (Status status : List.of(FAILED, SKIPPED)) {
      List<Object> tests = new ArrayList<>();
      for (Outcome outcome : with(status)) {
        Map<String, Object> test = new LinkedHashMap<>();
        test.put("test", outcome.test());
        test.put("class", outcome.type());
        test.put("why", outcome.why());
        tests.add(test);
      }
      report.put(word(status) + " tests", tests);
    }
    return Json.of(report);
  }

  String markdown() {
    var page = new StringBuilder("# The Lease kit on " + escaped(store) + "\n");
    table(page, "", "");
    facts().forEach((name, value) -> row(page, name, value.toString()));
    clauses.forEach(
        (status, which) ->
            row(
                page,
                "clauses " + word(status),
                which.size() + (which.isEmpty() ? "" : ": ") + String.join(" ", which)));
    first().ifPresent(first -> page.append("\nBegin with: " + escaped(first.test()) + "\n"));
    table(page, "contract", "tests");
    for (Part part : parts) {
      row(
          page,
          "%s, by %s at %s".formatted(part.contract(), part.type(), part.at()),
          count(part.outcomes()));
    }
    for (Status status : List.of(FAILED, SKIPPED)) {
      List<Outcome> tests = with(status);
      if (!tests.isEmpty()) {
        table(page, word(status) + " test", "why");
        tests.forEach(outcome -> row(page, outcome.test(), firstLines(outcome)));
      }
    }
    return page.toString();
  }

  /** The message without the clause, which is told already, and without the calls. */
  private static String firstLines(Outcome outcome) {
    return outcome
        .why()
        .lines()
        .filter(line -> !line.isBlank() && !line.equals(outcome.test()))
        .takeWhile(line -> !line.startsWith(CallLog.TITLE))
        .limit(6)
        .map(String::strip)
        .collect(Collectors.joining(" "));
  }

  private static void table(StringBuilder page, String left, String right) {
    page.append("\n| %s | %s |\n|---|---|\n".formatted(left, right));
  }

  private static void row(StringBuilder page, String left, String right) {
    page.append("| %s | %s |\n".formatted(escaped(left), escaped(right)));
  }

  private static String escaped(String text) {
    var escaped = new StringBuilder();
    for (int c : text.codePoints().toArray()) {
      switch (c) {
        case '|' -> escaped.append("\\|");
        case '<' -> escaped.append("&lt;");
        case '\n' -> escaped.append(' ');
        default -> {
          // Lone surrogates survive no encoding.
          if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
            escaped.append(String.format("\\u%04x", c));
          } else {
            escaped.appendCodePoint(c);
          }
        }
      }
    }
    return escaped.toString();
  }

  private static String word(Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }
}
