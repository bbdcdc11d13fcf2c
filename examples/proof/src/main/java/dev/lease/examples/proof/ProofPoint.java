package dev.lease.examples.proof;

/**
 * A point of a job at which its worker announces itself and is struck. The id of the job that is
 * struck there is the name of the point.
 */
record ProofPoint(String name) {

  static final ProofPoint BEFORE_SETTLEMENT = new ProofPoint("before the settlement");
  static final ProofPoint AFTER_SETTLEMENT = new ProofPoint("after the settlement");

  private static final String BEFORE_COMMIT = ", before its commit";

  static ProofPoint before(String step) {
    return new ProofPoint("before " + step);
  }

  static ProofPoint beforeEffect(String step) {
    return new ProofPoint("in " + step + ", before its effect");
  }

  static ProofPoint afterEffect(String step) {
    return new ProofPoint("in " + step + ", after its effect");
  }

  static ProofPoint beforeCommit(String step) {
    return new ProofPoint("in " + step + BEFORE_COMMIT);
  }

  static ProofPoint after(String step) {
    return new ProofPoint("after " + step);
  }

  boolean isInStep() {
    return name.startsWith("in ");
  }

  boolean isIn(String step) {
    return name.startsWith("in " + step + ",");
  }

  boolean isBeforeCommit() {
    return name.endsWith(BEFORE_COMMIT);
  }

  @Override
  public String toString() {
    return name;
  }
}
