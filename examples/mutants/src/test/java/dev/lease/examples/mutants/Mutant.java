package dev.lease.examples.mutants;

/**
 * A file of a store in which one thing is changed.
 *
 * @param file the file, within the folder of the store
 * @param change what was changed, on one line; different for each mutant of a file
 * @param text the whole text of the changed file
 */
record Mutant(String file, String change, String text) {

  @Override
  public String toString() {
    return file + ": " + change;
  }
}
