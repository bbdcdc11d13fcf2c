package dev.lease.testkit;

import dev.lease.testkit.GraphEndsModel.Defect;
import dev.lease.testkit.GraphEndsState.Job;
import dev.lease.testkit.GraphEndsState.Open;
import dev.lease.testkit.GraphEndsState.PartRow;
import dev.lease.testkit.GraphEndsState.Stage;
import dev.lease.testkit.GraphEndsState.Wrong;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a claim does with the events that it has taken: it adds them to the parts that it saw, tells
 * the parts after those that are over, and lets jobs go.
 */
final class GraphEndsResolution {

  private final GraphEndsModel model;
  private final GraphEndsState now;
  private final Open it;
  private final PartRow[] rows;

  /** What the parts after each of them have been told. */
  private final boolean[] toldOver;

  private final boolean[] toldFailed;

  /** Whether the next job of each of them is locked by somebody else. */
  private final boolean[] isStuck;

  GraphEndsResolution(GraphEndsModel model, GraphEndsState now, Open it) {
    this.model = model;
    this.now = now;
    this.it = it;
    this.rows = it.seen;
    toldOver = new boolean[rows.length];
    toldFailed = new boolean[rows.length];
    isStuck = new boolean[rows.length];
  }

  /** Changes the state. */
  void run() {
    for (int p = 0; p < rows.length; p++) {
      toldOver[p] = isOver(p);
      toldFailed[p] = hasFailed(p);
    }
    if (!model.has(Defect.EVENTS_GO_BEFORE_THEY_COUNT)) {
      it.taken.forEach(event -> now.events.remove(event));
    }
    it.taken.forEach(this::add);
    if (!model.has(Defect.LETS_GO_BEFORE_IT_TELLS)) {
      tellAll();
    }
    it.taken.stream()
        .filter(event -> (event > 0 && event % 4 == 0) || isAgain(event))
        .map(event -> (event - 1) / 4)
        .forEach(this::again);
    advance();
    System.arraycopy(rows, 0, now.rows, 0, rows.length);
  }

  private static boolean isAgain(int event) {
    return event % 4 == 3;
  }

  private void add(int event) {
    if (isAgain(event)) {
      rows[now.partOf[event / 4]].failed--;
    } else if (event % 4 != 0) {
      PartRow row = rows[event / 4];
      row.done += event % 4 == 1 ? 1 : 0;
      row.failed += event % 4 == 2 ? 1 : 0;
    }
  }

  private boolean isOver(int p) {
    return rows[p].isOver(model.parts().get(p).jobs());
  }

  private boolean hasFailed(int p) {
    return isOver(p) && rows[p].failed > 0 && !model.has(Defect.FORGETS_THAT_IT_FAILED);
  }

  /**
   * Lets a job go that was requeued, unless its part waits; later if somebody has locked it, or if
   * it may have to wait for another one that was requeued since the look.
   */
  private void again(int job) {
    int p = now.partOf[job];
    Stage stage = rows[p].stage;
    if (stage != Stage.RUNS && stage != Stage.CANCELLED) {
      return;
    }
    boolean mayWait =
        stage == Stage.CANCELLED
            && now.events.stream().anyMatch(GraphEndsResolution::isAgain)
            && !model.has(Defect.LETS_GO_BY_AN_OLD_EVENT);
    if (now.isLocked(job) || mayWait) {
      if (!model.has(Defect.FORGETS_WHAT_IS_LOCKED)) {
        now.addEvent(GraphEndsState.later(job));
      }
      return;
    }
    boolean mustWait = (it.mustWait & 1 << job) != 0 || !now.isOverBefore(p, it.ended);
    if (stage == Stage.CANCELLED && now.jobs[job] == Job.WAITS && mustWait) {
      now.wrong = Wrong.EARLY;
    }
    letGo(job);
  }

  private void advance() {
    int left = model.most();
    while (true) {
      tellAll();
      List<Integer> todo =
          IntStream.range(0, rows.length).filter(p -> rows[p].todo && !isStuck[p]).boxed().toList();
      if (todo.isEmpty() || left <= 0) {
        boolean hasRest = !todo.isEmpty() && !model.has(Defect.FORGETS_THE_REST);
        if (hasRest || (hasStuck() && !model.has(Defect.FORGETS_WHAT_IS_LOCKED))) {
          now.addEvent(GraphEndsState.MORE);
        }
        return;
      }
      for (int p : todo) {
        left -= left > 0 ? Math.max(1, move(p, left)) : 0;
      }
    }
  }

