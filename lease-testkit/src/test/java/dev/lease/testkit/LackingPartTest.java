package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobQueue;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** The contract of a part that a store lacks. */
class LackingPartTest {

  static class Admins extends JobAdminContract {
    @Override
    protected StoreFixture fixture() {
      return new InMemoryFixture() {
        @Override
        public Backend open() {
          Backend real = super.open();
          return new Backend() {
            @Override
            public Set<Capability> capabilities() {
              return Set.of(Capability.JOBS);
            }

            @Override
            public JobQueue jobQueue() {
              return real.jobQueue();
            }

            @Override
            public Duration longestCall() {
              return real.longestCall();
            }

            @Override
            public void close() {
              real.close();
            }
          };
        }
      };
    }
  }

  @Test
  @DisplayName("one test says that the class has to be left out, and the others are skipped")
  void failsOnce() {
    var summary = new SummaryGeneratingListener();
    LauncherFactory.create(KitRun.BARE)
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(Admins.class))
                .configurationParameter("lease.kit.report", "none")
                .build(),
            summary);

    assertThat(summary.getSummary().getFailures())
        .singleElement()
        .extracting(failure -> failure.getException().getMessage())
        .asString()
        .contains("the store lacks ADMIN: leave this class out");
    assertThat(summary.getSummary().getTestsSucceededCount()).isZero();
    assertThat(summary.getSummary().getTestsAbortedCount()).isGreaterThan(100);
  }
}
