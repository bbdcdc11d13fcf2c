package dev.lease.examples.proof;

import dev.lease.GraphPiece;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobGraph;
import dev.lease.worker.JobType;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;

/**
 * A graph of many orders, and one statement that adds them up; and the points at which workers are
 * killed meanwhile. All processes of a proof have the same.
 *
 * @param queue the queue
 * @param orders how many orders there are; so many that they are sent in pieces
 * @param kills how many workers are killed, of which one works on the last order and one on the
 *     statement
 */
record GraphPlan(String queue, int orders, int kills) {

  static final String GRAPH = "graph";
  static final String ORDERS = "order";
  static final String STATEMENT = GRAPH + "/statement/0";

  /** The producer has sent half of the pieces; it is killed there. */
  static final ProofPoint HALF_SENT = new ProofPoint("half of the graph is sent");

  /** The statement has begun. */
  static final ProofPoint STATED = new ProofPoint(STATEMENT);

  GraphPlan {
    if (orders <= GraphPiece.MAX_SIZE) {
      throw new IllegalArgumentException(
          "orders must be more than %d, was %d: fewer are sent in one piece, so no producer can be killed between two"
              .formatted(GraphPiece.MAX_SIZE, orders));
    }
    if (kills < 2 || kills > orders) {
      throw new IllegalArgumentException(
          "kills must be 2 to the number of orders, was %d: the last order and the statement have one each"
              .formatted(kills));
    }
  }

  /** A plan for a queue of its own. */
  static GraphPlan of(int orders, int kills) {
    return new GraphPlan("proof-graph-" + Instant.now(), orders, kills);
  }

  JobType.Returning<Long, Long> order() {
    return JobType.of(queue, "order", Long.class)
        .withMaxCrashes(1_000)
        .withMaxFailures(1_000)
        .returning(Long.class);
  }

  JobType.Returning<String, Long> statement() {
    return JobType.of(queue, "statement", String.class)
        .withMaxCrashes(1_000)
        .withMaxFailures(1_000)
        .returning(Long.class);
  }

  JobGraph graph(JobClient client) {
    return client
        .graph(GRAPH, queue)
        .addAll(ORDERS, order(), LongStream.rangeClosed(1, orders).boxed().toList())
        .add("statement", statement(), "")
        .after(ORDERS);
  }

  /** The id of an order, whose amount is its number + 1. */
  static String orderId(int number) {
    return GRAPH + "/" + ORDERS + "/" + number;
  }

  /** The order that is made to end last. */
  String lastOrder() {
    return orderId(orders - 1);
  }

  /** What the statement has to say. */
  long sum() {
    return (long) orders * (orders + 1) / 2;
  }

  /** The orders after whose effect a worker is killed, spread evenly. */
  Set<String> struckOrders() {
    Set<String> struck = new HashSet<>();
    for (int kill = 1; kill <= kills - 2; kill++) {
      struck.add(orderId((int) ((long) kill * orders / (kills - 1)) - 1));
    }
    return struck;
  }

  /** Every point at which a worker is killed. */
  Set<ProofPoint> strikes() {
    Set<ProofPoint> strikes = new HashSet<>(List.of(ProofPoint.AFTER_SETTLEMENT, STATED));
    struckOrders().forEach(order -> strikes.add(new ProofPoint(order)));
    return strikes;
  }

  /** How many pieces the producer has sent when half of them are. */
  int half() {
    return (orders / GraphPiece.MAX_SIZE + 1) / 2;
  }
}
