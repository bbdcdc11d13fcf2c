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
import dev.lease.testkit.JobCalls.SettleAndClaim;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The calls of a model of jobs, of which some are in graphs [Q47]. */
final class GraphModel extends ModelCheck<JobSubject> {

  private static final List<String> GRAPHS = List.of("g", "h");

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
      return new AndLook(piece(random, enqueue, graph(random, reference)));
    }
    if (call instanceof SettleAndClaim both) {
      // What the settlements let go may come with the next claim [Q74].
      return new AndLook(both.settle());
    }
    // Whether a claim of a paused queue lets jobs go is left open.
    return new AndLook(
        call instanceof Pause pause ? new Discard(pause.queue(), graph(random, reference)) : call);
  }

  /**
   * One of few for each day: for how much longer a store knows a graph that has ended is left open.
   */
  private static String graph(Random random, JobSubject reference) {
    return one(random, GRAPHS) + reference.time.now().getEpochSecond() / 86_400;
  }

  /** The jobs of an enqueue as parts of a graph, each of which waits for some of those before. */
  private static AddPiece piece(Random random, Enqueue enqueue, String graph) {
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
          // How much longer it is kept for its graph than it says is left open [Q77].
          drafts.add(draft.withKeep(JobModel.LONGER_THAN_A_SEQUENCE));
          jobs++;
        }
      }
      parts.add(new PlannedPart("p" + i, after, drafts));
    }
    GraphPiece.@Nullable Total total =
        random.nextInt(5) == 0 ? null : new GraphPiece.Total(count, jobs);
    return new AddPiece(queue, graph, parts, total);
  }

  private static <T> T one(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
