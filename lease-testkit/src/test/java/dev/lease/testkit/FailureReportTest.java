package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.lease.Lease;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

class FailureReportTest {

  /** A store that gives each name to whoever asks, or throws. */
  static class Leases extends LeaseStoreContract {

    @Test
    void suppressing() {
      var failure = new AssertionError("not so");
      failure.addSuppressed(new IllegalStateException("no close"));
      throw failure;
    }

    @Override
    protected StoreFixture fixture() {
      var parts = new Parts();
      var session = parts.session(parts.data(InstantSource.system()));
      return () ->
          new Broken(
              new Parts() {
                @Override
                InMemoryLeaseStore leaseStore(InMemorySession any) {
                  return new InMemoryLeaseStore(session) {
                    @Override
                    public Optional<Lease> acquire(String name, String owner, Duration lease) {
                      super.find(name).ifPresent(super::release);
                      return super.acquire(name, owner, lease);
                    }

                    @Override
                    public boolean release(Lease lease) {
                      throw new IllegalStateException("no release");
                    }
                  };
                }
              },
              session);
    }
  }

  private static String printed(String test) {
    var trace = new StringWriter();
    LauncherFactory.create(KitRun.BARE)
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(Leases.class, test))
                .configurationParameter("lease.kit.report", "none")
                .build(),
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier each, TestExecutionResult result) {
                result.getThrowable().ifPresent(why -> why.printStackTrace(new PrintWriter(trace)));
              }
            });
    return trace.toString();
  }

  @Test
  void theMessageOfAnAssertionIsPrintedOnce() {
    assertThat(printed("acquireByTheHolder"))
        .containsOnlyOnce("[the holder's second acquire]")
        .contains(CallLog.TITLE)
        .doesNotContain("Caused by");
  }

  @Test
  void whatWasSuppressedByAnAssertionIsPrinted() {
    assertThat(printed("suppressing")).contains("Suppressed: ", "no close");
  }

  @Test
  void causesInACircleEnd() {
    var one = new IllegalStateException("one");
    one.initCause(new IllegalStateException("other", one));

    assertThat(Thrown.by(new AssertionError("failed", one))).contains("IllegalStateException");
  }

  @Test
  void anExceptionOfTheStoreIsPrintedWithItsStack() {
    assertThat(printed("tokensGrow")).contains("Caused by: ", "no release");
  }
}
