package dev.lease.examples.customstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.lease.Backend;
import dev.lease.testkit.JobQueueContract;
import dev.lease.testkit.LeaseStoreContract;
import dev.lease.testkit.ManualClock;
import dev.lease.testkit.StoreFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the kit on the naive store, and compares the failures with naive-report.md. */
@Tag("nightly")
class NaiveReportTest {

  private static final Pattern LEFT_OUT =
      Pattern.compile("concurrent|threads|thousand|1,000|(Race|Pair|History|Model)Contract\\.");

  private static final Path REPORT = Path.of("naive-report.md");

  /** Nested, so that only this test runs them. */
  static class Leases extends LeaseStoreContract {
    @Override
    protected StoreFixture fixture() throws IOException {
      return new NaiveFixture();
    }
  }

  static class Jobs extends JobQueueContract {
    @Override
    protected StoreFixture fixture() throws IOException {
      return new NaiveFixture();
    }
  }

  private static final class NaiveFixture implements StoreFixture {
    private final Path directory = Files.createTempDirectory("naive-store");
    private final ManualClock clock = new ManualClock();

    NaiveFixture() throws IOException {}

    @Override
    public Backend open() {
      return new NaiveStore(directory, clock);
    }

    @Override
    public Time time() {
      return Time.FROZEN;
    }

    @Override
    public Duration unit() {
      return Duration.ofMillis(1);
    }

    @Override
    public void advance(Duration by) {
      clock.advance(by);
    }

    @Override
    public void close() throws IOException {
      try (Stream<Path> files = Files.walk(directory)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  @Test
  void reportIsWhatTheKitSays() throws IOException {
    String report = report();
    Files.writeString(Path.of("target").resolve(REPORT), report);
    assertThat(report)
        .withFailMessage(
            "the kit reports something else about the naive store than %s; if the kit is right,"
                + " in examples/custom-store: cp target/%s %s",
            REPORT, REPORT, REPORT)
        .isEqualTo(Files.readString(REPORT));
  }

  private static String report() {
    var results = new Results();
    Launcher launcher =
        LauncherFactory.create(
            LauncherConfig.builder()
                .enableLauncherSessionListenerAutoRegistration(false)
                .enableTestExecutionListenerAutoRegistration(false)
                .build());
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectClass(Leases.class), selectClass(Jobs.class))
            .filters((PostDiscoveryFilter) NaiveReportTest::isTold)
            .configurationParameter("lease.kit.report", "none")
            .build(),
        results);
    return """
        # What the kit says about the naive store

        `NaiveReportTest` writes this report. It runs the kit on
        [`NaiveStore`](src/test/java/dev/lease/examples/customstore/NaiveStore.java), which fails %d tests and so breaks %d
        clauses. Tests that leave something to chance (races, histories, random calls) are left out: what they find differs
        from run to run. So are tests with thousands of jobs, for which the store is too slow.

        """
            .formatted(results.failures.size(), results.clauses())
        + String.join("\n", results.failures.values());
  }

  /**
   * Whether a test is in the report. What a broken store does in a race differs from run to run,
   * and tests with many jobs take too long, because the store writes all jobs on each call.
   */
  private static FilterResult isTold(TestDescriptor test) {
    String method =
        test.getSource()
            .filter(MethodSource.class::isInstance)
            .map(source -> ((MethodSource) source).getJavaMethod().toString())
            .orElse("");
    return FilterResult.includedIf(!LEFT_OUT.matcher(test.getDisplayName() + method).find());
  }

  private static final class Results implements TestExecutionListener {

    private final Map<String, String> failures = new TreeMap<>();

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (result.getStatus() == TestExecutionResult.Status.FAILED) {
        result
            .getThrowable()
            .ifPresent(failure -> failures.put(test.getDisplayName(), section(test, failure)));
      }
    }

    int clauses() {
      return (int) failures.keySet().stream().map(name -> name.substring(0, 3)).distinct().count();
    }

    private static String section(TestIdentifier test, Throwable failure) {
      String message =
          String.valueOf(failure.getMessage())
              .lines()
              .filter(line -> !line.isBlank() && !line.equals(test.getDisplayName()))
              .takeWhile(
                  line ->
                      !line.matches(
                          "but (some elements|there were|could not).*|(A test to paste|What the test had done).*|\\tat .*"))
              .map(Results::withoutChance)
              .collect(Collectors.joining("\n"));
      return "## " + test.getDisplayName() + "\n\n```\n" + message + "\n```\n";
    }

    /** Ids and paths differ from run to run; instants change whenever the kit gets a new test. */
    private static String withoutChance(String line) {
      return line.stripTrailing()
          .replaceAll("/\\S*/naive-store\\d+", "<directory>")
          .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>")
          .replaceAll("-[0-9a-z]{10}", "-<id>")
          .replaceAll("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z", "<time>");
    }
  }
}
