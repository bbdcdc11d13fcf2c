package dev.lease.testkit;

import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A graph of a history: its parts, in their order, and how many jobs each of them has. A job is
 * called after its graph and its part.
 */
record HistoryGraph(String id, List<GraphPart> parts, List<Integer> jobs) {

  /** The key of some of the jobs, if the store has keys. */
  static final String KEY = "key";

  /** So many that none ends by that: a claim whose reply was lost would have to tell so. */
  private static final int MOST_CRASHES = 1_000;

  private static final int MOST_PARTS = 5;
  private static final int MOST_JOBS = 3;

  static HistoryGraph random(String id, Random random) {
    List<GraphPart> parts = new ArrayList<>();
    List<Integer> jobs = new ArrayList<>();
    int count = 2 + random.nextInt(MOST_PARTS - 1);
    for (int i = 0; i < count; i++) {
      GraphPart part = GraphPart.of("p" + i);
      for (GraphPart before : parts) {
        if (random.nextBoolean()) {
          OnFailure[] policies = OnFailure.values();
          part = part.after(before.name(), policies[random.nextInt(policies.length)]);
        }
      }
      parts.add(part);
      jobs.add(i == 0 ? 1 : random.nextInt(MOST_JOBS + 1));
    }
    return new HistoryGraph(id, parts, jobs);
  }

  List<String> ids() {
    return parts.stream().flatMap(part -> ids(part.name()).stream()).toList();
  }

  private List<String> ids(String part) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < jobs.get(place(part)); i++) {
      ids.add(id + "/" + part + "/" + i);
    }
    return ids;
  }

  private int place(String part) {
    return parts.stream().map(GraphPart::name).toList().indexOf(part);
  }

  private GraphPart partOf(String job) {
    return parts.stream().filter(part -> ids(part.name()).contains(job)).findFirst().orElseThrow();
  }

  /** The jobs for which the job with this id waits. */
  List<String> parents(String job) {
    return parents(partOf(job));
  }

  /** Those of them for which it is cancelled if they fail. */
  List<String> cancellers(String job) {
    return partOf(job).after().entrySet().stream()
        .filter(edge -> edge.getValue() == OnFailure.CANCEL)
        .flatMap(edge -> ids(edge.getKey()).stream())
        .toList();
  }

  /** A part without jobs has ended when those before it have. */
  private List<String> parents(GraphPart part) {
    List<String> parents = new ArrayList<>();
    for (String before : part.after().keySet()) {
      List<String> own = ids(before);
      parents.addAll(own.isEmpty() ? parents(parts.get(place(before))) : own);
    }
    return parents;
  }

  /** The first part, or the whole graph. */
  GraphPiece piece(String queue, boolean isLast, boolean hasKeys) {
    GraphPiece.Builder piece = GraphPiece.builder(queue, id);
    for (GraphPart part : isLast ? parts : parts.subList(0, 1)) {
      piece.part(part);
      for (String job : ids(part.name())) {
        NewJob.Builder made = NewJob.builder(queue, job, "kit", "").maxCrashes(MOST_CRASHES);
        piece.job(part.name(), (hasKeys && job.endsWith("0") ? made.key(KEY) : made).build());
      }
    }
    return isLast ? piece.last(parts.size(), ids().size()).build() : piece.build();
  }
}
