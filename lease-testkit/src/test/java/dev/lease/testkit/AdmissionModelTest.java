package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.AdmissionModel.Defect;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * Explores all interleavings of what stores with several writers do with keys: no state has more
 * admitted jobs than slots [Q62], in none is a job forgotten that a slot is free for [Q64], and a
 * limit that was lowered is kept in the end [Q68].
 */
class AdmissionModelTest {

  private static final boolean IN_ORDER = true;
  private static final boolean LOWERED = true;

  /** How many jobs each key has, and the rules. */
  record Size(AdmissionModel model, List<Integer> jobsOfKeys) {
    static Size of(AdmissionModel model, Integer... jobsOfKeys) {
      return new Size(model, List.of(jobsOfKeys));
    }

    @Override
    public String toString() {
      return "jobs of keys " + jobsOfKeys + ", " + model;
    }
  }

  @Tag("slow")
  @TestFactory
  Stream<DynamicTest> slotsAreKeptAndFound() {
    return explorations(
        Size.of(model(1, !IN_ORDER, !LOWERED, 3), 2),
        Size.of(model(1, IN_ORDER, !LOWERED, 2), 3),
        Size.of(model(1, !IN_ORDER, !LOWERED, 2), 3),
        Size.of(model(2, !IN_ORDER, !LOWERED, 2), 3),
        Size.of(model(2, !IN_ORDER, LOWERED, 2), 2));
  }

  @Tag("nightly")
  @TestFactory
  Stream<DynamicTest> slotsOfMoreJobsAndKeysAreKeptAndFound() {
    return explorations(
        Size.of(model(1, IN_ORDER, !LOWERED, 2), 2, 1),
        Size.of(model(1, !IN_ORDER, !LOWERED, 2), 4),
        Size.of(model(2, !IN_ORDER, LOWERED, 2), 3),
        Size.of(ofOneKey(1, !IN_ORDER), 2, 1, 1),
        Size.of(ofOneKey(1, IN_ORDER), 2, 1, 1));
  }

  private static AdmissionModel model(int slots, boolean inOrder, boolean lowers, int mostOpen) {
    return new AdmissionModel(slots, inOrder, lowers, mostOpen, false, null);
  }

  private static AdmissionModel ofOneKey(int slots, boolean inOrder) {
    return new AdmissionModel(slots, inOrder, !LOWERED, 2, true, null);
  }

  private static Stream<DynamicTest> explorations(Size... sizes) {
    return Stream.of(sizes)
        .map(size -> DynamicTest.dynamicTest(size.toString(), () -> explore(size)));
  }

  private static void explore(Size size) {
    var exploration =
        exploration(size.model(), size.jobsOfKeys().stream().mapToInt(Integer::intValue).toArray());
    Optional<List<String>> fault = exploration.run();
    System.out.println(size + ": " + exploration);
    assertThat(fault.map(AdmissionModelTest::lines)).as("%s", size).isEmpty();
  }

  @TestFactory
  Stream<DynamicTest> whatADesignGetsWrongIsFound() {
    return Stream.of(Defect.values())
        .map(defect -> DynamicTest.dynamicTest(defect.toString(), () -> find(defect)));
  }

  private static void find(Defect defect) {
    var exploration =
        switch (defect) {
          case EXCHANGE_COUNTS -> broken(defect, 2, false, 4);
          case EXCHANGE_KEEPS_A_SURPLUS -> broken(defect, 2, false, 3);
          default -> broken(defect, 1, false, 2);
        };
    isFound(defect, exploration);
  }

  @Tag("slow")
  @TestFactory
  Stream<DynamicTest> itIsFoundBesideAnotherKeyToo() {
    return Stream.of(
            Defect.NO_LOOK_UNDER_THE_LOCK, Defect.FREES_TWICE, Defect.FORGETS_WHAT_IT_SKIPPED)
        .map(
            defect ->
                DynamicTest.dynamicTest(
                    defect.toString(), () -> isFound(defect, broken(defect, 1, true, 2, 1))));
  }

  private static void isFound(Defect defect, Exploration<?, ?> exploration) {
    Optional<List<String>> fault = exploration.run();
    System.out.println(
        defect + ": " + exploration + fault.map(AdmissionModelTest::lines).orElse(""));
    assertThat(fault).as("%s", exploration).isPresent();
  }

  private static Exploration<?, ?> broken(Defect defect, int slots, boolean ofOneKey, int... jobs) {
    boolean lowers = defect == Defect.EXCHANGE_KEEPS_A_SURPLUS;
    return exploration(new AdmissionModel(slots, false, lowers, 2, ofOneKey, defect), jobs);
  }

  private static Exploration<?, ?> exploration(AdmissionModel model, int... jobs) {
    return new Exploration<>(model, model.beginning(jobs));
  }

  private static String lines(List<String> path) {
    return "\n  " + String.join("\n  ", path);
  }
}
