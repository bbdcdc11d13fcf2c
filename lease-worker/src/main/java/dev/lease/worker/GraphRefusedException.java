package dev.lease.worker;

import dev.lease.GraphAnswer;
import dev.lease.GraphPiece;
import dev.lease.Limits;
import org.jspecify.annotations.Nullable;

/**
 * A graph was not stored, since what it needs is taken. None of its jobs has run or will. What is
 * stored under its id was removed, also what another client has just stored. If the store did not
 * answer to that, which is then suppressed in this, it goes after an hour.
 */
public final class GraphRefusedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** The queue of the graph. */
  private final String queue;

  /** The name of the graph. */
  private final String graph;

  /** The id of the job that was refused, if it was one. */
  private final @Nullable String job;

  GraphRefusedException(GraphPiece piece, GraphAnswer answer) {
    super(
        "graph %s of queue %s is refused: %s"
            .formatted(
                Limits.oneLine(piece.graph()),
                Limits.oneLine(piece.queue()),
                answer.job() == null
                    ? "another graph is being stored under this id, with other parts or jobs. Give"
                        + " each graph an id of its own, or repeat the call with the graph that you"
                        + " want"
                    : "the id or the dedup key of its job %s is taken by a job that is not of the same part. Give the job another one, or wait until that job is finished and no longer remembered"
                        .formatted(Limits.oneLine(answer.job()))));
    queue = piece.queue();
    graph = piece.graph();
    job = answer.job();
  }

  /** {@return the queue of the graph} */
  public String queue() {
    return queue;
  }

  /** {@return the id of the graph} */
  public String graph() {
    return graph;
  }

  /**
   * The job whose id or dedup key is taken.
   *
   * @return the id that the job has in the graph; null if the graph was refused for another graph
   *     of its id
   */
  public @Nullable String job() {
    return job;
  }
}
