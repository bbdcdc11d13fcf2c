package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.GraphAnswer;
import dev.lease.GraphPiece;
import dev.lease.JobGraphs;
import dev.lease.Limits;

/** Where a client stores its graphs. */
@FunctionalInterface
interface GraphStore {

  /** Of a client that was told how to store jobs only: a graph would be stored elsewhere. */
  GraphStore ONLY_JOBS =
      piece -> {
        throw new UnsupportedOperationException(
            "this client stores jobs by a call of yours, and was given none for graphs, so graph %s"
                    .formatted(Limits.oneLine(piece.graph()))
                + " is refused: give in(..) both calls");
      };

  /** Stores a piece, as {@link JobGraphs#add} does. */
  GraphAnswer add(GraphPiece piece);

  /** Removes what is stored of a graph that is not complete. */
  default void discard(String queue, String graph) {}

  static GraphStore of(Backend backend) {
    return backend.capabilities().contains(Capability.GRAPHS)
        ? of(backend.jobGraphs())
        : piece -> {
          throw Capability.GRAPHS.missing(
              "graphs of jobs, so graph %s cannot be stored: let each job enqueue the next one"
                  .formatted(Limits.oneLine(piece.graph())));
        };
  }

  private static GraphStore of(JobGraphs graphs) {
    return new GraphStore() {
      @Override
      public GraphAnswer add(GraphPiece piece) {
        return graphs.add(piece);
      }

      @Override
      public void discard(String queue, String graph) {
        while (graphs.discard(queue, graph, Limits.MAX_BATCH) == Limits.MAX_BATCH) {
          // There may be more.
        }
      }
    };
  }
}
