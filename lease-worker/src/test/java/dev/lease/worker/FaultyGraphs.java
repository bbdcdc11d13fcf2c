package dev.lease.worker;

import dev.lease.GraphAnswer;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.JobGraphs;
import dev.lease.JobPage;
import dev.lease.PartPage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Graphs around which a test puts what goes wrong; each piece is recorded. */
final class FaultyGraphs implements JobGraphs {

  /** What happens instead of a call. */
  interface Fault<R> {
    R around(Supplier<R> call);
  }

  private final JobGraphs real;

  final List<GraphPiece> pieces = new CopyOnWriteArrayList<>();
  final List<String> pages = new CopyOnWriteArrayList<>();
  volatile Fault<GraphAnswer> onAdd = Supplier::get;
  volatile Fault<Integer> onDiscard = Supplier::get;
  volatile Fault<JobPage> onParents = Supplier::get;

  FaultyGraphs(JobGraphs real) {
    this.real = real;
  }

  @Override
  public GraphAnswer add(GraphPiece piece) {
    pieces.add(piece);
    return onAdd.around(() -> real.add(piece));
  }

  @Override
  public int discard(String queue, String graph, int limit) {
    return onDiscard.around(() -> real.discard(queue, graph, limit));
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
    pages.add(String.valueOf(after));
    return onParents.around(() -> real.parents(queue, id, after, limit));
  }
}
