package dev.lease.testkit;

import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobGraphs;
import dev.lease.JobPage;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.PartPage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The graphs of jobs as the contract defines them. Each call is one atomic operation. */
class InMemoryJobGraphs implements JobGraphs {

  final InMemorySession session;

  InMemoryJobGraphs(InMemorySession session) {
    this.session = session;
  }

  @Override
  public GraphAnswer add(GraphPiece piece) {
    Limits.notNull("piece", piece);
    return session.run((data, now) -> add(data, now, piece));
  }

  GraphAnswer add(InMemoryData data, Instant now, GraphPiece piece) {
    InMemoryGraphs graphs = data.graphs(piece.queue());
    InMemoryGraph graph = graphs.graphs.get(piece.graph());
    if (graph != null && graph.complete) {
      return GraphAnswer.complete();
    }
    InMemoryGraph made = graph == null ? graphs.newGraph(piece.graph(), now) : graph;
    if (made.discarded || !fits(made, piece)) {
      return GraphAnswer.differs();
    }
    Optional<String> taken =
        piece.jobs().entrySet().stream()
            .flatMap(
                of ->
                    of.getValue().stream()
                        .filter(job -> isTaken(data, now, made, of.getKey(), job)))
            .map(NewJob::id)
            .findFirst();
    if (taken.isPresent()) {
      return GraphAnswer.taken(taken.get());
    }
    if (!addsUp(made, piece)) {
      return GraphAnswer.differs();
    }
    store(data, now, graphs, made, piece);
    return GraphAnswer.stored();
  }

  /** Whether a piece goes with what is stored. */
  boolean fits(InMemoryGraph graph, GraphPiece piece) {
    Set<String> names = new HashSet<>(graph.parts.keySet());
    for (GraphPart part : piece.parts()) {
      InMemoryGraph.Part stored = graph.parts.get(part.name());
      if (stored == null
          ? !names.containsAll(part.after().keySet())
          : !stored.definition.equals(part)) {
        return false;
      }
      names.add(part.name());
    }
    return names.containsAll(piece.jobs().keySet());
  }

  /** Whether all is there with a piece, if it is the last one. */
  boolean addsUp(InMemoryGraph graph, GraphPiece piece) {
    Set<String> names = new HashSet<>(graph.parts.keySet());
    piece.parts().forEach(part -> names.add(part.name()));
    Set<String> ids = new HashSet<>(graph.ids());
    piece.allJobs().forEach(job -> ids.add(job.id()));
    GraphPiece.Total total = piece.total();
    return total == null || (total.parts() == names.size() && total.jobs() == ids.size());
  }

  boolean isTaken(InMemoryData data, Instant now, InMemoryGraph graph, String part, NewJob job) {
    InMemoryGraph.Part stored = graph.parts.get(part);
    return (stored == null || !stored.ids.contains(job.id()))
        && InMemoryJobQueue.taken(data, now, job).isPresent();
  }

  void store(
      InMemoryData data,
      Instant now,
      InMemoryGraphs graphs,
      InMemoryGraph graph,
      GraphPiece piece) {
    graphs.graphs.put(graph.id, graph);
    graph.lastPieceAt = now;
    piece
        .parts()
        .forEach(
            part -> graph.parts.computeIfAbsent(part.name(), name -> new InMemoryGraph.Part(part)));
    piece
        .jobs()
        .forEach(
            (name, jobs) -> {
              InMemoryGraph.Part part = graph.part(name);
              for (NewJob job : jobs) {
                if (!part.ids.contains(job.id())) {
                  part.ids.add(job.id());
                  InMemoryJob stored = data.newJob(job, now);
                  stored.join(graph.id, part);
                  data.add(stored);
                  data.keepKey(stored);
                }
              }
            });
    graph.complete = piece.total() != null;
    data.admitAll(piece.queue(), now);
    data.wake(piece.queue());
  }

  @Override
  public int discard(String queue, String graph, int limit) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    Limits.limit(limit);
    return session.run((data, now) -> data.graphs(queue).discard(graph, limit));
  }

  @Override
  public Optional<GraphState> find(String queue, String graph) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    return session.run(
        (data, now) -> found(data, queue, graph).map(each -> each.state(queue, now)));
  }

  private static Optional<InMemoryGraph> found(InMemoryData data, String queue, String graph) {
    return Optional.ofNullable(data.graphs(queue).graphs.get(graph));
  }

  @Override
  public PartPage parts(String queue, String graph, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    if (after != null) {
      Limits.name("after", after);
    }
    Limits.limit(limit);
    return session.run(
        (data, now) -> {
          List<InMemoryGraph.Part> parts =
              found(data, queue, graph)
                  .map(each -> List.copyOf(each.parts.values()))
                  .orElse(List.of());
          List<String> names = parts.stream().map(part -> part.definition.name()).toList();
          int from = after == null ? 0 : names.indexOf(after) + 1;
          int to = Math.min(parts.size(), from + limit);
          return PartPage.of(
              parts.subList(from, to).stream().map(InMemoryGraph.Part::state).toList(),
              to < parts.size() ? names.get(to - 1) : null);
        });
  }

  @Override
  public JobPage jobs(String queue, String graph, String part, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    Limits.name("part", part);
    int from = place(after);
    Limits.limit(limit);
    return session.run(
        (data, now) ->
            page(
                found(data, queue, graph)
                    .flatMap(each -> Optional.ofNullable(each.parts.get(part)))
                    .map(each -> jobs(data, queue, each, now))
                    .orElse(List.of()),
                from,
                limit));
  }

  @Override
  public JobPage parents(String queue, String id, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    int from = place(after);
    Limits.limit(limit);
    return session.run((data, now) -> page(parents(data, now, queue, id), from, limit));
  }

  List<Job> parents(InMemoryData data, Instant now, String queue, String id) {
    Optional<InMemoryJob> job = data.job(queue, id);
    InMemoryGraph.Part part = job.map(each -> each.part).orElse(null);
    InMemoryGraph graph = job.map(each -> data.graphs(queue).of(each)).orElse(null);
    if (part == null || graph == null) {
      return List.of();
    }
    List<Job> parents = new ArrayList<>();
    for (Map.Entry<String, OnFailure> edge : part.definition.after().entrySet()) {
      jobs(data, queue, graph.part(edge.getKey()), now).stream()
          .filter(each -> edge.getValue() != OnFailure.IGNORE || each.state() == JobState.DONE)
          .forEach(parents::add);
    }
    return parents;
  }

  List<Job> jobs(InMemoryData data, String queue, InMemoryGraph.Part part, Instant now) {
    return part.ids.stream()
        .flatMap(id -> data.job(queue, id).stream())
        .filter(job -> job.part == part)
        .map(job -> job.asOf(now))
        .toList();
  }

  JobPage page(List<Job> jobs, int from, int limit) {
    int begin = Math.min(from, jobs.size());
    int end = Math.min(jobs.size(), begin + limit);
    return JobPage.of(
        jobs.subList(begin, end), end < jobs.size() ? String.valueOf(end) : null, end - begin);
  }

  private static int place(@Nullable String after) {
    try {
      return after == null ? 0 : Integer.parseInt(after);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "after must come from a page of this store, was " + after, e);
    }
  }
}
