package dev.lease.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that stands still until it is moved. Safe for use by many threads. */
public final class ManualClock implements InstantSource {

  private Instant now = Instant.parse("2026-01-01T00:00:00Z");

  /** Makes a clock that shows the first instant of 2026. */
  public ManualClock() {}

  @Override
  public synchronized Instant instant() {
    return now;
  }

  /**
   * Moves the time.
   *
   * @param by how far; a negative duration moves it back, as when somebody resets a host's clock
   */
  public synchronized void advance(Duration by) {
    now = now.plus(by);
  }
}
