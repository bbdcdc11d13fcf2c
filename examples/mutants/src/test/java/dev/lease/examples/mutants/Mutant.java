package dev.lease.examples.mutants;

import java.util.Comparator;
import java.util.List;

/**
 * A file of a store in which one thing is changed.
 *
 * @param file the file, within the folder of the store
 * @param change what was changed, on one line; different for each mutant of a file
 * @param text the whole text of the changed file
 */
record Mutant(String file, String change, String text) {

  /** The text of a file with several changes in it. */
  static String together(String original, List<Mutant> mutants) {
    var text = new StringBuilder(original);
    mutants.stream()
        .sorted(Comparator.comparing((Mutant mutant) -> mutant.from(original)).reversed())
        .forEach(
            mutant -> {
              int from = mutant.from(original);
              int to = mutant.to(original);
              int end = mutant.text.length() - (original.length() - to);
              text.replace(from, to, mutant.text.substring(from, end));
            });
    return text.toString();
  }

  /** Whether another mutant of the same file changes something of the same place. */
  boolean overlaps(Mutant other, String original) {
    return from(original) <= other.to(original) && other.from(original) <= to(original);
  }

  /** Where the change begins in the original text. */
  private int from(String original) {
    return Blocks.firstDifference(text, original);
  }

  /** Where the original goes on behind the change. */
  private int to(String original) {
    int most = Math.min(text.length(), original.length()) - from(original);
    int same = 0;
    while (same < most
        && text.charAt(text.length() - 1 - same) == original.charAt(original.length() - 1 - same)) {
      same++;
    }
    return original.length() - same;
  }

  @Override
  public String toString() {
    return file + ": " + change;
  }
}
