package dev.lease.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A state of {@link GraphEndsModel}: what is committed, and the transactions that are open. Copied
 * before each step.
 */
@SuppressWarnings("EnumOrdinal") // A code is made of small numbers, and lives no longer than a run.
final class GraphEndsState {

  /** What is committed of a job. */
  enum Job {
    WAITS,
    /** Let go, and without a slot of its key. */
    SHELF,
    /** Can be claimed, or is held. */
    RUNS,
    DONE,
    FAILED,
    CANCELLED,
    /** Cancelled since a part before it failed. */
    SPOILED;

    boolean hasEnded() {
      return compareTo(DONE) >= 0;
    }

    boolean hasFailed() {
      return compareTo(FAILED) >= 0;
    }
  }

  enum Stage {
    WAITS,
    RUNS,
    CANCELLED,
    /** Its jobs were cancelled, and are to wait again. */
    TAKEN_BACK
  }

  /** What a step has done that no step may do. */
  enum Wrong {
    NOTHING,
    EARLY,
    AGAIN,
    ALTHOUGH_ONE_FAILED,
    ALTHOUGH_NONE_FAILED
  }

  enum Kind {
    /** Ends a job. */
    END,
    REQUEUE,
    /** Stores the event of a job that has ended, where that is not done with its end. */
    NOTE,
    /** A claim that adds the events to the parts, and lets jobs go. */
    RESOLVE
  }

  enum At {
    LOCK,
    LOOK,
    COMMIT
  }

  /** What is committed of a part; failed are also those that were cancelled. */
  static final class PartRow implements Cloneable {
    Stage stage = Stage.WAITS;
    boolean todo;
    int moved;
    int done;
    int failed;
    int waits;
    int spoiled;

    boolean isOver(int jobs) {
      return (stage == Stage.RUNS || stage == Stage.CANCELLED) && !todo && done + failed == jobs;
    }

    void enter(Stage next) {
      stage = next;
      moved = 0;
      todo = true;
    }

    PartRow copy() {
      try {
        return (PartRow) clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e);
      }
    }

    private void write(StringBuilder code) {
      code.append((char) (stage.ordinal() * 2 + (todo ? 1 : 0))).append((char) moved);
      code.append((char) done).append((char) failed).append((char) waits).append((char) spoiled);
    }

