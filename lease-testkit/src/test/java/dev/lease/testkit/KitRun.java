package dev.lease.testkit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectUniqueId;

import dev.lease.Backend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.discovery.UniqueIdSelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the kit on a store from within a test. */
final class KitRun {

  private static final ThreadLocal<Run> RUN = new ThreadLocal<>();

  private record Run(Parts store, boolean isUntilNoticed, Failures failures) {}

  static final LauncherConfig BARE =
      LauncherConfig.builder()
          .enableLauncherSessionListenerAutoRegistration(false)
          .enableTestExecutionListenerAutoRegistration(false)
          .build();

  /** The tests of each clause. To find them for each store anew would take most of its time. */
  private static final Map<String, List<UniqueIdSelector>> TESTS = tests();

  private KitRun() {}

  private static Map<String, List<UniqueIdSelector>> tests() {
    LauncherDiscoveryRequest all =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                selectClass(Leases.class),
                selectClass(Jobs.class),
                selectClass(Admins.class),
                selectClass(Limits.class),
                selectClass(Graphs.class))
            .build();
    TestPlan plan = LauncherFactory.create(BARE).discover(all);
    Map<String, List<UniqueIdSelector>> tests = new HashMap<>();
    for (TestIdentifier root : plan.getRoots()) {
      for (TestIdentifier test : plan.getDescendants(root)) {
        if (test.isTest()) {
          tests
              .computeIfAbsent(clause(test), clause -> new ArrayList<>())
              .add(selectUniqueId(test.getUniqueId()));
        }
      }
    }
    return tests;
  }

  private static String clause(TestIdentifier test) {
    return test.getDisplayName().split(" ", 2)[0];
  }

  static class Leases extends LeaseStoreContract {
    @Override
    protected StoreFixture fixture() {
      return new Fixture(RUN.get().store());
    }
  }

  @ExtendWith(UntilNoticed.class)
  static class Jobs extends JobQueueContract {
    @Override
    protected StoreFixture fixture() {
      return new Fixture(RUN.get().store());
    }
  }

  @ExtendWith(UntilNoticed.class)
  static class Admins extends JobAdminContract {
    @Override
    protected StoreFixture fixture() {
      return new Fixture(RUN.get().store());
    }
  }

  @ExtendWith(UntilNoticed.class)
  static class Limits extends AdmissionContract {
    @Override
    protected StoreFixture fixture() {
      return new Fixture(RUN.get().store());
    }
  }

  @ExtendWith(UntilNoticed.class)
  static class Graphs extends JobGraphsContract {
    @Override
    protected StoreFixture fixture() {
      return new Fixture(RUN.get().store());
    }
  }

  private static final class UntilNoticed implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      Run run = RUN.get();
      return run != null && run.isUntilNoticed() && !run.failures().byClause.isEmpty()
          ? ConditionEvaluationResult.disabled("another test has noticed the store")
          : ConditionEvaluationResult.enabled("nothing was noticed");
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
    public Backend open() {
      return new Broken(parts, parts.session(data));
    }

    @Override
    public void advance(Duration by) {
      clock.advance(by);
    }

    @Override
    public void setBack(Duration by) {
      clock.advance(by.negated());
    }

    @Override
    public Time time() {
      return Time.FROZEN;
    }

    @Override
    public Duration unit() {
      return parts.unit();
    }

    @Override
    public String name() {
      return parts.name();
    }

    @Override
    public String version() {
      return parts.version();
    }

    @Override
    public String runsOn() {
      return "Memory 17";
    }

    @Override
    public int kitVersion() {
      return parts.kitVersion();
    }
  }

  /** True in the thread that runs a test, false in threads that the test started. */
  static boolean isTheTestItself() {
    return RUN.get() != null;
  }

  /**
   * Runs contracts on a store, and returns the failures by clause. It leaves out histories, random
   * calls and what is made by a rule, since they may catch a store whatever its clause is, and
   * races, unless the fault of the store shows only there.
   */
  static Map<String, String> failures(
      Parts store, boolean withRaces, List<Class<? extends StoreContract>> contracts) {
    List<String> leftOut = leftOut(withRaces);
    leftOut.add(Tags.RULE);
    return run(
        store,
        contracts.stream().map(DiscoverySelectors::selectClass).toList(),
        TagFilter.excludeTags(leftOut));
  }

  /**
   * Whether the kit notices a store, without random calls and races. What is made by a rule notices
   * most, so it comes first.
   */
  static boolean isNoticed(Parts store) {
    return isNoticed(store, TagFilter.includeTags(Tags.RULE))
        || isNoticed(store, TagFilter.excludeTags(Tags.RULE));
  }

  private static boolean isNoticed(Parts store, PostDiscoveryFilter filter) {
    return !run(
            store,
            true,
            request(
                List.of(selectClass(Jobs.class), selectClass(Admins.class)),
                filter,
                TagFilter.excludeTags(leftOut(false))))
        .isEmpty();
  }

  /** Runs what is made by a rule, without races. */
  static Map<String, String> failuresOfRules(
      Parts store, List<Class<? extends StoreContract>> contracts) {
    return run(
        store,
        contracts.stream().map(DiscoverySelectors::selectClass).toList(),
        TagFilter.includeTags(Tags.RULE),
        TagFilter.excludeTags(leftOut(false)));
  }

  /** Runs the tests of one clause, also those made by a rule. */
  static Map<String, String> failures(Parts store, boolean withRaces, String clause) {
    return run(
        store, TESTS.getOrDefault(clause, List.of()), TagFilter.excludeTags(leftOut(withRaces)));
  }

  private static List<String> leftOut(boolean withRaces) {
    List<String> leftOut = new ArrayList<>(List.of(Tags.HISTORY, Tags.MODEL));
    if (!withRaces) {
      leftOut.add(Tags.RACE);
    }
    return leftOut;
  }

  private static Map<String, String> run(
      Parts store, List<? extends DiscoverySelector> tests, PostDiscoveryFilter... filters) {
    return run(store, false, request(tests, filters));
  }

  private static LauncherDiscoveryRequestBuilder request(
      List<? extends DiscoverySelector> tests, PostDiscoveryFilter... filters) {
    return LauncherDiscoveryRequestBuilder.request()
        .selectors(tests)
        .filters(filters)
        .configurationParameter("junit.jupiter.execution.timeout.default", "5 m")
        .configurationParameter("lease.kit.report", "none");
  }

  /**
   * Runs tests on a store, without races and histories, and with a report into a directory.
   *
   * @return the failures by clause, and those of no test
   */
  static Map<String, String> report(Parts store, Path directory, DiscoverySelector... tests) {
    return run(
        store,
        false,
        LauncherDiscoveryRequestBuilder.request()
            .selectors(tests)
            .filters(TagFilter.excludeTags(Tags.RACE, Tags.HISTORY))
            .configurationParameter("lease.kit.report", directory.toString()));
  }

  private static Map<String, String> run(
      Parts store, boolean isUntilNoticed, LauncherDiscoveryRequestBuilder tests) {
    var failures = new Failures();
    RUN.set(new Run(store, isUntilNoticed, failures));
    try {
      LauncherFactory.create(BARE)
          .execute(
              tests
                  .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                  .build(),
              failures);
    } finally {
      RUN.remove();
    }
    return failures.byClause;
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
                      clause(test),
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
