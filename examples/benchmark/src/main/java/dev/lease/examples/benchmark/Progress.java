package dev.lease.examples.benchmark;

import java.io.PrintStream;

/** A line that shows the progress of a run, overwritten again and again. */
final class Progress {

  private static final int WIDTH = 79;

  private final PrintStream out;
  private String what = "";

  Progress(PrintStream out) {
    this.out = out;
  }

  /** Shows what begins now. */
  synchronized void now(String begun) {
    what = begun;
    show("");
  }

  synchronized void tick(String count) {
    show(" " + count);
  }

  /** Clears the line, for output that stays. */
  synchronized void clear() {
    out.print("\r" + " ".repeat(WIDTH) + "\r");
    out.flush();
  }

  private void show(String more) {
    String line = what + more;
    String fitting = line.substring(0, Math.min(WIDTH, line.length()));
    out.print("\r" + fitting + " ".repeat(WIDTH - fitting.length()));
    out.flush();
  }
}