    private static PartRow read(Reader code) {
      var made = new PartRow();
      int first = code.next();
      made.stage = Stage.values()[first / 2];
      made.todo = first % 2 == 1;
      made.moved = code.next();
      made.done = code.next();
      made.failed = code.next();
      made.waits = code.next();
      made.spoiled = code.next();
      return made;
    }
  }

  /**
   * An event, by its number: a job of a part is done, or has failed, or a job runs again, or it
   * does and was counted, or there is more to do.
   */
  static final int MORE = 0;

  static int done(int part) {
    return 1 + 4 * part;
  }

  static int failed(int part) {
    return 2 + 4 * part;
  }

  static int again(int job) {
    return 3 + 4 * job;
  }

  static int later(int job) {
    return 4 + 4 * job;
  }

  /** An open transaction. */
  static final class Open {
    Kind kind = Kind.END;
    At at = At.COMMIT;
    int job;
    Job to = Job.DONE;
    boolean hasGraph;

    /** The events that a look has taken, and what it saw of the parts. */
    List<Integer> taken = List.of();

    PartRow[] seen = {};

    /** The jobs that had ended when it looked, and those that had failed, as bits. */
    int ended;

    int failed;

    /** The jobs that were requeued since it looked, when a part before them had not ended. */
    int mustWait;

    boolean locks(int j) {
      return (kind == Kind.END || kind == Kind.REQUEUE) && job == j;
    }

    private String code() {
      var code = new StringBuilder();
      code.append((char) ((kind.ordinal() * 3 + at.ordinal()) * 2 + (hasGraph ? 1 : 0)));
      code.append((char) job).append((char) to.ordinal());
      code.append((char) ended).append((char) failed).append((char) mustWait);
      code.append((char) taken.size());
      taken.forEach(event -> code.append((char) event.intValue()));
      code.append((char) seen.length);
      Arrays.stream(seen).forEach(row -> row.write(code));
      return code.toString();
    }

    private static Open read(Reader code) {
      var made = new Open();
      int first = code.next();
      made.hasGraph = first % 2 == 1;
      made.at = At.values()[first / 2 % 3];
      made.kind = Kind.values()[first / 6];
      made.job = code.next();
      made.to = Job.values()[code.next()];
      made.ended = code.next();
      made.failed = code.next();
      made.mustWait = code.next();
      made.taken = events(code);
      made.seen = new PartRow[code.next()];
      Arrays.setAll(made.seen, p -> PartRow.read(code));
      return made;
    }
  }

  /** Reads a code, character by character. */
  private static final class Reader {
    private final String code;
    private int at;

    Reader(String code) {
      this.code = code;
    }

    int next() {
      return code.charAt(at++);
    }
  }

  private final GraphEndsModel model;
  final Job[] jobs;
  final PartRow[] rows;

  /** The part of each job; -1 for a job of no graph. */
  final int[] partOf;

  List<Integer> events = new ArrayList<>();
  boolean hasArrival;
  int requeues;
  Wrong wrong = Wrong.NOTHING;
  final List<Open> open = new ArrayList<>();

  /** The graph has just been completed: its first parts run. */
  GraphEndsState(GraphEndsModel model) {
    this.model = model;
    this.requeues = model.requeues();
    this.hasArrival = model.isKeyed();
    List<GraphEndsModel.Part> parts = model.parts();
    int[] of =
        IntStream.range(0, parts.size())
            .flatMap(p -> IntStream.range(0, parts.get(p).jobs()).map(i -> p))
            .toArray();
    partOf = model.isKeyed() ? Arrays.copyOf(of, of.length + 1) : of;
    jobs = new Job[partOf.length];
    rows = new PartRow[parts.size()];
    for (int p = 0; p < rows.length; p++) {
      rows[p] = new PartRow();
      rows[p].waits = parts.get(p).after().size();
      if (rows[p].waits == 0) {
        rows[p].stage = Stage.RUNS;
        rows[p].moved = parts.get(p).jobs();
      }
    }
    for (int j = 0; j < of.length; j++) {
      Job first = model.isKeyed() ? Job.SHELF : Job.RUNS;
      jobs[j] = rows[partOf[j]].stage == Stage.RUNS ? first : Job.WAITS;
    }
    if (model.isKeyed()) {
      partOf[of.length] = -1;
      jobs[of.length] = Job.RUNS;
    }
  }

  IntStream jobsOf(int part) {
    return IntStream.range(0, jobs.length).filter(j -> partOf[j] == part);
  }

  int bits(Predicate<Job> is) {
    return IntStream.range(0, jobs.length)
        .filter(j -> is.test(jobs[j]))
        .reduce(0, (bits, j) -> bits | 1 << j);
  }

  /** Whether all parts before a part are over, if those jobs have ended. */
  boolean isOverBefore(int part, int ended) {
    return model.parts().get(part).after().stream()
        .allMatch(p -> jobsOf(p).allMatch(j -> (ended & 1 << j) != 0) && isOverBefore(p, ended));
  }

  boolean isLocked(int j) {
    return open.stream().anyMatch(each -> each.locks(j));
  }

  boolean canRequeue() {
    return open.stream().filter(each -> each.kind == Kind.REQUEUE).count() < requeues;
  }

  boolean isGraphFree() {
    return open.stream().noneMatch(each -> each.hasGraph);
  }

  void addEvent(int event) {
    events.add(event);
    Collections.sort(events);
  }

  String nameOf(int part) {
    return "" + (char) ('a' + part);
  }

  String nameOfJob(int j) {
    if (partOf[j] < 0) {
      return "the other job";
    }
    return nameOf(partOf[j]) + (j - jobsOf(partOf[j]).findFirst().orElseThrow());
  }

  GraphEndsState copy() {
    return of(code(open.stream().map(Open::code)));
  }

  /** The order of the transactions does not matter. */
  String code() {
    return code(open.stream().map(Open::code).sorted());
  }

  private String code(Stream<String> transactions) {
    var code = new StringBuilder();
    Arrays.stream(jobs).forEach(job -> code.append((char) job.ordinal()));
    Arrays.stream(rows).forEach(row -> row.write(code));
    code.append((char) events.size());
    events.forEach(event -> code.append((char) event.intValue()));
    code.append((char) (hasArrival ? 1 : 0)).append((char) requeues).append((char) wrong.ordinal());
    transactions.forEach(code::append);
    return code.toString();
  }

  GraphEndsState of(String text) {
    var made = new GraphEndsState(model);
    var code = new Reader(text);
    Arrays.setAll(made.jobs, j -> Job.values()[code.next()]);
    Arrays.setAll(made.rows, p -> PartRow.read(code));
    made.events = events(code);
    made.hasArrival = code.next() == 1;
    made.requeues = code.next();
    made.wrong = Wrong.values()[code.next()];
    while (code.at < text.length()) {
      made.open.add(Open.read(code));
    }
    return made;
  }

  private static List<Integer> events(Reader code) {
    List<Integer> made = new ArrayList<>();
    for (int left = code.next(); left > 0; left--) {
      made.add(code.next());
    }
    return made;
  }
}
