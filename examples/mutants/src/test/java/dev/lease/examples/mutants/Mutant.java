package dev.lease.examples.mutants;

/**
 * A file of a store in which one thing is changed.
 *
 * @param kind what was done
 * @param file the file, within the folder of the store
 * @param change what was changed, on one line; different for each mutant of a file
 * @param text the whole text of the changed file
 */
record Mutant(Kind kind, String file, String change, String text) {

  /** What a mutator does, in the words of the page. */
  enum Kind {
    CONDITION_LEFT_OUT("a condition left out"),
    CONDITION_NEGATED("a condition negated"),
    EDGE_MOVED("the edge of a comparison moved"),
    CONSTANT_MOVED("a constant moved by one"),
    SIGN_CHANGED("+ and - exchanged"),
    ALTERNATIVE_LEFT_OUT("an argument of coalesce or max left out"),
    ASSIGNMENT_LEFT_OUT("an assignment left out"),
    ORDER_LEFT_OUT("an ORDER BY, or a part of it, left out"),
    LIMIT_LEFT_OUT("a LIMIT left out"),
    CLAUSE_LEFT_OUT("an ON CONFLICT, a LEFT or a DESC left out"),
    COMMAND_LEFT_OUT("a command left out"),
    ARGUMENTS_SWAPPED("two arguments swapped");

    final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  @Override
  public String toString() {
    return file + ": " + change;
  }
}
