package dev.lease.jdbc.spring;

import dev.lease.GraphAnswer;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.JobGraphs;
import dev.lease.JobPage;
import dev.lease.PartPage;
import dev.lease.jdbc.JdbcBackend;
import java.sql.Connection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The graphs of a store, which are stored in the transaction around the caller if there is one. */
record SpringJobGraphs(JdbcBackend backend, JobGraphs real, SpringTransaction transaction)
    implements JobGraphs {

  @Override
  public GraphAnswer add(GraphPiece piece) {
    Connection connection = transaction.connection();
    if (connection == null) {
      return real.add(piece);
    }
    GraphAnswer answer = backend.enqueue(connection, piece);
    transaction.hint(backend.jobQueue(), List.of(piece.queue()));
    return answer;
  }

  /** What is in a transaction goes with it: whoever was refused rolls it back. */
  @Override
  public int discard(String queue, String graph, int limit) {
    return transaction.connection() == null ? real.discard(queue, graph, limit) : 0;
  }

  @Override
  public Optional<GraphState> find(String queue, String graph) {
    return real.find(queue, graph);
  }

  @Override
  public PartPage parts(String queue, String graph, @Nullable String after, int limit) {
    return real.parts(queue, graph, after, limit);
  }

  @Override
  public JobPage jobs(String queue, String graph, String part, @Nullable String after, int limit) {
    return real.jobs(queue, graph, part, after, limit);
  }

  @Override
  public JobPage parents(String queue, String id, @Nullable String after, int limit) {
    return real.parents(queue, id, after, limit);
  }
}
