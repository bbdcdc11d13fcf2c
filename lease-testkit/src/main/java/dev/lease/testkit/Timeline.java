package dev.lease.testkit;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * How the store's time and the monotonic time of a history belong together: the store's runs no
 * faster, or stands still, and it is moved. A movement may happen at any moment of its span.
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

  /** The moment from which on so much of the store's time may have passed since another moment. */
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

  /** True if so much of the store's time has passed between two moments, whatever it does. */
  boolean hasPassed(long since, Duration duration, long at) {
    Duration passed =
        moves.stream()
            .filter(move -> move.span().sent() > since && move.span().done() < at)
            .map(Event.Advanced::by)
            .reduce(Duration.ZERO, Duration::plus);
    return passed.compareTo(duration) >= 0;
  }
}
