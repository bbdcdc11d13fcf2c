package dev.lease.examples.orderbot;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes when the machine has other things to do, by a thread that should run all the time. */
final class Stalls implements AutoCloseable {

  private static final Duration STEP = Duration.ofMillis(50);

  /** Less costs no worker a lease. */
  private static final Duration WORTH_NOTING = Duration.ofMillis(500);

  private final List<Trouble> troubles = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::watch, "stalls");

  Stalls() {
    thread.setDaemon(true);
    thread.start();
  }

  List<Trouble> troubles() {
    return List.copyOf(troubles);
  }

  private void watch() {
    try {
      while (true) {
        Instant before = Instant.now();
        Thread.sleep(STEP.toMillis());
        Instant now = Instant.now();
        if (Duration.between(before, now).compareTo(WORTH_NOTING) > 0) {
          troubles.add(new Trouble(SoakFault.STALL, Trouble.ANY, Trouble.ANY, before, now));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
