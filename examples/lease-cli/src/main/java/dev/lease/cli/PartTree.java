package dev.lease.cli;

import dev.lease.PartState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The parts of a graph as a tree: each one under the last one of those that it comes after. One
 * whose others are not there, such as those of a graph that is being removed, stands at the top.
 */
final class PartTree {

  /** Above the parts that come after none that is there. No part has this name. */
  private static final String NONE = "";

  private PartTree() {}

  /**
   * A part in the tree.
   *
   * @param depth how many parts it stands under
   */
  record Branch(PartState state, int depth) {}

  /**
   * The tree from its top, line by line.
   *
   * @param parts each behind those that it comes after
   */
  static List<Branch> of(List<PartState> parts) {
    Map<String, Integer> numbers = new HashMap<>();
    Map<String, Integer> depths = new HashMap<>();
    Map<String, Deque<Branch>> under = new HashMap<>();
    for (PartState part : parts) {
      String name = part.part().name();
      String above =
          part.part().after().keySet().stream()
              .filter(numbers::containsKey)
              .max(Comparator.comparing(numbers::get))
              .orElse(NONE);
      numbers.put(name, numbers.size());
      int depth = depths.getOrDefault(above, -1) + 1;
      depths.put(name, depth);
      under.computeIfAbsent(above, it -> new ArrayDeque<>()).add(new Branch(part, depth));
    }
    List<Branch> lines = new ArrayList<>();
    Deque<Branch> next = under.getOrDefault(NONE, new ArrayDeque<>());
    while (!next.isEmpty()) {
      Branch branch = next.remove();
      lines.add(branch);
      Deque<Branch> below = under.getOrDefault(branch.state().part().name(), new ArrayDeque<>());
      below.descendingIterator().forEachRemaining(next::addFirst);
    }
    return lines;
  }
}
