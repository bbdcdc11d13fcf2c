package dev.lease.cli;

/** Work of many pieces. It tells how far it is, and ends early if the program is to end. */
final class LongWork {

  private static final int TOLD = 1_000;

  private final Interruption interruption;
  private final Output out;
  private long done;
  private long told;

  LongWork(Interruption interruption, Output out) {
    this.interruption = interruption;
    this.out = out;
  }

  /** Whether the next piece may begin; asked only if there is one. */
  boolean goesOn() {
    if (done - told >= TOLD) {
      told = done;
      out.say(done + " so far.");
    }
    return interruption.allowsMore();
  }

  /** Notes to how many jobs it was done now. */
  void add(long jobs) {
    done += jobs;
  }

  long done() {
    return done;
  }

  boolean cutShort() {
    return interruption.cutShort();
  }
}
