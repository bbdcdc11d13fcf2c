package dev.lease.examples.orderbot;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What happened to one order.
 *
 * @param order its id
 * @param entries how often it is in the book
 * @param lines the lines about it in the exchange's log, oldest first
 * @param kills the kills of workers that held it
 */
record Trail(String order, int entries, List<LogLine> lines, List<Kill> kills) {

  int requests() {
    return (int) lines.stream().filter(LogLine::isAsked).count();
  }

  int repeats() {
    return Math.max(0, requests() - 1);
  }

  /** The requests that came while the exchange worked on one of a live worker, in words. */
  List<String> overlaps() {
    List<LogLine> open = new ArrayList<>();
    List<String> overlaps = new ArrayList<>();
    for (LogLine line : lines) {
      if (!line.isAsked()) {
        open.stream()
            .filter(asked -> asked.request().equals(line.request()))
            .findFirst()
            .ifPresent(open::remove);
        continue;
      }
      open.stream()
          .filter(asked -> isAlive(asked.request(), line.at()))
          .findFirst()
          .ifPresent(asked -> overlaps.add(overlap(asked, line)));
      open.add(line);
    }
    return overlaps;
  }

  private String overlap(LogLine open, LogLine asked) {
    return order
        + " was asked for while a live worker was placing it: "
        + holder(asked)
        + ", while the request of "
        + holder(open)
        + " was open; kills that had it in flight: "
        + kills;
  }

  private static String holder(LogLine asked) {
    return asked.request().worker()
        + " at "
        + asked.at()
        + " with token "
        + asked.request().token();
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
    // The first one is enough.
    overlaps().stream().findFirst().ifPresent(failures::add);
    // A worker that lost the order and was killed before anybody else had it is one reason, not
    // two.
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
              + " requests, but only "
              + excused
              + " kills or excused losses of workers that had sent one");
    }
    return failures;
  }

  /** Recovery ends at the first request under a larger token, or at the kill of its holder. */
  private Optional<Duration> recovery(Kill kill) {
    long token = kill.tokenOf(order);
    Stream<Instant> asked =
        lines.stream()
            .filter(line -> line.isAsked() && line.request().token() > token)
            .map(LogLine::at);
    Stream<Instant> killed =
        kills.stream().filter(later -> later.tokenOf(order) > token).map(Kill::at);
    return Stream.concat(asked, killed)
        .min(Comparator.naturalOrder())
        .map(at -> Duration.between(kill.at(), at));
  }

  /** A worker that was killed before it sent a request is no reason for a repeat. */
  private boolean hadAsked(Kill kill) {
    return lines.stream()
        .anyMatch(line -> line.isAsked() && line.request().token() == kill.tokenOf(order));
  }

  /** A worker that lost the order, excused, and holds it again under a larger token is alive. */
  private boolean isAlive(OrderRequest request, Instant at) {
    return kills.stream()
        .noneMatch(
            kill ->
                kill.worker().equals(request.worker())
                    && kill.tokenOf(order) >= request.token()
                    && kill.at().isBefore(at));
  }
}
