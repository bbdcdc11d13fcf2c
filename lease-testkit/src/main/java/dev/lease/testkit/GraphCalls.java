package dev.lease.testkit;

import dev.lease.ClaimedJob;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import dev.lease.testkit.JobCalls.Claim;
import dev.lease.testkit.JobCalls.Draft;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The calls about graphs in a random sequence. */
final class GraphCalls {

  /** How often a look claims all: the last claim may let others go by what it finishes. */
  private static final int CLAIMS = 3;

  private GraphCalls() {}

  /**
   * A part of a graph.
   *
   * @param after the parts that it waits for
   */
  record PlannedPart(String name, Map<String, OnFailure> after, List<Draft> drafts) {

    GraphPart part() {
      GraphPart part = GraphPart.of(name);
      for (Map.Entry<String, OnFailure> edge : after.entrySet()) {
        part = part.after(edge.getKey(), edge.getValue());
      }
      return part;
    }

    List<PlannedPart> simpler() {
      List<PlannedPart> all = new ArrayList<>();
      for (int i = 0; i < drafts.size(); i++) {
        List<Draft> fewer = new ArrayList<>(drafts);
        fewer.remove(i);
        all.add(new PlannedPart(name, after, fewer));
        for (Draft simple : drafts.get(i).simpler()) {
          if (simple.keepDays() == null) {
            continue;
          }
          List<Draft> same = new ArrayList<>(drafts);
          same.set(i, simple);
          all.add(new PlannedPart(name, after, same));
        }
      }
      return all;
    }
  }

  /**
   * Stores a piece of a graph.
   *
   * @param total how many parts and jobs are said to be there in all; null if it is not the last
   *     piece
   */
  record AddPiece(
      ModelQueue queue, String graph, List<PlannedPart> parts, GraphPiece.@Nullable Total total)
      implements ModelCall<JobSubject> {

    @Override
    public void run(JobSubject subject, Observation seen) {
      subject.madeGraph(graph);
      GraphPiece.Builder builder = GraphPiece.builder(subject.queueName(queue), graph);
      List<NewJob> batch = new ArrayList<>();
      for (PlannedPart planned : parts) {
        builder.part(planned.part());
        for (Draft draft : planned.drafts()) {
          NewJob job = draft.job(subject);
          if (!isStored(subject, job)) {
            batch.add(job);
          }
          builder.job(planned.name(), job);
        }
      }
      if (total != null) {
        builder.last(total.parts(), total.jobs());
      }
      GraphAnswer answer = subject.graphs().add(builder.build());
      seen.add(subject.answer(), "%1$s", answer);
      if (answer.kind() == GraphAnswer.Kind.STORED) {
        // One that was deleted before its graph was complete does not come back [Q78].
        batch.stream()
            .filter(job -> isStored(subject, job))
            .forEach(job -> subject.made(queue, job));
      }
    }

    private static boolean isStored(JobSubject subject, NewJob job) {
      return subject.jobs().find(job.queue(), job.id()).isPresent();
    }

    @Override
    public List<AddPiece> simpler() {
      List<AddPiece> all = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        for (PlannedPart simple : parts.get(i).simpler()) {
          List<PlannedPart> same = new ArrayList<>(parts);
          same.set(i, simple);
          int jobs = same.stream().mapToInt(part -> part.drafts().size()).sum();
          GraphPiece.@Nullable Total sum =
              total == null ? null : new GraphPiece.Total(parts.size(), jobs);
          all.add(new AddPiece(queue, graph, same, sum));
        }
      }
      return all;
    }
  }

  record Discard(ModelQueue queue, String graph) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) {
      int answer = subject.graphs().discard(subject.queueName(queue), graph, JobSubject.ALL);
      seen.add(subject.answer(), "%1$s", answer);
    }
  }

  /**
   * Makes a call, then claims all and gives it back: a store may leave what waits for a job that
   * has ended until somebody looks [Q74].
   */
  record AndLook(ModelCall<JobSubject> call) implements ModelCall<JobSubject> {
    @Override
    public void run(JobSubject subject, Observation seen) throws Exception {
      call.run(subject, seen);
      for (ModelQueue queue : ModelQueue.values()) {
        List<ClaimedJob> claimed = new ArrayList<>();
        for (int i = 0; i < CLAIMS; i++) {
          claimed.addAll(new Claim(queue, JobSubject.ALL, 1).all(subject, seen));
        }
        List<Settlement> batch =
            claimed.stream()
                .map(job -> SettlementKind.RELEASED.of(job.lease(), "", Duration.ZERO))
                .toList();
        if (!batch.isEmpty()) {
          var answer = subject.jobs().settle(batch);
          JobCalls.Settle.took(subject, subject.answer(), batch, answer, seen);
        }
      }
    }

    @Override
    public List<AndLook> simpler() {
      return call.simpler().stream().map(AndLook::new).toList();
    }
  }
}
