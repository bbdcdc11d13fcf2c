package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Notices a test that is skipped but must not be, and one that must be skipped but is not. */
class SkipsOnlyTest {

  abstract static class Some {
    @Test
    @DisplayName("passes")
    void passes() {}

    @Test
    @DisplayName("is aborted")
    void isAborted() {
      abort("for a reason");
    }
  }

  static class AsAllowed extends Some {
    @RegisterExtension static final SkipsOnly SKIPS = new SkipsOnly("is aborted", "is not there");
  }

  static class Aborted extends Some {
    @RegisterExtension static final SkipsOnly SKIPS = new SkipsOnly();
  }

  static class Passed extends Some {
    @RegisterExtension static final SkipsOnly SKIPS = new SkipsOnly("is aborted", "passes");
  }

  static class SwitchedOff extends Some {
    @RegisterExtension static final SkipsOnly SKIPS = new SkipsOnly("is aborted");

    @Test
    @Disabled("by somebody")
    @DisplayName("is disabled")
    void isDisabled() {}
  }

  /** With the two inherited tests it has four or five. */
  abstract static class Slow extends Some {
    @Test
    @DisplayName("is too slow")
    void isTooSlow() {
      abort("the machine was too slow");
    }

    @Test
    @DisplayName("passes too")
    void passesToo() {}
  }

  static class SlowOnce extends Slow {
    @RegisterExtension static final SkipsOnly SKIPS = new SkipsOnly("is aborted");
  }

  static class SlowTwice extends Slow {
    @RegisterExtension static final SkipsOnly SKIPS = new SkipsOnly("is aborted");

    @Test
    @DisplayName("is too slow as well")
    void isTooSlowAsWell() {
      abort("the machine was too slow again");
    }
  }

  private static String failuresOf(Class<?> type) {
    var summary = new SummaryGeneratingListener();
    LauncherFactory.create(KitRun.BARE)
        .execute(
            LauncherDiscoveryRequestBuilder.request().selectors(selectClass(type)).build(),
            summary);
    return summary.getSummary().getFailures().stream()
        .map(failure -> failure.getException().getMessage())
        .collect(Collectors.joining());
  }

  @Test
  void whatMayBeSkippedIs() {
    assertThat(failuresOf(AsAllowed.class)).isEmpty();
  }

  @Test
  void aTestThatIsSkippedWithoutLeaveFailsItsClass() {
    assertThat(failuresOf(Aborted.class)).contains("of 2 in all: {is aborted=for a reason}");
    assertThat(failuresOf(SwitchedOff.class)).contains("is disabled=by somebody");
  }

  @Test
  void soDoesOneThatIsNotSkippedAnyMore() {
    assertThat(failuresOf(Passed.class)).contains("expected: [\"is aborted\", \"passes\"]");
  }

  @Test
  void aSlowMachineExcusesAQuarterOfTheTests() {
    assertThat(failuresOf(SlowOnce.class)).isEmpty();
    assertThat(failuresOf(SlowTwice.class)).contains("too slow, of 5 in all");
  }
}
