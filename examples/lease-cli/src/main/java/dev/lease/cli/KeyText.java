package dev.lease.cli;

import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.examples.shared.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Limits in words. */
final class KeyText {

  private KeyText() {}

  static String of(@Nullable KeyLimit limit) {
    if (limit == null) {
      return "any number of slots";
    }
    String slots = slots(limit.slots());
    KeyLimit.Rate rate = limit.rate();
    return slots
        + (limit.isInOrder() ? ", in order" : "")
        + (rate == null
            ? ""
            : ", " + rate.starts() + " starts in " + Durations.shown(rate.period()) + burst(rate));
  }

  private static String burst(KeyLimit.Rate rate) {
    return rate.burst() == 0 ? "" : " and " + rate.burst() + " more after a rest";
  }

  static String slots(int number) {
    return number + (number == 1 ? " slot" : " slots");
  }

  /** What holds for all keys of a queue. */
  static List<String> ofQueue(String queue, KeyPage page) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "A key of queue " + queue + " without a limit of its own has " + of(page.limit()) + ".");
    if (page.queueSlots() != null) {
      lines.add("All keys together have " + slots(page.queueSlots()) + ".");
    }
    return lines;
  }

  /** How long until jobs of a key start again, if that is to come. */
  static String until(@Nullable Instant start, Instant now) {
    return start == null || !start.isAfter(now)
        ? "-"
        : "in " + Durations.shown(Duration.between(now, start));
  }
}
