package dev.lease.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the kit on a store from within a test. */
final class KitRun {

  private static final ThreadLocal<Parts> UNDER_TEST = new ThreadLocal<>();

  static final LauncherConfig BARE =
      LauncherConfig.builder()
          .enableLauncherSessionListenerAutoRegistration(false)
          .enableTestExecutionListenerAutoRegistration(false)
          .build();

  private KitRun() {}

  static class Leases extends LeaseStoreContract {
    @Override
    protected StoreFixture fixture() {
      return new Fixture(UNDER_TEST.get());
    }
  }

  static class Jobs extends JobQueueContract {
    @Override
    protected StoreFixture fixture() {
      return new Fixture(UNDER_TEST.get());
    }
  }

  static class Admins extends JobAdminContract {
    @Override
    protected StoreFixture fixture() {
      return new Fixture(UNDER_TEST.get());
    }
  }

  static final class Fixture implements StoreFixture {

    private final ManualClock clock = new ManualClock();
    private final Parts parts;
    private final InMemoryData data;

    Fixture(Parts parts) {
      this.parts = parts;
      this.data = parts.data(clock);
    }

    @Override
    public TestBackend open() {
      InMemorySession session = parts.session(data);
      return new TestBackend(
          parts.leaseStore(session),
          parts.jobQueue(session),
          parts.jobAdmin(session),
          session::close);
    }

    @Override
    public void advance(Duration by) {
      clock.advance(by);
    }

    @Override
    public Time time() {
      return Time.FROZEN;
    }

    @Override
    public Set<Capability> lacks() {
      return parts.lacks();
    }
  }

  /** True in the thread that runs a test, false in threads that the test started. */
  static boolean isTheTestItself() {
    return UNDER_TEST.get() != null;
  }

  /**
   * Runs contracts on a store, and returns the failures by clause. It leaves out histories and
   * random calls, since they may catch a store whatever its clause is, and races, unless the fault
   * of the store shows only there.
   */
  static Map<String, String> failures(
      Parts store, boolean withRaces, List<Class<? extends StoreContract>> contracts) {
    return failures(store, withRaces, contracts, "");
  }

  /** The same, of the tests alone whose names begin so. */
  static Map<String, String> failures(
      Parts store,
      boolean withRaces,
      List<Class<? extends StoreContract>> contracts,
      String beginning) {
    List<String> leftOut = new ArrayList<>(List.of(Tags.HISTORY, Tags.MODEL));
    if (!withRaces) {
      leftOut.add(Tags.RACE);
    }
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(contracts.stream().map(contract -> selectClass(contract)).toList())
            .filters(TagFilter.excludeTags(leftOut), named(beginning))
            .configurationParameter("junit.jupiter.execution.timeout.default", "60 s")
            .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
            .build();
    var failures = new Failures();
    UNDER_TEST.set(store);
    try {
      LauncherFactory.create(BARE).execute(request, failures);
    } finally {
      UNDER_TEST.remove();
    }
    return failures.byClause;
  }

  private static PostDiscoveryFilter named(String beginning) {
    return test ->
        FilterResult.includedIf(!test.isTest() || test.getDisplayName().startsWith(beginning));
  }

  private static final class Failures implements TestExecutionListener {

    final Map<String, String> byClause = new TreeMap<>();

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      result
          .getThrowable()
          .ifPresent(
              failure ->
                  byClause.merge(
                      test.getDisplayName().split(" ", 2)[0],
                      test.getDisplayName()
                          + " <"
                          + String.valueOf(failure.getMessage())
                              .lines()
                              .skip(1)
                              .limit(1)
                              .findFirst()
                              .orElse(failure.toString())
                          + ">",
                      (first, next) -> first + ", " + next));
    }
  }
}
