package dev.lease.worker;

import dev.lease.Enqueued;
import dev.lease.GraphAnswer;
import dev.lease.GraphAnswer.Kind;
import dev.lease.GraphPiece;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Stores a graph piece by piece, or nothing of it. */
final class GraphSender {

  private final GraphStore store;
  private final UnaryOperator<ClientInterceptor.Call> interceptors;

  /**
   * @param interceptors puts the interceptors of the client around a call
   */
  GraphSender(GraphStore store, UnaryOperator<ClientInterceptor.Call> interceptors) {
    this.store = store;
    this.interceptors = interceptors;
  }

  /**
   * Stores a graph.
   *
   * @param pieces all of it, the last piece with the totals
   * @return STORED or COMPLETE
   */
  GraphAnswer send(List<GraphPiece> pieces) {
    GraphAnswer answer = GraphAnswer.stored();
    for (GraphPiece piece : pieces) {
      answer = send(piece);
      if (answer.kind() != Kind.STORED) {
        return answer;
      }
    }
    return answer;
  }

  /** Sends a piece through the interceptors, which see jobs, so they do not see a piece of none. */
  private GraphAnswer send(GraphPiece piece) {
    if (piece.jobs().isEmpty()) {
      return accepted(piece, store.add(piece));
    }
    AtomicReference<@Nullable GraphAnswer> answer = new AtomicReference<>();
    interceptors
        .apply(
            jobs -> {
              GraphAnswer added = accepted(piece, store.add(with(piece, jobs)));
              answer.set(added);
              return jobs.stream()
                  .map(job -> Enqueued.of(job.id(), added.kind() == Kind.STORED))
                  .toList();
            })
        .enqueue(piece.allJobs());
    GraphAnswer added = answer.get();
    if (added == null) {
      throw new IllegalStateException(
          "graph %s is not stored: an interceptor has not passed its jobs on; let it call the call that it is given, once"
              .formatted(Limits.oneLine(piece.graph())));
    }
    return added;
  }

  /** The same piece with jobs that the interceptors have changed. */
  private static GraphPiece with(GraphPiece piece, List<NewJob> jobs) {
    GraphPiece.Builder changed = GraphPiece.builder(piece.queue(), piece.graph());
    piece.parts().forEach(changed::part);
    Iterator<NewJob> next = jobs.iterator();
    piece.jobs().forEach((part, of) -> of.forEach(job -> changed.job(part, next.next())));
    GraphPiece.Total total = piece.total();
    if (total != null) {
      changed.last(total.parts(), total.jobs());
    }
    return changed.build();
  }

  private GraphAnswer accepted(GraphPiece piece, GraphAnswer answer) {
    if (answer.kind() == Kind.STORED || answer.kind() == Kind.COMPLETE) {
      return answer;
    }
    GraphRefusedException refusal = new GraphRefusedException(piece, answer);
    try {
      store.discard(piece.queue(), piece.graph());
    } catch (StoreException e) {
      refusal.addSuppressed(e);
    }
    throw refusal;
  }
}
