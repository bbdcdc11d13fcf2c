package dev.lease.examples.mutants;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Runs the kit on the mutants of a store. */
final class MutationRun {

  /** No test of an unchanged store takes as long, also on a busy machine. */
  private static final long MOST_SECONDS = 60;

  /** How many mutants are run together at most. */
  private static final int TOGETHER = Integer.getInteger("lease.mutants.together", 32);

  /** How long the first test may take, with the start of the process and of a server. */
  private static final long MOST_SECONDS_TO_BEGIN = 180;

  private static final String END = "end";

  private final Store store;
  private final Path root = Store.ROOT.toAbsolutePath().normalize();

  MutationRun(Store store) {
    this.store = store;
  }

  /** Runs the mutants, writes the page anew into target, and compares those that are not found. */
  static void assertFound(Store store) throws Exception {
    Page page = Page.of(store);
    Set<String> expected = page.survivors().keySet();
    List<Outcome> outcomes =
        new MutationRun(store)
            .run(
                System.getProperty("lease.mutants", ""),
                Integer.getInteger("lease.mutants.every", 1));
    page.take(outcomes);
    Path made = Path.of("target").resolve(Page.file(store));
    Files.writeString(made, page.toString());
    assertThat(page.survivors().keySet())
        .as("the mutants that are not found, and those on the page; the new page is %s", made)
        .isEqualTo(expected);
  }

  /**
   * Runs the kit until a test fails, on the store as it is and on each mutant.
   *
   * @param only a part of the names of the files to run, or nothing for all
   * @param every 1 for all mutants of a file, else how many there are from one that is run to the
   *     next
   */
  List<Outcome> run(String only, int every) throws Exception {
    List<Mutant> mutants = store.mutants(root);
    runEach(
        List.of(String.valueOf(Worker.UNCHANGED)),
        (number, verdict, by) -> {
          if (verdict != Verdict.SURVIVED) {
            throw new IllegalStateException("the tests fail without a mutant: " + verdict + by);
          }
        });
    List<Outcome> outcomes = new ArrayList<>();
    Listener listener =
        (number, verdict, by) -> {
          outcomes.add(new Outcome(mutants.get(number), verdict, by));
          System.out.println(verdict + "\t" + mutants.get(number) + "\t" + by);
        };
    List<Integer> left = new ArrayList<>();
    runEach(
        IntStream.range(0, mutants.size())
            .filter(i -> mutants.get(i).file().contains(only))
            .filter(i -> place(mutants, i) % every == 0)
            .mapToObj(String::valueOf)
            .toList(),
        (number, verdict, by) -> {
          if (verdict == Verdict.SURVIVED) {
            left.add(number);
          } else {
            listener.ended(number, verdict, by);
          }
        });
    runEach(together(mutants, left), listener);
    outcomes.sort(Comparator.comparing(one -> mutants.indexOf(one.mutant())));
    return outcomes;
  }

  /** As many mutants as may be run together; no two change the same place. */
  private List<String> together(List<Mutant> mutants, List<Integer> left) {
    List<List<Integer>> groups = new ArrayList<>();
    for (int number : left) {
      groups.stream()
          .filter(group -> group.size() < TOGETHER)
          .filter(
              group -> group.stream().allMatch(i -> mayMeet(mutants.get(i), mutants.get(number))))
          .findFirst()
          .ifPresentOrElse(
              group -> group.add(number), () -> groups.add(new ArrayList<>(List.of(number))));
    }
    return groups.stream().map(MutationRun::word).toList();
  }

  private boolean mayMeet(Mutant one, Mutant other) {
    return store.contracts(one.file(), true).equals(store.contracts(other.file(), true))
        && !(one.file().equals(other.file()) && one.overlaps(other, store.text(root, one.file())));
  }

  private static String word(List<Integer> together) {
    return together.stream()
        .map(String::valueOf)
        .collect(Collectors.joining(Worker.TOGETHER, Worker.TOGETHER, ""));
  }

  /** How many mutants of the same file come before one. */
  private static int place(List<Mutant> mutants, int number) {
    int first = number;
    while (first > 0 && mutants.get(first - 1).file().equals(mutants.get(number).file())) {
      first--;
    }
    return number - first;
  }

  /** Is told what became of a mutant. */
  private interface Listener {
    void ended(int number, Verdict verdict, String by);
  }

  private void runEach(List<String> words, Listener listener) throws Exception {
    Deque<String> left = new ArrayDeque<>(words);
    Set<Integer> died = new HashSet<>();
    while (!left.isEmpty()) {
      Process worker = start(left);
      BlockingQueue<String> lines = lines(worker);
      List<Integer> ofWord = numbers(left.element());
      for (boolean isFirst = true; !left.isEmpty(); isFirst = false) {
        String line = lines.poll(isFirst ? MOST_SECONDS_TO_BEGIN : MOST_SECONDS, TimeUnit.SECONDS);
        if (line == null || line.equals(END)) {
          if (isFirst) {
            throw new IllegalStateException("the worker did not begin, see " + folder());
          }
          String word = left.remove();
          if (ofWord.size() > 1) {
            int half = ofWord.size() / 2;
            left.push(word(ofWord.subList(half, ofWord.size())));
            left.push(word(ofWord.subList(0, half)));
          } else if (line == null) {
            String by = "no test ended for " + MOST_SECONDS + " s";
            listener.ended(ofWord.get(0), Verdict.NO_END, by);
          } else if (!died.add(ofWord.get(0))) {
            listener.ended(ofWord.get(0), Verdict.NO_END, "the process ended, twice");
          } else { // Once may have another reason.
            left.push(word.startsWith(Worker.TOGETHER) ? word(ofWord) : word);
          }
          break;
        }
        if (line.startsWith(Worker.RESULT)) {
          String[] parts = line.split("\t", -1);
          Integer number = Integer.valueOf(parts[1]);
          listener.ended(number, Verdict.valueOf(parts[2]), parts[3]);
          ofWord.remove(number);
          if (ofWord.isEmpty()) {
            left.remove();
            ofWord = left.isEmpty() ? ofWord : numbers(left.element());
          }
        }
      }
      worker.destroyForcibly().waitFor();
    }
  }

  private static List<Integer> numbers(String word) {
    return Stream.of(word.split("\\+", -1))
        .filter(number -> !number.isEmpty())
        .map(Integer::valueOf)
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private Path folder() {
    return Path.of("target", "mutants-of-" + store).toAbsolutePath();
  }

  private Process start(Deque<String> words) throws IOException {
    Path folder = folder();
    Files.createDirectories(folder);
    var worker =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dlease.kit.rounds=2",
            "-Dlease.kit.sequences=2",
            "-XX:TieredStopAtLevel=1",
            "-Xmx1g",
            "-cp",
            System.getProperty("java.class.path"),
            Worker.class.getName(),
            store.name(),
            root.toString(),
            String.join(",", words));
    worker.directory(folder.toFile());
    worker.redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("errors.txt").toFile()));
    worker.environment().putAll(store.environment());
    return worker.start();
  }

  private static BlockingQueue<String> lines(Process worker) {
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    var reader =
        new Thread(
            () -> {
              try (BufferedReader in = worker.inputReader()) {
                in.lines().forEach(lines::add);
              } catch (IOException | UncheckedIOException e) {
                // The process was ended.
              }
              lines.add(END);
            });
    reader.setDaemon(true);
    reader.start();
    return lines;
  }
}
