package dev.lease.examples.mutants;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Which tests reach which blocks of the scripts. The run without any change finds it out and keeps
 * it in a file, for those of the mutants: a test that does not reach a change cannot notice it.
 */
final class Reach {

  private static final Path FILE = Path.of("reach.txt");

  /** The blocks with their files, by the ids of the tests. */
  private final Map<String, Set<String>> blocks = new TreeMap<>();

  private Store store;
  private Probes probes;

  /** What an earlier process has found out, if any. */
  static Reach known() throws IOException {
    var reach = new Reach();
    if (Files.exists(FILE)) {
      for (String line : Files.readAllLines(FILE)) {
        List<String> words = List.of(line.split("\t", -1));
        reach.note(words.get(0), Set.copyOf(words.subList(1, words.size())));
      }
    }
    return reach;
  }

  /** Begins to find out what is reached. */
  void listen(Store changed) throws IOException {
    blocks.clear();
    store = changed;
    probes = store.probes();
  }

  /** A test has ended. What was reached since the one before was reached by it. */
  void ended(TestIdentifier test) {
    if (probes == null) {
      return;
    }
    try {
      Set<String> reached = probes.reached();
      if (test.isTest()) {
        note(test.getUniqueId(), reached);
      }
    } catch (IOException e) {
      // The test has ended the connection: nothing is known of it.
      try {
        probes = store.probes();
      } catch (IOException again) {
        throw new UncheckedIOException(again);
      }
    }
  }

  private void note(String test, Set<String> reached) {
    if (!reached.isEmpty()) {
      blocks.put(test, reached);
    }
  }

  void keep() throws IOException {
    Files.write(
        FILE,
        blocks.entrySet().stream()
            .map(test -> test.getKey() + "\t" + String.join("\t", test.getValue()))
            .toList());
    probes = null;
  }

  /**
   * The tests that reach one of some blocks, and those of which nothing is known: they may have a
   * server of their own. Without a block, all.
   */
  PostDiscoveryFilter of(Set<String> some) {
    Set<String> others =
        some.isEmpty()
            ? Set.of()
            : blocks.entrySet().stream()
                .filter(test -> Collections.disjoint(test.getValue(), some))
                .map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    return test ->
        FilterResult.includedIf(!test.isTest() || !others.contains(test.getUniqueId().toString()));
  }

  /** Whether a test reaches a block, or nothing is known of it. */
  boolean mayReach(String test, String block) {
    return !blocks.containsKey(test) || blocks.get(test).contains(block);
  }

  /** The tests that reach a block, at first those that reach the fewest others. */
  List<String> of(String block) {
    return blocks.entrySet().stream()
        .filter(test -> test.getValue().contains(block))
        .sorted(Comparator.comparing(test -> test.getValue().size()))
        .map(Map.Entry::getKey)
        .toList();
  }
}
