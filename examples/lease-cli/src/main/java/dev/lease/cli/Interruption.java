package dev.lease.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

/**
 * Whether the program is to end: by Ctrl-C or SIGTERM. Long work asks before each of its pieces, so
 * that it can still tell how far it came. Other work ends at once.
 */
final class Interruption {

  /** The exit code of a command that left work for another time. */
  static final int EXIT_CODE = 3;

  /** Longer than a call may last in a store whose calls wait 30 s, as those of this program do. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean asked;
  private volatile boolean isHeeded;
  private volatile boolean cutShort;
  private volatile int exitCode = 1;

  /** Runs a program, which may be told to end meanwhile. */
  int during(IntSupplier program) {
    Runtime.getRuntime().addShutdownHook(new Thread(this::end, "interruption"));
    try {
      exitCode = program.getAsInt();
      return exitCode;
    } finally {
      over.countDown();
    }
  }

  private void end() {
    ask();
    if (isHeeded && over.getCount() > 0) {
      System.err.println("lease: ends after the piece under way");
      if (isOver()) {
        // The JVM would exit with the number of the signal.
        Runtime.getRuntime().halt(exitCode);
      }
    }
  }

  private boolean isOver() {
    try {
      return over.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      return false;
    }
  }

  void ask() {
    asked = true;
  }

  /** Whether another piece may begin. Whoever asks this once asks it before each piece. */
  boolean allowsMore() {
    isHeeded = true;
    cutShort |= asked;
    return !asked;
  }

  /** Whether there was a piece that could not begin. */
  boolean cutShort() {
    return cutShort;
  }
}
