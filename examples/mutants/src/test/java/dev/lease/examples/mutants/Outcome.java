package dev.lease.examples.mutants;

/**
 * What became of a mutant.
 *
 * @param by the test that found it, or nothing
 */
record Outcome(Mutant mutant, Verdict verdict, String by) {}
