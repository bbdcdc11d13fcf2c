package dev.lease.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary.Failure;

/** A test that the kit printed, pasted into a class that extends a contract in another package. */
final class Pasted {

  /** The name for the printed test. */
  static final String METHOD = "pasted";

  private final Class<?> type;

  Pasted(Path folder, Class<? extends StoreContract> contract, String test) throws Exception {
    String source =
        """
        import static org.assertj.core.api.Assertions.assertThat;
        import dev.lease.*;
        import dev.lease.testkit.*;
        import java.time.*;
        import java.util.*;
        import java.util.function.Supplier;
        import org.junit.jupiter.api.Test;

        public class Pasted extends %s {
          public static Supplier<StoreFixture> fixtures;
          @Override protected StoreFixture fixture() { return fixtures.get(); }
          %s
        }
        """;
    type = Compiled.in(folder, "Pasted", source.formatted(contract.getSimpleName(), test));
  }

  /** Runs the test on a store, and returns how it failed, if it did. */
  Optional<Throwable> failure(Supplier<StoreFixture> store) throws Exception {
    type.getField("fixtures").set(null, store);
    var config =
        LauncherConfig.builder()
            .enableLauncherSessionListenerAutoRegistration(false)
            .enableTestExecutionListenerAutoRegistration(false)
            .build();
    var listener = new SummaryGeneratingListener();
    LauncherFactory.create(config)
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(type, METHOD))
                .configurationParameter("lease.kit.report", "none")
                .build(),
            listener);
    if (listener.getSummary().getTestsStartedCount() != 1) {
      throw new IllegalStateException("the pasted test was not run");
    }
    return listener.getSummary().getFailures().stream().findFirst().map(Failure::getException);
  }
}
