package dev.lease.examples.benchmark;

import java.io.PrintStream;

/** One line that says how far a run is, written over and over again. */
final class Progress {

  private static final int WIDTH = 79;

  private final PrintStream out;
  private String what = "";

  Progress(PrintStream out) {
    this.out = out;
  }

  /** Something else begins. */
  synchronized void now(String step) {
    what = step;
    show("");
  }

  synchronized void tick(String count) {
    show(" " + count);
  }

  /** Makes room for what stays. */
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
