package dev.lease.redis;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** A server, and the lines for calls to it. */
final class Node {

  /** What keeps leases never waits behind a large enqueue, or the answer of a large claim. */
  enum Lane {
    KEEPING,
    OTHER
  }

  private final Line keeping;
  private final Line other;

  Node(Supplier<CompletableFuture<Line.Link>> connect) {
    keeping = new Line(connect);
    other = new Line(connect);
  }

  Line line(Lane lane) {
    return lane == Lane.KEEPING ? keeping : other;
  }
}
