package dev.lease.router;

import dev.lease.GraphAnswer;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.JobGraphs;
import dev.lease.JobPage;
import dev.lease.Limits;
import dev.lease.PartPage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The graphs of jobs, each in the store of its queue. */
final class RoutedGraphs implements JobGraphs {

  private final Parts<JobGraphs> graphs;

  RoutedGraphs(Parts<JobGraphs> graphs) {
    this.graphs = graphs;
  }

  @Override
  public GraphAnswer add(GraphPiece piece) {
    Limits.notNull("piece", piece);
    return graphs.at(piece.queue(), each -> each.add(piece));
  }

  @Override
  public int discard(String queue, String graph, int limit) {
    return graphs.at(queue, each -> each.discard(queue, graph, limit));
  }

  @Override
  public Optional<GraphState> find(String queue, String graph) {
    return graphs.at(queue, each -> each.find(queue, graph));
  }

  @Override
  public PartPage parts(String queue, String graph, @Nullable String after, int limit) {
    return graphs.at(queue, each -> each.parts(queue, graph, after, limit));
  }

  @Override
  public JobPage jobs(String queue, String graph, String part, @Nullable String after, int limit) {
    return graphs.at(queue, each -> each.jobs(queue, graph, part, after, limit));
  }

  @Override
  public JobPage parents(String queue, String id, @Nullable String after, int limit) {
    return graphs.at(queue, each -> each.parents(queue, id, after, limit));
  }
}
