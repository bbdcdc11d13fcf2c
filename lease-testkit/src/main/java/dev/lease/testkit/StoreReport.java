package dev.lease.testkit;

import static dev.lease.testkit.Outcome.Status.FAILED;
import static dev.lease.testkit.Outcome.Status.PASSED;
import static dev.lease.testkit.Outcome.Status.SKIPPED;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.lease.testkit.Outcome.Status;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What the kit has found out about a store, as Markdown and as JSON. */
final class StoreReport {

  /** The version of the form of the JSON, for programs that read it. */
  private static final int FORMAT = 2;

  private final String store;
  private final List<Part> parts;
  private final List<Outcome> outcomes;

  /** The clauses by what came of their tests. */
  private final Map<String, Set<String>> clauses = new LinkedHashMap<>();

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
    Set<String> failed = clausesOf(with(FAILED));
    Set<String> passed = clausesOf(with(PASSED));
    Set<String> skipped = clausesOf(skippedByAll());
    passed.removeAll(failed);
    skipped.removeAll(failed);
    Set<String> inPart = new TreeSet<>(passed);
    inPart.retainAll(skipped);
    passed.removeAll(inPart);
    skipped.removeAll(inPart);
    clauses.put("passed", passed);
    clauses.put("passed in part", inPart);
    clauses.put("failed", failed);
    clauses.put("skipped", skipped);
  }

  private static Set<String> clausesOf(List<Outcome> outcomes) {
    return outcomes.stream()
        .flatMap(outcome -> outcome.clauses().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The skipped tests that passed in no other class of the same contract. */
  private List<Outcome> skippedByAll() {
    Set<List<String>> passed = new HashSet<>();
    for (Part part : parts) {
      part.outcomes().stream()
          .filter(each -> each.is(PASSED))
          .forEach(each -> passed.add(List.of(part.contract(), each.test())));
    }
    return parts.stream()
        .flatMap(
            part ->
                part.outcomes().stream()
                    .filter(each -> each.is(SKIPPED))
                    .filter(each -> !passed.contains(List.of(part.contract(), each.test()))))
        .toList();
  }

  private List<Outcome> with(Status status) {
    return outcomes.stream().filter(outcome -> outcome.is(status)).toList();
  }

  /** The failed test to begin with in each contract, if there are several. */
  private Map<String, Outcome> first() {
    Map<String, Outcome> first = new LinkedHashMap<>();
    if (with(FAILED).size() > 1) {
      parts.stream()
          .collect(groupingBy(Part::contract, LinkedHashMap::new, toList()))
          .forEach(
              (contract, ofIt) ->
                  ClauseOrder.first(failed(ofIt)).ifPresent(test -> first.put(contract, test)));
    }
    return first;
  }

  private static List<Outcome> failed(List<Part> parts) {
    return parts.stream()
        .flatMap(part -> part.outcomes().stream())
        .filter(outcome -> outcome.is(FAILED))
        .toList();
  }

  boolean hasFailures() {
    return !with(FAILED).isEmpty();
  }

  /** What came of the tests, in a few lines for the log. */
  String summary() {
    var lines = new StringJoiner("\n  ");
    lines.add("Lease kit: " + store + ", tests " + TestCount.of(parts));
    first()
        .forEach(
            (contract, first) ->
                lines.add(
                    "%s: begin with %s, the most basic clause that failed: %s (%s)"
                        .formatted(
                            contract,
                            first.clauses().get(0),
                            first.test(),
                            Part.simple(first.type()))));
    Thrown.inSeveral(with(FAILED)).forEach(lines::add);
    return lines.toString();
  }

  /** What is known; where the parts differ, what each of them says. */
  private Map<String, Set<String>> facts() {
    Map<String, Set<String>> facts = new LinkedHashMap<>();
    for (Part part : parts) {
      part.facts()
          .forEach(
              (name, value) ->
                  facts.computeIfAbsent(name, each -> new LinkedHashSet<>()).add(text(value)));
    }
    return facts;
  }

  private static String text(Object fact) {
    if (fact instanceof Collection<?> elements) {
      return elements.isEmpty()
          ? "nothing"
          : elements.stream().map(Object::toString).collect(Collectors.joining(" "));
    }
    return fact.toString();
  }

  String json() {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("format", FORMAT);
    report.put("store", store);
    report.put("tests", TestCount.of(parts).byName());
    report.put("clauses", clauses);
    Map<String, String> begin = new LinkedHashMap<>();
    first().forEach((contract, first) -> begin.put(contract, first.test()));
    if (!begin.isEmpty()) {
      report.put("begin with", begin);
    }
    List<Object> contracts = new ArrayList<>();
    for (Part part : parts) {
      Map<String, Object> contract = new LinkedHashMap<>();
      contract.put("contract", part.contract());
      contract.put("class", part.type());
      contract.put("ended", part.ended());
      contract.put("tests", TestCount.of(List.of(part)).byName());
      contract.put("facts", part.facts());
      contracts.add(contract);
    }
    report.put("contracts", contracts);
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
    facts().forEach((name, values) -> row(page, name, String.join("; ", values)));
    row(page, "tests", TestCount.of(parts).toString());
    clauses.forEach(
        (what, which) ->
            row(
                page,
                "clauses " + what,
                which.size() + (which.isEmpty() ? "" : ": ") + String.join(" ", which)));
    first()
        .forEach(
            (contract, first) ->
                page.append("\n%s: begin with %s\n".formatted(contract, escaped(first.test()))));
    Thrown.inSeveral(with(FAILED)).forEach(line -> page.append("\n" + escaped(line) + "\n"));
    table(page, "contract", "tests");
    for (Part part : parts) {
      row(
          page,
          "%s, by %s at %s".formatted(part.contract(), Part.simple(part.type()), part.ended()),
          TestCount.of(List.of(part)).toString());
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
