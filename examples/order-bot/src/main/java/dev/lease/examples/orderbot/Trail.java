package dev.lease.examples.orderbot;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What became of one order.
 *
 * @param order its id
 * @param entries how often it is in the book
 * @param lines what the exchange wrote down about it, oldest first
 * @param kills the workers that were killed with it in flight
 */
record Trail(String order, int entries, List<LogLine> lines, List<Kill> kills) {

  int requests() {
    return (int) lines.stream().filter(Trail::isAsked).count();
  }

  int repeats() {
    return Math.max(0, requests() - 1);
  }

  /** How many requests came while the exchange was in the middle of one of a live worker's. */
  int overlaps() {
    List<OrderRequest> open = new ArrayList<>();
    int overlaps = 0;
    for (LogLine line : lines) {
      if (!isAsked(line)) {
        open.remove(line.request());
        continue;
      }
      if (open.stream().anyMatch(request -> isAlive(request, line.at()))) {
        overlaps++;
      }
      open.add(line.request());
    }
    return overlaps;
  }

  /** The longest time from a kill until the order was held again. */
  Optional<Duration> recovery() {
    return kills.stream().flatMap(kill -> recovery(kill).stream()).max(Comparator.naturalOrder());
  }

  List<String> failures() {
    List<String> failures = new ArrayList<>();
    if (entries == 0) {
      failures.add(order + " is not in the book");
    }
    if (entries > 1) {
      failures.add(order + " is in the book " + entries + " times");
    }
    if (overlaps() > 0) {
      failures.add(order + " was asked for while a live worker was in the middle of it");
    }
    // Who lost the order and was killed when nobody had it yet is one reason, not two.
    long excused =
        kills.stream()
            .filter(this::hadAsked)
            .mapToLong(kill -> kill.tokenOf(order))
            .distinct()
            .count();
    if (repeats() > excused) {
      failures.add(
          order
              + " has "
              + requests()
              + " requests, and workers that had sent one were killed, or excused, "
              + excused
              + "x");
    }
    return failures;
  }

  /** It is held again at the first request under a larger token, or at the kill of who had one. */
  private Optional<Duration> recovery(Kill kill) {
    long token = kill.tokenOf(order);
    Stream<Instant> asked =
        lines.stream()
            .filter(line -> isAsked(line) && line.request().token() > token)
            .map(LogLine::at);
    Stream<Instant> killed =
        kills.stream().filter(later -> later.tokenOf(order) > token).map(Kill::at);
    return Stream.concat(asked, killed)
        .min(Comparator.naturalOrder())
        .map(at -> Duration.between(kill.at(), at));
  }

  /** A worker that was killed before it asked is no reason for a repeat. */
  private boolean hadAsked(Kill kill) {
    return lines.stream()
        .anyMatch(line -> isAsked(line) && line.request().token() == kill.tokenOf(order));
  }

  /** A worker that lost the order for a reason, and has it again under a larger token, is alive. */
  private boolean isAlive(OrderRequest request, Instant at) {
    return kills.stream()
        .noneMatch(
            kill ->
                kill.worker().equals(request.worker())
                    && kill.tokenOf(order) >= request.token()
                    && kill.at().isBefore(at));
  }

  private static boolean isAsked(LogLine line) {
    return line.step() == LogLine.Step.ASKED;
  }
}
