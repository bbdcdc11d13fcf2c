package dev.lease.testkit;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * Relates the store's time to the monotonic time of a history. The store's time runs at most as
 * fast, or stands still, and is moved now and then. A move may take effect at any moment of its
 * span.
 */
final class Timeline {

  private final List<Event.Advanced> moves;

  Timeline(List<Event> history) {
    this.moves =
        history.stream()
            .filter(Event.Advanced.class::isInstance)
            .map(Event.Advanced.class::cast)
            .sorted(Comparator.comparingLong(move -> move.span().sent()))
            .toList();
  }

  /** The earliest moment by which that much of the store's time may have passed. */
  long mayHavePassed(long since, Duration duration) {
    long left = duration.toNanos();
    long at = since;
    for (Event.Advanced move : moves) {
      if (move.span().done() < since) {
        continue;
      }
      long begun = Math.max(move.span().sent(), since);
      if (begun - at >= left) {
        break;
      }
      left -= begun - at;
      at = begun;
      if (move.by().toNanos() >= left) {
        return at;
      }
      left -= move.by().toNanos();
    }
    return at + left;
  }

  /** True if at least that much of the store's time has passed between two moments. */
  boolean hasPassed(long since, Duration duration, long at) {
    Duration passed =
        moves.stream()
            .filter(move -> move.span().sent() > since && move.span().done() < at)
            .map(Event.Advanced::by)
            .reduce(Duration.ZERO, Duration::plus);
    return passed.compareTo(duration) >= 0;
  }
}
