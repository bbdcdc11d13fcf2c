package dev.lease.examples.mutants;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The page about the mutants of a store. A run makes the part about the files that it was for, and
 * leaves the rest as it is. The reasons are written by hand, and stay.
 */
final class Page {

  /** A reason that somebody has yet to write. */
  static final String NO_REASON = "?";

  private static final String ALONE = "## Found, but by no test of a clause\n";
  private static final String SURVIVORS = "## Not found\n";

  private static final Set<Verdict> OF_OTHERS =
      Set.of(Verdict.RACE, Verdict.MODEL, Verdict.OWN, Verdict.NO_END);

  /** A line of a table about mutants: the file, what was changed, and why or by what. */
  private record Row(String file, String change, String text) {
    @Override
    public String toString() {
      return "| %s | %s | %s |\n".formatted(file, change, text);
    }

    String mutant() {
      return file + ": " + change;
    }
  }

  /**
   * What became of the mutants of a file.
   *
   * @param all how many there are; a run may be of some of them
   */
  private record Figures(int all, Map<Verdict, Integer> counts) {
    int run() {
      return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    String line(String name) {
      String number = run() == all ? "%d".formatted(all) : "%d of %d".formatted(run(), all);
      var line = new StringBuilder("| %s | %s |".formatted(name, number));
      for (Verdict verdict : Verdict.values()) {
        int count = counts.getOrDefault(verdict, 0);
        line.append(count == 0 ? "  |" : " " + count + " |");
      }
      return line.append("\n").toString();
    }
  }

  private final Store store;
  private final Map<String, Figures> figures = new LinkedHashMap<>();
  private final List<Row> alone = new ArrayList<>();
  private final List<Row> survivors = new ArrayList<>();

  private Page(Store store) {
    this.store = store;
  }

  static Path file(Store store) {
    return Path.of(store.name().toLowerCase(Locale.ROOT) + ".md");
  }

  /** Reads the page as it is; without one, everything is empty. */
  static Page of(Store store) throws IOException {
    var page = new Page(store);
    List<Row> rows = page.alone;
    if (Files.exists(file(store))) {
      for (String line : Files.readAllLines(file(store))) {
        String[] cells = line.split(" *\\| *", -1);
        if (line.equals(SURVIVORS.strip())) {
          rows = page.survivors;
        } else if (line.matches("\\| [^ ]+\\.(sql|lua) \\|.*") && cells.length == 5) {
          rows.add(new Row(cells[1], cells[2], cells[3]));
        } else if (line.matches("\\| [^ ]+\\.(sql|lua) \\|.*")) {
          Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
          int column = 3;
          for (Verdict verdict : Verdict.values()) {
            String cell = cells[column++];
            counts.put(verdict, cell.isEmpty() ? 0 : Integer.parseInt(cell));
          }
          String[] numbers = cells[2].split(" of ", -1);
          int number = Integer.parseInt(numbers[numbers.length - 1]);
          page.figures.put(cells[1], new Figures(number, counts));
        }
      }
    }
    return page;
  }

  /** How many mutants each file had when it was last run. */
  Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new LinkedHashMap<>();
    figures.forEach((file, found) -> numbers.put(file, found.all));
    return numbers;
  }

  /** How many mutants were run. */
  int run() {
    return figures.values().stream().mapToInt(Figures::run).sum();
  }

  /** The mutants that are not found, and why. */
  Map<String, String> survivors() {
    Map<String, String> reasons = new LinkedHashMap<>();
    survivors.forEach(row -> reasons.put(row.mutant(), row.text));
    return reasons;
  }

  /** Replaces what the page says of the files of a run. */
  void take(List<Outcome> outcomes) {
    Map<String, Integer> numbers = store.numbers(Store.ROOT);
    Map<String, String> reasons = survivors();
    Set<String> files = new TreeSet<>();
    outcomes.forEach(one -> files.add(one.mutant().file()));
    alone.removeIf(row -> files.contains(row.file));
    survivors.removeIf(row -> files.contains(row.file));
    figures.keySet().removeAll(files);
    for (Outcome one : outcomes) {
      Mutant mutant = one.mutant();
      figures
          .computeIfAbsent(
              mutant.file(), file -> new Figures(numbers.get(file), new EnumMap<>(Verdict.class)))
          .counts
          .merge(one.verdict(), 1, Integer::sum);
      if (OF_OTHERS.contains(one.verdict())) {
        alone.add(new Row(mutant.file(), mutant.change(), one.by()));
      } else if (one.verdict() == Verdict.SURVIVED) {
        String reason = reasons.getOrDefault(mutant.toString(), NO_REASON);
        survivors.add(new Row(mutant.file(), mutant.change(), reason));
      }
    }
  }

  @Override
  public String toString() {
    var page = new StringBuilder();
    page.append(
        """
        # Mutants of %s

        Each mutant is the store with one thing changed in one of its files. The kit runs on it until a test fails. How
        that is done, and the command: see the [README](README.md). A run makes this page, but for the reasons.

        | file | mutants |"""
            .formatted(store.title()));
    for (Verdict verdict : Verdict.values()) {
      page.append(" ").append(verdict.words).append(" |");
    }
    page.append("\n| --- |").append(" ---: |".repeat(1 + Verdict.values().length)).append("\n");
    Set<String> files = new LinkedHashSet<>(store.numbers(Store.ROOT).keySet());
    Set<String> left = new LinkedHashSet<>(files);
    left.removeAll(figures.keySet());
    files.retainAll(figures.keySet());
    Map<Verdict, Integer> counts = new EnumMap<>(Verdict.class);
    for (String file : files) {
      figures
          .get(file)
          .counts
          .forEach((verdict, count) -> counts.merge(verdict, count, Integer::sum));
      page.append(figures.get(file).line(file));
    }
    int all = files.stream().mapToInt(file -> figures.get(file).all).sum();
    page.append(new Figures(all, counts).line("all"));
    if (!left.isEmpty()) {
      page.append("\nNot run yet: ").append(String.join(", ", left)).append(".\n");
    }
    page.append("\n").append(ALONE).append("\n| file | change | found by |\n| --- | --- | --- |\n");
    files.forEach(
        file -> alone.stream().filter(row -> row.file.equals(file)).forEach(page::append));
    page.append("\n").append(SURVIVORS);
    page.append("\n| file | change | why no test fails |\n| --- | --- | --- |\n");
    files.forEach(
        file -> survivors.stream().filter(row -> row.file.equals(file)).forEach(page::append));
    return page.toString();
  }
}
