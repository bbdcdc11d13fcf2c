package dev.lease.testkit;

import java.util.concurrent.Exchanger;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The gap between a check and the write that trusts it. Racing threads wait in it for one another,
 * so that a broken store is caught by every race and not by one of thousands; the thread that made
 * the gap goes straight through.
 */
final class Gap {

  private static final long AT_MOST_MILLIS = 100;

  private final Thread maker = Thread.currentThread();
  private final Exchanger<Boolean> meeting = new Exchanger<>();

  void pass() {
    if (Thread.currentThread() == maker) {
      return;
    }
    try {
      meeting.exchange(true, AT_MOST_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      // Nobody else is in the gap.
    }
  }
}
