package dev.lease.examples.orderbot;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The times in which the process of a worker was kept from running, because the machine was busy or
 * the process was suspended. The worker itself logs them: another process may have run well at that
 * time.
 */
final class Stalls {

  private static final Logger LOG = LoggerFactory.getLogger(Stalls.class);

  /** The threads of the worker. Those of the JIT compiler and the collector may wait. */
  private static final String THREADS = "lease-w";

  private static final Duration INTERVAL = Duration.ofMillis(250);

  /** Shorter stalls happen on every machine, and cost no worker a lease. */
  private static final Duration WORTH_SAYING = INTERVAL.dividedBy(2);

  private static final Pattern SAID =
      Pattern.compile(
          ".* was kept from running for (?<millis>\\d+) ms, until (?<end>\\d+) ms after its start");

  /**
   * What a worker said of a stall.
   *
   * @param length how long it was
   * @param end when it ended, since the worker began to watch
   */
  record Stall(Duration length, Duration end) {

    /** The fault, if the worker began to watch at that time. */
    Trouble of(String worker, Instant start) {
      Instant to = start.plus(end);
      return new Trouble(Fault.STALL, worker, Trouble.ANY, to.minus(length), to);
    }
  }

  private Stalls() {}

  /** Logs from now on when this process was kept from running. */
  static void watch() {
    // Not the wall clock, which may be set.
    long start = System.nanoTime();
    ProcessorWaits waits = ProcessorWaits.now(THREADS);
    Thread thread = new Thread(() -> watch(start, waits), "stalls");
    thread.setDaemon(true);
    thread.start();
  }

  private static void watch(long start, ProcessorWaits waitsAtStart) {
    try {
      long last = start;
      ProcessorWaits before = waitsAtStart;
      while (true) {
        Thread.sleep(INTERVAL.toMillis());
        long now = System.nanoTime();
        ProcessorWaits waits = ProcessorWaits.now(THREADS);
        // A stopped process sleeps too long, a starved one shows up as waiting threads.
        Duration late = Duration.ofNanos(now - last).minus(INTERVAL);
        Duration waited = waits.longestSince(before);
        Duration stall = late.compareTo(waited) > 0 ? late : waited;
        if (stall.compareTo(WORTH_SAYING) > 0) {
          LOG.warn(
              "this process was kept from running for {} ms, until {} ms after its start",
              stall.toMillis(),
              Duration.ofNanos(now - start).toMillis());
        }
        last = now;
        before = waits;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The stall that a line of a worker's log reports, if it reports one. */
  static Optional<Stall> said(String line) {
    Matcher said = SAID.matcher(line);
    return said.matches()
        ? Optional.of(new Stall(millis(said, "millis"), millis(said, "end")))
        : Optional.empty();
  }

  private static Duration millis(Matcher said, String group) {
    return Duration.ofMillis(Long.parseLong(said.group(group)));
  }
}
