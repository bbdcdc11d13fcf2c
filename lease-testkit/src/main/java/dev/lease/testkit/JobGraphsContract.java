package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract of {@link JobGraphs}: the clauses Q72 to Q80. It also uses the {@link JobQueue} and
 * the {@link dev.lease.JobAdmin} of the same store. Extend this class and return your store from
 * {@link #fixture()}.
 */
@Since(3)
public abstract class JobGraphsContract extends GraphPairContract {

  /** Takes no arguments: {@link #fixture()} says everything. */
  protected JobGraphsContract() {}

  @Test
  @DisplayName("Q72 arguments that break a rule are refused, and change nothing")
  void refusals() {
    stored(with(piece(), part("part"), 2));
    List<Consumer<JobGraphs>> calls = new ArrayList<>();
    for (String bad : Texts.BAD_NAMES.values()) {
      calls.add(it -> it.discard(bad, GRAPH, 10));
      calls.add(it -> it.discard(queue, bad, 10));
      calls.add(it -> it.find(bad, GRAPH));
      calls.add(it -> it.find(queue, bad));
      calls.add(it -> it.parts(bad, GRAPH, null, 10));
      calls.add(it -> it.parts(queue, bad, null, 10));
      calls.add(it -> it.parts(queue, GRAPH, bad, 10));
      calls.add(it -> it.jobs(bad, GRAPH, "part", null, 10));
      calls.add(it -> it.jobs(queue, bad, "part", null, 10));
      calls.add(it -> it.jobs(queue, GRAPH, bad, null, 10));
      calls.add(it -> it.parents(bad, "part0", null, 10));
      calls.add(it -> it.parents(queue, bad, null, 10));
    }
    for (int bad : new int[] {-1, 0, 1_001, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      calls.add(it -> it.discard(queue, GRAPH, bad));
      calls.add(it -> it.parts(queue, GRAPH, null, bad));
      calls.add(it -> it.jobs(queue, GRAPH, "part", null, bad));
      calls.add(it -> it.parents(queue, "part0", null, bad));
    }
    calls.add(it -> it.jobs(queue, GRAPH, "part", "from nowhere", 10));
    calls.add(it -> it.parents(queue, "part0", "from nowhere", 10));

    var softly = new SoftAssertions();
    for (int i = 0; i < calls.size(); i++) {
      Consumer<JobGraphs> call = calls.get(i);
      softly
          .assertThatThrownBy(() -> call.accept(graphs))
          .as("call %s", i)
          .isInstanceOf(IllegalArgumentException.class);
    }
    softly.assertAll();
    assertThat(graph().jobs()).as("jobs of the graph").isEqualTo(2);
  }

  private void assertKeeps(Law law) throws Exception {
    StoreUnderTest store = bare;
    store
        .history(() -> HistoryRun.ofGraphs(store.fixture, List.of(one, two), queue, term))
        .assertKeeps(law);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "Q72 Q73 a history with faults: no job starts before all that it waits for has ended")
  void historyStartsAfterParents() throws Exception {
    assertKeeps(Law.AFTER_PARENTS);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q73 a history with faults: a job that is done is not let go again")
  void historyStartsOnce() throws Exception {
    assertKeeps(Law.STARTS_ONCE);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q74 a history with faults: when all before a job have ended, it does not wait")
  void historyLeavesNothingWaiting() throws Exception {
    assertKeeps(Law.NOTHING_WAITS);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q78 a history with faults: no piece that is sent again is refused")
  void historyTakesPiecesAgain() throws Exception {
    assertKeeps(Law.PIECES_FIT);
  }

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q79 untested: what it costs to end a job for which many wait")
  void costsUntested() {}

  @Test
  @Disabled("the backend's own tests, and a benchmark")
  @DisplayName("Q80 untested: what a job of no graph costs")
  void noGraphUntested() {}
}
