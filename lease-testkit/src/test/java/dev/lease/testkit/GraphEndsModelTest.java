package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.GraphEndsModel.Defect;
import dev.lease.testkit.GraphEndsModel.Part;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Explores all interleavings of what stores with several writers do with the ends of jobs of a
 * graph: no part is let go or cancelled before those before it have ended, nor otherwise than they
 * did [Q73, Q75], a requeue takes back what has not begun [Q76], and when all events are taken,
 * nothing waits whose parents have ended [Q74].
 */
class GraphEndsModelTest {

  private static final boolean KEYED = true;
  private static final boolean CANCELS = true;

  private static Part first(int jobs) {
    return new Part(jobs, List.of(), false);
  }

  /** A part that is cancelled if one before it fails. */
  private static Part after(int jobs, Integer... parts) {
    return new Part(jobs, List.of(parts), true);
  }

  private static Part runsAfter(int jobs, Integer... parts) {
    return new Part(jobs, List.of(parts), false);
  }

  private static GraphEndsModel model(
      boolean keyed, boolean cancels, int requeues, int most, int mostOpen, Part... parts) {
    return new GraphEndsModel(List.of(parts), keyed, cancels, requeues, most, mostOpen, null);
  }

  @Tag("slow")
  @TestFactory
  Stream<DynamicTest> nothingGoesEarlyOrWaitsForEver() {
    return explorations(
        model(!KEYED, CANCELS, 1, 9, 2, first(2), after(1, 0)),
        model(!KEYED, CANCELS, 3, 9, 3, first(1), after(1, 0)),
        model(!KEYED, CANCELS, 1, 9, 3, first(2), runsAfter(1, 0)),
        model(KEYED, CANCELS, 1, 9, 2, first(2), after(1, 0)),
        model(!KEYED, CANCELS, 1, 9, 2, first(1), first(1), after(1, 0, 1), runsAfter(1, 2)),
        model(!KEYED, CANCELS, 1, 1, 2, first(1), after(2, 0), runsAfter(1, 1)));
  }

  @Tag("nightly")
  @TestFactory
  Stream<DynamicTest> norInLargerGraphs() {
    return explorations(
        model(!KEYED, CANCELS, 3, 9, 3, first(2), after(1, 0)),
        model(KEYED, CANCELS, 2, 9, 3, first(2), after(1, 0)),
        model(KEYED, CANCELS, 1, 9, 2, first(2), after(1, 0), after(1, 1)),
        model(!KEYED, CANCELS, 2, 9, 2, first(1), first(1), after(1, 0, 1), runsAfter(1, 2)),
        model(!KEYED, CANCELS, 2, 1, 2, first(1), after(2, 0), runsAfter(1, 1)));
  }

  private static Stream<DynamicTest> explorations(GraphEndsModel... models) {
    return Stream.of(models)
        .map(model -> DynamicTest.dynamicTest(model.toString(), () -> explore(model)));
  }

  private static void explore(GraphEndsModel model) {
    var exploration = new Exploration<>(model, model.beginning());
    Optional<List<String>> fault = exploration.run();
    System.out.println(model + ": " + exploration);
    assertThat(fault.map(GraphEndsModelTest::lines)).as("%s", model).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> whatADesignGetsWrongIsFound() {
    return Stream.of(Defect.values())
        .map(defect -> DynamicTest.dynamicTest(defect.toString(), () -> find(defect)));
  }

  private static void find(Defect defect) {
    var model =
        new GraphEndsModel(
            List.of(first(1), after(2, 0)),
            defect == Defect.LEAVES_NO_ARRIVAL,
            true,
            3,
            defect == Defect.FORGETS_THE_REST ? 1 : 9,
            2,
            defect);
    var exploration = new Exploration<>(model, model.beginning());
    Optional<List<String>> fault = exploration.run();
    System.out.println(
        defect + ": " + exploration + fault.map(GraphEndsModelTest::lines).orElse(""));
    assertThat(fault).as("%s", exploration).isPresent();
  }

  private static String lines(List<String> path) {
    return "\n  " + String.join("\n  ", path);
  }
}
