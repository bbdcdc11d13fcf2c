package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.BrokenFrames.Change;
import dev.lease.testkit.BrokenFrames.Damage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/**
 * The kit notices, without random calls, each change of a job that also changes what it should
 * leave alone.
 */
class BrokenFramesTest {

  private static final String NOT_DUE = "a due time means nothing once the job is finished";

  /** Damages that the contract leaves open, with the reason. */
  private static final Map<Frame, String> OPEN =
      Map.of(
          new Frame(Change.DONE, Damage.LATER), NOT_DUE,
          new Frame(Change.FAIL, Damage.LATER), NOT_DUE,
          new Frame(Change.CANCEL, Damage.LATER), NOT_DUE,
          new Frame(Change.DONE, Damage.OTHER_KEEP), "the time to keep was fixed at the end");

  private record Frame(Change change, Damage damage) {
    @Override
    public String toString() {
      return change + " also does " + damage;
    }
  }

  @TestFactory
  @Tag("nightly")
  Stream<DynamicTest> eachDamageIsNoticed() {
    List<Frame> frames = new ArrayList<>();
    for (Change change : Change.values()) {
      for (Damage damage : Damage.values()) {
        frames.add(new Frame(change, damage));
      }
    }
    ExecutorService two = Executors.newFixedThreadPool(2);
    var noticed = new AtomicInteger();
    List<DynamicTest> tests = new ArrayList<>();
    for (Frame frame : frames) {
      Future<?> run = two.submit(() -> assertNoticed(frame, noticed));
      tests.add(DynamicTest.dynamicTest(frame.toString(), run::get));
    }
    tests.add(
        DynamicTest.dynamicTest(
            "the README tells how many there are, and how many are noticed",
            () ->
                assertThat(Files.readString(Path.of("README.md")).replaceAll("\\s+", " "))
                    .contains(
                        "In %s more, one change of a job also damages".formatted(frames.size()))
                    .contains("notices the %s in which".formatted(noticed.get()))));
    two.shutdown();
    return tests.stream().onClose(two::shutdownNow);
  }

  private static void assertNoticed(Frame frame, AtomicInteger count) {
    var done = new AtomicBoolean();
    Parts parts = BrokenFrames.store(frame.change(), frame.damage(), done);
    boolean noticed = KitRun.isNoticed(parts);
    assertThat(noticed)
        .as("whether the kit notices that %s", frame)
        .isEqualTo(done.get() && !OPEN.containsKey(frame));
    if (noticed) {
      count.incrementAndGet();
    }
  }
}
