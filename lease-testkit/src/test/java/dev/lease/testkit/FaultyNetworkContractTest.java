package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.lease.testkit.RemoteStore.Flaw;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The contract of a faulty network passes correct clients and fails the others. */
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class FaultyNetworkContractTest {

  private static final ThreadLocal<Flaw> UNDER_TEST = new ThreadLocal<>();

  static class OfRemoteStore extends FaultyNetworkContract {

    private final Flaw flaw = UNDER_TEST.get();

    @Override
    protected NetworkFixture fixture() {
      return new RemoteStore(flaw);
    }

    @Override
    Duration endless() {
      return flaw == Flaw.WAITS_FOR_EVER || flaw == Flaw.STAYS_BROKEN
          ? Duration.ofSeconds(5)
          : super.endless();
    }

    @Override
    Duration margin() {
      return flaw == Flaw.LASTS_TOO_LONG ? Duration.ofMillis(20) : super.margin();
    }

    @Override
    Duration impatient() {
      return Duration.ofMillis(100);
    }
  }

  /**
   * Which calls are cut there is left to chance; only a client that never recovers is sure to fail.
   */
  private static final String BY_CHANCE = "cutUnderLoad";

  @Test
  @DisplayName(
      "correct clients pass: one that never repeats a call, and one whose server recognises"
          + " repeated calls")
  void right() {
    assertThat(failing(Flaw.NONE)).isEmpty();
    assertThat(failing(Flaw.SENDS_AGAIN_TO_A_SERVER_THAT_KNOWS)).isEmpty();
  }

  @TestFactory
  @DisplayName("a client with one fault fails the tests that show the fault, and no others")
  Stream<DynamicTest> wrong() {
    return Stream.of(
        wrong(
            Flaw.SENDS_AGAIN,
            "lostReplyOf(?!Extend|Checkpoint|Progress|Renew|Pause|Reads|Lists|Limit|CloseKey|Keys"
                + "|Piece|LastPiece|ClaimOfGraph).*"),
        wrong(Flaw.SAYS_NOT_DONE, "lostReplyOf(?!Reads|Lists|Keys).*"),
        wrong(
            Flaw.SAYS_NOTHING_THERE,
            "lostReplyOf(Claim|Acquire|Renew|Checkpoint|Reads|ReadsOfGraph)"
                + "|cutConnections|silenceToMany"),
        wrong(Flaw.WAITS_FOR_EVER, ".*[sS]ilence.*|longestCall.*"),
        wrong(Flaw.LASTS_TOO_LONG, "longestCall.*"),
        wrong(Flaw.STAYS_BROKEN, "lostReplyOf(?!Claim|Acquire).*|cut.*|silence.*"),
        wrong(Flaw.SAYS_UNKNOWN_WHERE_NOT_OPENED, "openInSilence"),
        wrong(Flaw.GOES_ON_WHEN_CLOSED, "closeInSilence"));
  }

  private static DynamicTest wrong(Flaw flaw, String where) {
    return DynamicTest.dynamicTest(
        flaw.toString(),
        () -> {
          Set<String> fails =
              RunReport.testsOf(FaultyNetworkContract.class)
                  .map(Method::getName)
                  .filter(Pattern.compile(where).asMatchPredicate())
                  .collect(Collectors.toCollection(TreeSet::new));
          Map<String, Throwable> failing = failing(flaw);
          if (!fails.contains(BY_CHANCE)) {
            failing.remove(BY_CHANCE);
          }
          assertThat(failing.keySet()).as("%s", failing).isNotEmpty().isEqualTo(fails);
        });
  }

  /** The tests that fail with such clients. */
  private static Map<String, Throwable> failing(Flaw flaw) {
    Map<String, Throwable> failing = new TreeMap<>();
    UNDER_TEST.set(flaw);
    try {
      LauncherFactory.create(KitRun.BARE)
          .execute(
              LauncherDiscoveryRequestBuilder.request()
                  .selectors(selectClass(OfRemoteStore.class))
                  .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                  .configurationParameter("lease.kit.report", "none")
                  .build(),
              new TestExecutionListener() {
                @Override
                public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                  result.getThrowable().ifPresent(failure -> failing.put(methodOf(test), failure));
                }
              });
    } finally {
      UNDER_TEST.remove();
    }
    return failing;
  }

  private static String methodOf(TestIdentifier test) {
    return ((MethodSource) test.getSource().orElseThrow()).getMethodName();
  }
}
