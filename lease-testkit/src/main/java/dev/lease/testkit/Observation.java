package dev.lease.testkit;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was observed after a call, in its answer and in the records: each value with the source text
 * that reads it.
 */
final class Observation {

  /**
   * Where a value was observed.
   *
   * @param object the source text of an object
   * @param reading the source text that reads the value, with {@code %1$s} for the object
   */
  record Place(String object, String reading) {
    /** The source text that reads the value from a variable that holds the object. */
    String code(String variable) {
      return String.format(reading, variable);
    }
  }

  /** Two different values that should be the same. */
  record Difference(Place place, @Nullable Object expected, @Nullable Object found) {}

  private final Map<Place, @Nullable Object> values = new LinkedHashMap<>();
  private final Set<Place> brokenLaws = new LinkedHashSet<>();

  void add(String object, String reading, @Nullable Object value) {
    values.put(new Place(object, reading), value);
  }

  /** Notes what has to hold in every store, also where it may differ from the reference. */
  void addLaw(String object, String reading, boolean holds) {
    add(object, reading, holds);
    if (!holds) {
      brokenLaws.add(new Place(object, reading));
    }
  }

  Optional<Difference> firstBrokenLaw() {
    return brokenLaws.stream().map(place -> new Difference(place, true, false)).findFirst();
  }

  /**
   * Compares this observation of the reference with one of a store. It compares only values that
   * both have, since the reference leaves out what the contract leaves open.
   *
   * @param tolerance by how much durations may differ
   */
  Optional<Difference> firstDifference(Observation found, Duration tolerance) {
    return values.entrySet().stream()
        .filter(entry -> found.values.containsKey(entry.getKey()))
        .map(
            entry ->
                new Difference(entry.getKey(), entry.getValue(), found.values.get(entry.getKey())))
        .filter(both -> !agree(both.expected(), both.found(), tolerance))
        .findFirst();
  }

  private static boolean agree(
      @Nullable Object expected, @Nullable Object found, Duration tolerance) {
    if (expected instanceof Duration one && found instanceof Duration other) {
      return one.minus(other).abs().compareTo(tolerance) <= 0;
    }
    return Objects.equals(expected, found);
  }
}
