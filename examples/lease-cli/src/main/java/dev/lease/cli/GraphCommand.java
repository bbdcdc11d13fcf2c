package dev.lease.cli;

import dev.lease.GraphState;
import dev.lease.Limits;
import dev.lease.OnFailure;
import dev.lease.PartState;
import dev.lease.examples.shared.Table;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows how far a graph is. */
@Command(
    name = "graph",
    description = {
      "Shows how far a graph of jobs is, part by part.",
      "A part stands under the last one of those that it comes after; AFTER names all of them.",
      "LEFT are the jobs that have not ended."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class GraphCommand extends StoreCommand {

  /** Further in, a line has no room left for the rest. */
  private static final int DEEPEST = 10;

  /** How many parts are shown unless told otherwise. */
  private static final int PARTS = 50;

  @Parameters(paramLabel = "GRAPH", description = "the id of the graph")
  private String id;

  @Mixin private QueueOption queue;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "the most parts that are shown, the first ones (50; with --json all)")
  private @Nullable Integer limit;

  @Override
  void check() {
    if (limit != null) {
      Limits.between("--limit", limit, 1, Integer.MAX_VALUE);
    }
  }

  @Override
  boolean run(OpenStore store, Output out) {
    List<GraphState> graphs =
        store
            .queues(queue.queue())
            .flatMap(each -> store.graphs().find(each, id).stream())
            .toList();
    int most = limit != null ? limit : out.isJson() ? Integer.MAX_VALUE : PARTS;
    for (GraphState graph : graphs) {
      List<PartState> parts = Subtree.parts(store.graphs(), graph.queue(), id, most);
      if (out.isJson()) {
        out.json(Documents.of(graph));
        parts.forEach(part -> out.json(Documents.of(part)));
      } else {
        print(graph, parts, most, out);
      }
    }
    if (graphs.isEmpty()) {
      out.say("Graph " + id + " " + NamedJobs.missing(queue.queue()) + ".");
    }
    return !graphs.isEmpty();
  }

  private static void print(GraphState graph, List<PartState> parts, int most, Output out) {
    out.say(
        "Graph %s of queue %s: parts %d, jobs %d, done %d, failed %d, cancelled %d, left %d."
            .formatted(
                graph.id(),
                graph.queue(),
                graph.parts(),
                graph.jobs(),
                graph.done(),
                graph.failed(),
                graph.cancelled(),
                graph.left()));
    if (!graph.complete()) {
      out.say(
          "Not all of it is stored yet, and until then none of its jobs runs. If nothing is added"
              + " for an hour, it is removed.");
    }
    Table table =
        new Table("PART", "STAGE", "JOBS", "DONE", "FAILED", "CANCELLED", "LEFT", "AFTER")
            .texts("AFTER");
    PartTree.of(parts).forEach(branch -> add(branch.state(), branch.depth(), table));
    out.table(table);
    int more = graph.parts() - parts.size();
    if (more > 0 && parts.size() == most) {
      out.say("Parts that are not shown: " + more + ". To see them, raise --limit (" + most + ").");
    }
  }

  private static void add(PartState state, int depth, Table table) {
    table.row(
        "  ".repeat(Math.min(depth, DEEPEST)) + state.part().name(),
        state.stage(),
        state.jobs(),
        state.done(),
        state.failed(),
        state.cancelled(),
        state.left(),
        state.part().after().isEmpty()
            ? "-"
            : state.part().after().entrySet().stream()
                .map(GraphCommand::edge)
                .collect(Collectors.joining(", ")));
  }

  private static String edge(Map.Entry<String, OnFailure> edge) {
    return edge.getValue() == OnFailure.CANCEL
        ? edge.getKey()
        : edge.getKey() + " (" + edge.getValue() + ")";
  }
}
