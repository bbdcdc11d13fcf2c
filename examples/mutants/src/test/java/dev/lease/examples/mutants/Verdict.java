package dev.lease.examples.mutants;

/** What became of a mutant. */
enum Verdict {
  OPENING("found when the store opens"),
  CLAUSE("found by the test of a clause"),
  RACE("found by a race only"),
  MODEL("found by the model or a history only"),
  OWN("found by a test of the module only"),
  NO_END("found since the tests did not end"),
  SURVIVED("not found");

  final String words;

  Verdict(String words) {
    this.words = words;
  }
}
