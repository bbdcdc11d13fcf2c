package dev.lease.testkit;

import dev.lease.GraphPiece;
import dev.lease.OnFailure;
import dev.lease.testkit.AdminCalls.Pause;
import dev.lease.testkit.GraphCalls.AddPiece;
import dev.lease.testkit.GraphCalls.AndLook;
import dev.lease.testkit.GraphCalls.Discard;
import dev.lease.testkit.GraphCalls.PlannedPart;
import dev.lease.testkit.JobCalls.Draft;
import dev.lease.testkit.JobCalls.Enqueue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** The calls of a model of jobs, of which some are in graphs [Q47]. */
final class GraphModel extends ModelCheck<JobSubject> {

  static final List<String> GRAPHS = List.of("g", "h");

  private static final int MOST_PARTS = 4;

  private final JobModel calls;

  GraphModel(JobModel calls) {
    this.calls = calls;
  }

  @Override
  JobSubject reference() {
    return calls.reference().withGraphs();
  }

  @Override
  JobSubject tested(JobSubject reference, boolean isThorough) {
    return calls.tested(reference, isThorough).withGraphs();
  }

  @Override
  boolean hasFollowed(JobSubject reference, JobSubject tested) {
    return calls.hasFollowed(reference, tested);
  }

  @Override
  List<String> beginning() {
    return calls.beginning();
  }

  @Override
  ModelCall<JobSubject> next(Random random, JobSubject reference) {
    ModelCall<JobSubject> call = calls.next(random, reference);
    if (call instanceof Enqueue enqueue && random.nextInt(3) > 0) {
      return new AndLook(piece(random, enqueue));
    }
    // Whether a claim of a paused queue lets jobs go is left open.
    return new AndLook(
        call instanceof Pause pause ? new Discard(pause.queue(), one(random, GRAPHS)) : call);
  }

  /** The jobs of an enqueue as parts of a graph, each of which waits for some of those before. */
  private static AddPiece piece(Random random, Enqueue enqueue) {
    ModelQueue queue = enqueue.drafts().get(0).queue();
    List<PlannedPart> parts = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    Set<String> keys = new HashSet<>();
    int jobs = 0;
    int count = 1 + random.nextInt(MOST_PARTS);
    for (int i = 0; i < count; i++) {
      Map<String, OnFailure> after = new LinkedHashMap<>();
      for (PlannedPart before : parts) {
        if (random.nextBoolean()) {
          after.put(before.name(), one(random, List.of(OnFailure.values())));
        }
      }
      List<Draft> drafts = new ArrayList<>();
      for (int number = i; number < enqueue.drafts().size(); number += count) {
        Draft draft = enqueue.drafts().get(number);
        boolean isNew =
            draft.queue() == queue
                && ids.add(draft.id())
                && (draft.dedupKey() == null || keys.add(draft.dedupKey()));
        if (isNew) {
          drafts.add(draft);
          jobs++;
        }
      }
      parts.add(new PlannedPart("p" + i, after, drafts));
    }
    GraphPiece.Total total = random.nextInt(5) == 0 ? null : new GraphPiece.Total(count, jobs);
    return new AddPiece(queue, one(random, GRAPHS), parts, total);
  }

  private static <T> T one(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