  private boolean hasStuck() {
    return IntStream.range(0, rows.length).anyMatch(p -> isStuck[p]);
  }

  private void tellAll() {
    for (boolean changed = true; changed; ) {
      changed = false;
      for (int q = 0; q < rows.length; q++) {
        boolean over = isOver(q);
        boolean failed = hasFailed(q);
        if (over != toldOver[q] || failed != toldFailed[q]) {
          changed = true;
          for (int p = 0; p < rows.length; p++) {
            if (model.parts().get(p).after().contains(q)) {
              tell(p, q, over, failed);
            }
          }
          toldOver[q] = over;
          toldFailed[q] = failed;
        }
      }
    }
  }

  private void tell(int p, int q, boolean over, boolean failed) {
    PartRow row = rows[p];
    row.waits += (toldOver[q] ? 1 : 0) - (over ? 1 : 0);
    if (model.parts().get(p).isCancelled()) {
      row.spoiled += (failed ? 1 : 0) - (toldFailed[q] ? 1 : 0);
    }
    if (row.stage == Stage.WAITS) {
      row.todo = row.waits == 0;
    } else if (row.stage == Stage.CANCELLED && (row.waits > 0 || row.spoiled == 0)) {
      row.enter(Stage.TAKEN_BACK);
    }
  }

  private int move(int p, int most) {
    PartRow row = rows[p];
    if (row.stage == Stage.WAITS) {
      row.enter(row.spoiled > 0 ? Stage.CANCELLED : Stage.RUNS);
      decided(p, row.stage == Stage.CANCELLED);
    }
    int size = model.parts().get(p).jobs();
    List<Integer> next = now.jobsOf(p).skip(row.moved).limit(most).boxed().toList();
    List<Integer> some = next.stream().takeWhile(j -> !now.isLocked(j)).toList();
    for (int j : some) {
      if (row.stage == Stage.RUNS) {
        letGo(j);
      } else if (row.stage == Stage.CANCELLED && now.jobs[j] == Job.WAITS) {
        now.jobs[j] = Job.SPOILED;
        it.ended |= 1 << j;
        it.failed |= 1 << j;
        row.failed++;
      } else if (row.stage == Stage.TAKEN_BACK && now.jobs[j] == Job.SPOILED) {
        now.jobs[j] = Job.WAITS;
        it.ended &= ~(1 << j);
        it.failed &= ~(1 << j);
        row.failed--;
      }
    }
    row.moved += some.size();
    if (some.size() < next.size()) {
      isStuck[p] = true;
    } else if (row.moved >= size) {
      row.todo = false;
      if (row.stage == Stage.TAKEN_BACK) {
        row.stage = Stage.WAITS;
        row.todo = row.waits == 0;
      }
    }
    return some.size();
  }

  /**
   * Asks whether what it does to a part is right by what was committed when it looked, and by what
   * it has changed since.
   */
  private void decided(int p, boolean isCancelled) {
    if (!now.isOverBefore(p, it.ended)) {
      now.wrong = Wrong.EARLY;
      return;
    }
    boolean failed =
        model.parts().get(p).isCancelled()
            && model.parts().get(p).after().stream()
                .anyMatch(q -> now.jobsOf(q).anyMatch(j -> (it.failed & 1 << j) != 0));
    if (failed != isCancelled) {
      now.wrong = failed ? Wrong.ALTHOUGH_ONE_FAILED : Wrong.ALTHOUGH_NONE_FAILED;
    }
  }

  private void letGo(int j) {
    if (now.jobs[j] == Job.WAITS) {
      now.jobs[j] = model.isKeyed() ? Job.SHELF : Job.RUNS;
      now.hasArrival |= model.isKeyed() && !model.has(Defect.LEAVES_NO_ARRIVAL);
    } else if (now.jobs[j].hasEnded() && model.has(Defect.LETS_GO_WHAT_HAS_ENDED)) {
      now.wrong = Wrong.AGAIN;
    }
  }
}
