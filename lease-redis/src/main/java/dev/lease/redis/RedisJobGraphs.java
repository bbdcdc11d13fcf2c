package dev.lease.redis;

import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobGraphs;
import dev.lease.JobPage;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.PartPage;
import dev.lease.PartState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Graphs of jobs. The scripts keep them, see lua/lib/graphs.lua. */
final class RedisJobGraphs implements JobGraphs {

  /** What stands for a number that there is not. */
  private static final int NONE = -1;

  /** The stages of a part that are told apart, as lua/lib/graphs.lua has them. */
  private static final int RUNS = 1;

  private static final int SPOILED = 2;

  /** Stands between the numbers of a place. */
  private static final String COLON = ":";

  private final ScriptRunner runner;
  private final QueueNames queues;

  RedisJobGraphs(ScriptRunner runner, QueueNames queues) {
    this.runner = runner;
    this.queues = queues;
  }

  @Override
  public GraphAnswer add(GraphPiece piece) {
    List<String> args = args(Limits.notNull("piece", piece));
    runner.checkOpen();
    return runner.inOneCall(
        () -> {
          queues.write(List.of(piece.queue()));
          Reply reply = run("store a piece of a graph", Script.ADD_PIECE, piece.queue(), args);
          return switch (GraphAnswer.Kind.valueOf(reply.text())) {
            case STORED -> GraphAnswer.stored();
            case COMPLETE -> GraphAnswer.complete();
            case TAKEN -> GraphAnswer.taken(reply.text());
            case DIFFERS -> GraphAnswer.differs();
          };
        });
  }

  private static List<String> args(GraphPiece piece) {
    GraphPiece.Total total = piece.total();
    List<String> args = new ArrayList<>();
    args.add(piece.graph());
    add(args, total == null ? NONE : total.parts());
    add(args, total == null ? NONE : total.jobs());
    add(args, piece.parts().size());
    add(args, piece.jobs().size());
    for (GraphPart part : piece.parts()) {
      args.add(part.name());
      add(args, part.after().size());
      part.after()
          .forEach(
              (parent, onFailure) -> {
                args.add(policy(onFailure));
                args.add(parent);
              });
    }
    piece
        .jobs()
        .forEach(
            (part, jobs) -> {
              args.add(part);
              add(args, jobs.size());
            });
    for (NewJob job : piece.allJobs()) {
      RedisJobQueue.args(job, args);
    }
    return args;
  }

  private static void add(List<String> args, int number) {
    args.add(Integer.toString(number));
  }

  private static String policy(OnFailure onFailure) {
    return switch (onFailure) {
      case CANCEL -> "c";
      case RUN -> "r";
      case IGNORE -> "i";
    };
  }

  private static OnFailure policy(String text) {
    return switch (text) {
      case "c" -> OnFailure.CANCEL;
      case "r" -> OnFailure.RUN;
      default -> OnFailure.IGNORE;
    };
  }

  @Override
  public int discard(String queue, String graph, int limit) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    Limits.limit(limit);
    runner.checkOpen();
    return runner.inOneCall(
        () -> {
          String what = "discard a graph";
          Reply reply = runner.run(what, runner.onQueue(queue, Script.DISCARD_GRAPH, graph, limit));
          int removed = reply.integer();
          while (reply.number() == 1 && removed < limit) {
            reply =
                runner.goOn(
                    what, runner.onQueue(queue, Script.DISCARD_GRAPH, graph, limit - removed));
            removed += reply.integer();
          }
          return removed;
        });
  }

  @Override
  public Optional<GraphState> find(String queue, String graph) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    Reply reply = run("find a graph", Script.FIND_GRAPH, queue, List.of(graph));
    long now = reply.number();
    return reply.hasMore() ? Optional.of(state(queue, graph, now, reply)) : Optional.empty();
  }

  private static GraphState state(String queue, String graph, long now, Reply reply) {
    boolean complete = reply.number() == 1;
    int parts = reply.integer();
    int jobs = reply.integer();
    int done = reply.integer();
    int failed = reply.integer();
    int cancelled = reply.integer();
    return GraphState.builder(queue, graph, Micros.instant(reply.number()), Micros.instant(now))
        .complete(complete)
        .size(parts, jobs)
        .ended(done, failed, cancelled)
        .build();
  }

  @Override
  public PartPage parts(String queue, String graph, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    String first = after == null ? "" : Limits.name("after", after);
    Limits.limit(limit);
    Reply reply =
        run(
            "list the parts of a graph",
            Script.LIST_PARTS,
            queue,
            List.of(graph, first, Integer.toString(limit)));
    String next = reply.text();
    List<PartState> parts = new ArrayList<>();
    while (reply.hasMore()) {
      parts.add(part(reply.part()));
    }
    return PartPage.of(parts, next.isEmpty() ? null : next);
  }

  private static PartState part(Reply reply) {
    GraphPart part = GraphPart.of(reply.text());
    int stage = reply.integer();
    int jobs = reply.integer();
    int done = reply.integer();
    int failed = reply.integer();
    int cancelled = reply.integer();
    Reply parents = reply.part();
    while (parents.hasMore()) {
      OnFailure onFailure = policy(parents.text());
      part = part.after(parents.text(), onFailure);
    }
    return PartState.of(part, stage(stage), jobs, done, failed, cancelled);
  }

  private static PartState.Stage stage(int stage) {
    return switch (stage) {
      case RUNS -> PartState.Stage.RUNNING;
      case SPOILED -> PartState.Stage.CANCELLED;
      default -> PartState.Stage.WAITING;
    };
  }

  @Override
  public JobPage jobs(String queue, String graph, String part, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    Limits.name("graph", graph);
    Limits.name("part", part);
    return page("list the jobs of a part", queue, List.of("part", graph, part), after, limit);
  }

  @Override
  public JobPage parents(String queue, String id, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return page("list the parents of a job", queue, List.of("parents", "", id), after, limit);
  }

  private JobPage page(
      String what, String queue, List<String> which, @Nullable String after, int limit) {
    List<String> args = new ArrayList<>(which);
    args.addAll(place(after));
    add(args, Limits.limit(limit));
    Reply reply = run(what, Script.LIST_MEMBERS, queue, args);
    long now = reply.number();
    int part = reply.integer();
    int job = reply.integer();
    int seen = reply.integer();
    List<Job> jobs = new ArrayList<>();
    while (reply.hasMore()) {
      jobs.add(JobCodec.job(queue, now, reply.part()));
    }
    return JobPage.of(jobs, part == NONE ? null : part + COLON + job, seen);
  }

  /** The numbers of the part and of the job in it with which a page begins. */
  private static List<String> place(@Nullable String after) {
    if (after == null) {
      return List.of("0", "0");
    }
    if (!after.matches("\\d{1,9}" + COLON + "\\d{1,10}")) {
      throw new IllegalArgumentException("after must come from a page of this store, was " + after);
    }
    int colon = after.indexOf(COLON);
    return List.of(after.substring(0, colon), after.substring(colon + 1));
  }

  private Reply run(String what, Script script, String queue, List<String> args) {
    return runner.run(what, runner.onQueue(queue, script, args));
  }
}
