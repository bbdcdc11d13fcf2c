package dev.lease.examples.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The page about the mutants of a store. A run makes it; the reasons in it are written by hand, and
 * stay.
 */
final class Page {

  /** A reason that somebody has yet to write. */
  static final String NO_REASON = "?";

  private static final String SURVIVORS = "## Not found\n";

  private static final Pattern KIND = Pattern.compile("(?m)^\\| (.+?) \\| (\\d+) \\|");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\S+) \\| (.+) \\| (.+) \\|$");

  private final Store store;

  Page(Store store) {
    this.store = store;
  }

  Path file() {
    return Path.of(store.name().toLowerCase(Locale.ROOT) + ".md");
  }

  /** The numbers of mutants that the page tells, by what is changed. */
  Map<String, Long> numbers() throws IOException {
    Map<String, Long> numbers = new LinkedHashMap<>();
    Matcher row = KIND.matcher(Files.readString(file()).split(SURVIVORS)[0]);
    while (row.find()) {
      numbers.put(row.group(1), Long.parseLong(row.group(2)));
    }
    return numbers;
  }

  /** The numbers of mutants, by what is changed. */
  static Map<String, Long> numbers(List<Mutant> mutants) {
    Map<String, Long> numbers = new LinkedHashMap<>();
    for (Mutant.Kind kind : Mutant.Kind.values()) {
      long number = mutants.stream().filter(mutant -> mutant.kind() == kind).count();
      if (number > 0) {
        numbers.put(kind.words, number);
      }
    }
    numbers.put("all", (long) mutants.size());
    return numbers;
  }

  /** The mutants that the page says are not found, and why. */
  Map<String, String> survivors() throws IOException {
    Map<String, String> survivors = new LinkedHashMap<>();
    if (Files.exists(file())) {
      Matcher row = ROW.matcher(Files.readString(file()).split(SURVIVORS)[1]);
      while (row.find()) {
        if (row.group(1).contains(".")) {
          survivors.put(row.group(1) + ": " + row.group(2), row.group(3));
        }
      }
    }
    return survivors;
  }

  /** The page after a run. */
  String of(List<Outcome> outcomes) throws IOException {
    var page = new StringBuilder();
    page.append(
        """
        # Mutants of %s

        Each mutant is the store with one thing changed in one of its files. The kit runs on it until a test fails.
        `%s` makes this page, and fails if other mutants are not found than those below. What is changed, and the
        command: see the [README](README.md).

        """
            .formatted(store.title(), store.runner()));
    Set<Verdict> verdicts =
        outcomes.stream()
            .map(Outcome::verdict)
            .collect(Collectors.toCollection(() -> EnumSet.of(Verdict.SURVIVED)));
    page.append("| what is changed | mutants |");
    verdicts.forEach(verdict -> page.append(" ").append(verdict.words).append(" |"));
    page.append("\n| --- | ---: |").append(" ---: |".repeat(verdicts.size())).append("\n");
    List<Mutant> mutants = outcomes.stream().map(Outcome::mutant).toList();
    numbers(mutants)
        .forEach(
            (kind, number) -> {
              page.append("| %s | %d |".formatted(kind, number));
              for (Verdict verdict : verdicts) {
                long having =
                    outcomes.stream()
                        .filter(one -> one.verdict() == verdict)
                        .filter(one -> kind.equals("all") || one.mutant().kind().words.equals(kind))
                        .count();
                page.append(" %s |".formatted(having == 0 ? "" : "" + having));
              }
              page.append("\n");
            });
    page.append(
        """

        ## Found by no test of a clause alone

        | file | change | found by |
        | --- | --- | --- |
        """);
    outcomes.stream()
        .filter(one -> Set.of(Verdict.RACE, Verdict.MODEL, Verdict.OWN).contains(one.verdict()))
        .forEach(
            one ->
                page.append(
                    "| %s | %s | %s |\n"
                        .formatted(one.mutant().file(), one.mutant().change(), one.by())));
    page.append("\n").append(SURVIVORS);
    page.append(
        """

        | file | change | why no test fails |
        | --- | --- | --- |
        """);
    Map<String, String> reasons = survivors();
    survivors(outcomes)
        .forEach(
            one ->
                page.append(
                    "| %s | %s | %s |\n"
                        .formatted(
                            one.file(),
                            one.change(),
                            reasons.getOrDefault(one.toString(), NO_REASON))));
    return page.toString();
  }

  static Stream<Mutant> survivors(List<Outcome> outcomes) {
    return outcomes.stream().filter(one -> one.verdict() == Verdict.SURVIVED).map(Outcome::mutant);
  }
}
