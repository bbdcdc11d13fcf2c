package dev.lease.examples.mutants;

import java.util.List;

/** Makes all mutants of a file. */
interface Mutator {

  /**
   * Changes one thing at a time.
   *
   * @param file the name of the file, for the mutants
   * @param text its text
   */
  List<Mutant> mutants(String file, String text);
}
