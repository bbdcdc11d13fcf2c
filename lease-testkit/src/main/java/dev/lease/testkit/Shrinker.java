package dev.lease.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Makes a failing list shorter and its elements simpler while it still fails, within a number of
 * tries.
 *
 * @param <T> the elements
 */
final class Shrinker<T> {

  private final Predicate<List<T>> fails;
  private final Function<T, List<T>> simpler;
  private int triesLeft;

  Shrinker(Predicate<List<T>> fails, Function<T, List<T>> simpler, int tries) {
    this.fails = fails;
    this.simpler = simpler;
    this.triesLeft = tries;
  }

  List<T> shortest(List<T> failing) {
    List<T> shortest = failing;
    List<T> before;
    do {
      before = shortest;
      for (int chunk = Math.max(1, shortest.size() / 2); chunk > 0; chunk /= 2) {
        shortest = without(chunk, shortest);
      }
      shortest = simplified(shortest);
    } while (!shortest.equals(before) && triesLeft > 0);
    return shortest;
  }

  /**
   * Leaves out runs of that many elements that the failure does not need, beginning at the end. The
   * runs overlap by half, since two calls may only be left out together.
   */
  private List<T> without(int chunk, List<T> failing) {
    List<T> shortest = failing;
    int end = shortest.size();
    while (end > 0) {
      int start = Math.max(0, end - chunk);
      List<T> shorter = new ArrayList<>(shortest);
      shorter.subList(start, end).clear();
      if (stillFails(shorter)) {
        shortest = shorter;
        end = start;
      } else {
        end -= Math.max(1, chunk / 2);
      }
    }
    return shortest;
  }

  private List<T> simplified(List<T> failing) {
    List<T> simplest = new ArrayList<>(failing);
    for (int i = 0; i < simplest.size(); i++) {
      boolean found;
      do {
        found = false;
        for (T simple : simpler.apply(simplest.get(i))) {
          List<T> candidate = new ArrayList<>(simplest);
          candidate.set(i, simple);
          if (stillFails(candidate)) {
            simplest = candidate;
            found = true;
            break;
          }
        }
      } while (found);
    }
    return simplest;
  }

  private boolean stillFails(List<T> candidate) {
    return !candidate.isEmpty() && triesLeft-- > 0 && fails.test(candidate);
  }
}
