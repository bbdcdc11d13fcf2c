package dev.lease.console;

import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobGraphs;
import dev.lease.JobPage;
import dev.lease.PartPage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A graph: how far its parts are, what waits for what, and the jobs of a part. */
final class GraphHandler {

  private static final int PARTS = 100;

  /** A store has no brief form of these: a job may have a payload and a result of 1 MiB each. */
  private static final int JOBS = 20;

  private final Store store;

  GraphHandler(Store store) {
    this.store = store;
  }

  void show(Visit visit) {
    String queue = visit.name("queue");
    String graph = visit.name("graph");
    JobGraphs graphs = store.backend().jobGraphs();
    GraphState state = graphs.find(queue, graph).orElseThrow(GraphHandler::none);
    PartPage page = graphs.parts(queue, graph, visit.exact("after"), PARTS);
    visit.show("graph", "Graph " + graph, Map.of("state", state, "page", page));
  }

  void part(Visit visit) {
    String queue = visit.name("queue");
    String graph = visit.name("graph");
    String part = visit.name("part");
    JobGraphs graphs = store.backend().jobGraphs();
    GraphState state = graphs.find(queue, graph).orElseThrow(GraphHandler::none);
    JobPage page = graphs.jobs(queue, graph, part, visit.exact("after"), JOBS);
    Curtain curtain = Curtain.of(store, visit.viewer());
    List<Job> jobs = page.jobs().stream().map(curtain::job).toList();
    Map<String, Object> all = new HashMap<>(Map.of("state", state, "part", part, "jobs", jobs));
    all.put("next", page.next());
    visit.show("part", "Part " + part, all);
  }

  private static Refusal none() {
    return new Refusal(404, "There is no such graph, or no longer.");
  }
}
