package dev.lease.testkit;

import dev.lease.testkit.GraphEndsModel.Defect;
import dev.lease.testkit.GraphEndsState.At;
import dev.lease.testkit.GraphEndsState.Job;
import dev.lease.testkit.GraphEndsState.Kind;
import dev.lease.testkit.GraphEndsState.Open;
import dev.lease.testkit.GraphEndsState.PartRow;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The steps from one state to the next. A statement sees what was committed when it began, and what
 * a transaction changes is seen when it commits. A claim that comes to a row which another has
 * locked leaves it to a later one. Anything may be cut off between two steps: a transaction is
 * rolled back. That a worker dies is no step: then another one runs its job.
 */
record GraphEndsSteps(
    GraphEndsModel model, GraphEndsState state, BiConsumer<Supplier<String>, GraphEndsState> next) {

  /** Makes each step that can come next. */
  void all() {
    for (int j = 0; j < state.jobs.length; j++) {
      if (!state.isLocked(j)) {
        ofJob(j);
      }
    }
    boolean needsNoLock =
        model.has(Defect.TWO_AT_ONCE) || model.has(Defect.LOCKS_AND_LOOKS_IN_ONE_STATEMENT);
    if (!state.events.isEmpty() && (needsNoLock || state.isGraphFree())) {
      Open resolve = open(Kind.RESOLVE, 0, Job.DONE);
      resolve.at = At.LOOK;
      resolve.hasGraph = !needsNoLock;
      begin(resolve);
    }
    if (state.hasArrival) {
      arrive();
    }
    for (int t = 0; t < state.open.size(); t++) {
      goOn(t);
      int number = t;
      step(t, "is rolled back", (now, it) -> now.open.remove(number));
    }
  }

  private void ofJob(int j) {
    Job job = state.jobs[j];
    if (job == Job.RUNS) {
      begin(open(Kind.END, j, Job.DONE));
      if (state.partOf[j] >= 0) {
        begin(open(Kind.END, j, Job.FAILED));
      }
    } else if (!job.hasEnded() && model.cancels()) {
      begin(open(Kind.END, j, Job.CANCELLED));
    } else if (job.hasFailed() && state.canRequeue()) {
      begin(open(Kind.REQUEUE, j, Job.WAITS));
    }
  }

  private static Open open(Kind kind, int job, Job to) {
    Open made = new Open();
    made.kind = kind;
    made.job = job;
    made.to = to;
    return made;
  }

  private void begin(Open transaction) {
    if (state.open.size() < model.mostOpen()) {
      step(() -> words(transaction) + " begins", now -> now.open.add(transaction));
    }
  }

  private void step(Supplier<String> what, Consumer<GraphEndsState> change) {
    GraphEndsState now = state.copy();
    change.accept(now);
    next.accept(what, now);
  }

  private void step(int t, String what, BiConsumer<GraphEndsState, Open> change) {
    step(() -> words(state.open.get(t)) + " " + what, now -> change.accept(now, now.open.get(t)));
  }

  /** What claims do with keys, in one step: how they do it is in another model. */
  private void arrive() {
    boolean isTaken = Arrays.asList(state.jobs).contains(Job.RUNS);
    int[] shelf =
        IntStream.range(0, state.jobs.length).filter(j -> state.jobs[j] == Job.SHELF).toArray();
    if (isTaken || shelf.length == 0) {
      step(() -> "nothing arrives", now -> now.hasArrival = false);
      return;
    }
    for (int j : shelf) {
      if (!state.isLocked(j)) {
        step(
            () -> state.nameOfJob(j) + " gets a slot",
            now -> {
              now.hasArrival = false;
              now.jobs[j] = Job.RUNS;
            });
      }
    }
  }

  private void goOn(int t) {
    Open it = state.open.get(t);
    switch (it.at) {
      case LOOK -> step(t, "looks", this::look);
      case LOCK -> {
        if (state.isGraphFree()) {
          step(
              t,
              "locks the graph",
              (now, own) -> {
                own.hasGraph = true;
                own.at = At.COMMIT;
              });
        }
      }
      case COMMIT -> {
        if (it.kind == Kind.RESOLVE) {
          step(t, "commits", this::resolve);
        } else {
          step(t, "commits", this::commit);
        }
      }
    }
  }

  private void commit(GraphEndsState now, Open it) {
    now.open.remove(it);
    int part = now.partOf[it.job];
    if (it.kind == Kind.NOTE) {
      note(now, it.job, it.to);
      return;
    }
    now.hasArrival |= model.isKeyed() && now.jobs[it.job] == Job.RUNS;
    now.jobs[it.job] = it.to;
    if (it.kind == Kind.REQUEUE) {
      now.requeues--;
      if (!model.has(Defect.REQUEUE_LEAVES_NO_EVENT)) {
        now.addEvent(GraphEndsState.again(it.job));
      }
      if (!now.isOverBefore(part, now.bits(Job::hasEnded))) {
        now.open.forEach(
            each ->
                each.mustWait |= each.kind == Kind.RESOLVE && each.at != At.LOOK ? 1 << it.job : 0);
      }
    } else if (part >= 0 && model.has(Defect.EVENT_COMES_LATER)) {
      now.open.add(open(Kind.NOTE, it.job, it.to));
    } else if (part >= 0) {
      note(now, it.job, it.to);
    }
  }

  private void note(GraphEndsState now, int job, Job to) {
    int part = now.partOf[job];
    if (to == Job.DONE) {
      now.addEvent(GraphEndsState.done(part));
    } else if (to != Job.CANCELLED || !model.has(Defect.CANCEL_LEAVES_NO_EVENT)) {
      now.addEvent(GraphEndsState.failed(part));
    }
  }

  /** Takes the events, and sees what is committed of the parts. */
  private void look(GraphEndsState now, Open it) {
    it.taken = List.copyOf(now.events);
    it.seen = Arrays.stream(now.rows).map(PartRow::copy).toArray(PartRow[]::new);
    it.ended = now.bits(Job::hasEnded);
    it.failed = now.bits(Job::hasFailed);
    it.at = model.has(Defect.LOCKS_AND_LOOKS_IN_ONE_STATEMENT) ? At.LOCK : At.COMMIT;
    if (model.has(Defect.EVENTS_GO_BEFORE_THEY_COUNT)) {
      now.events.clear();
    }
  }

  private void resolve(GraphEndsState now, Open it) {
    now.open.remove(it);
    new GraphEndsResolution(model, now, it).run();
  }

  private String words(Open it) {
    String what = it.kind.name().toLowerCase(Locale.ROOT);
    return it.kind == Kind.RESOLVE
        ? what
        : what + " of " + state.nameOfJob(it.job) + " -> " + it.to;
  }
}
