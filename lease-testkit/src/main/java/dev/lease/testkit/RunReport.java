package dev.lease.testkit;

import dev.lease.testkit.Outcome.Status;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;
import org.junit.jupiter.api.extension.TestWatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Gathers what came of each test of a run, and at the end of the run writes a report for each
 * store. The parameter {@code lease.kit.report} names the directory; {@code none} is for no report.
 */
final class RunReport implements TestWatcher {

  private static final Logger log = LoggerFactory.getLogger(RunReport.class);
  private static final Namespace NAMESPACE = Namespace.create(RunReport.class);
  private static final String DIRECTORY = "lease.kit.report";
  private static final String NONE = "none";

  /** What came of each class of tests that opens its store; JUnit closes it at the end of a run. */
  @SuppressWarnings("deprecation") // JUnit before 5.13 closes nothing else
  private static final class Run implements AutoCloseable, CloseableResource {

    private final String directory;
    private final Map<Class<?>, Map<String, Object>> facts = new LinkedHashMap<>();
    private final Map<Class<?>, Found> found = new LinkedHashMap<>();

    Run(String directory) {
      this.directory = directory;
    }

    synchronized Map<String, Object> facts(Class<?> type) {
      Map<String, Object> known = new LinkedHashMap<>();
      known.put("store", type.getSimpleName());
      facts.put(type, known);
      return known;
    }

    synchronized void add(Class<?> type, Outcome outcome) {
      found.computeIfAbsent(type, each -> new Found()).add(outcome);
    }

    @Override
    public synchronized void close() {
      if (directory.equals(NONE)) {
        return;
      }
      Map<String, List<Part>> byStore = new TreeMap<>();
      facts.forEach(
          (type, known) -> {
            Found of = found.get(type);
            if (of != null) {
              byStore
                  .computeIfAbsent((String) known.get("store"), store -> new ArrayList<>())
                  .add(of.part(type, known));
            }
          });
      for (Map.Entry<String, List<Part>> store : byStore.entrySet()) {
        var ofThisRun = new StoreReport(store.getKey(), store.getValue());
        Level level = ofThisRun.hasFailures() ? Level.WARN : Level.INFO;
        try {
          Path page = new ReportFiles(Path.of(directory)).write(store.getKey(), store.getValue());
          log.atLevel(level).log("{}\n  Report: {}", ofThisRun.summary(), page);
        } catch (IOException | RuntimeException e) {
          log.warn("{}\n  The report could not be written", ofThisRun.summary(), e);
        }
      }
    }
  }

  /** What came of the tests of a class so far. */
  private static final class Found {

    private final List<Outcome> outcomes = new ArrayList<>();
    private Instant ended = Instant.EPOCH;

    void add(Outcome outcome) {
      outcomes.add(outcome);
      ended = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    Part part(Class<?> type, Map<String, Object> facts) {
      Class<?> contract = contract(type);
      return new Part(
          type.getName(),
          contract.getSimpleName(),
          testsOf(contract).count(),
          ended,
          facts,
          outcomes);
    }
  }

  private static Run run(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            Run.class,
            type ->
                new Run(context.getConfigurationParameter(DIRECTORY).orElse("target/lease-kit")),
            Run.class);
  }

  /**
   * A class of tests opens its store. Whether it can or not, the class is in the report.
   *
   * @return the facts of the report, to add what the fixture says; until it says its name, the
   *     store has that of the class
   */
  static Map<String, Object> facts(ExtensionContext context) {
    return run(context).facts(context.getRequiredTestClass());
  }

  @Override
  public void testSuccessful(ExtensionContext test) {
    add(test, Status.PASSED, "", "");
  }

  @Override
  public void testFailed(ExtensionContext test, Throwable cause) {
    add(test, Status.FAILED, String.valueOf(cause.getMessage()), Thrown.by(cause));
  }

  @Override
  public void testAborted(ExtensionContext test, Throwable cause) {
    add(test, Status.SKIPPED, String.valueOf(cause.getMessage()), "");
  }

  @Override
  public void testDisabled(ExtensionContext test, Optional<String> reason) {
    add(test, Status.SKIPPED, reason.orElse("disabled"), "");
  }

  private static void add(ExtensionContext test, Status status, String why, String exception) {
    Class<?> type = test.getRequiredTestClass();
    if (!test.getRequiredTestMethod().getDeclaringClass().isAssignableFrom(contract(type))) {
      return; // a test of the store's author
    }
    boolean isBroad = !Collections.disjoint(test.getTags(), Tags.BROAD);
    run(test)
        .add(
            type,
            new Outcome(type.getName(), test.getDisplayName(), status, why, exception, isBroad));
  }

  /** The public contract that a class of tests extends. */
  private static Class<?> contract(Class<?> type) {
    Class<?> each = type;
    while (each.getPackage() != RunReport.class.getPackage()
        || !Modifier.isPublic(each.getModifiers())
        || !Modifier.isAbstract(each.getModifiers())) {
      each = each.getSuperclass();
    }
    return each;
  }

  /** All tests of a contract. */
  static Stream<Method> testsOf(Class<?> contract) {
    return Stream.<Class<?>>iterate(contract, Objects::nonNull, Class::getSuperclass)
        .flatMap(each -> Stream.of(each.getDeclaredMethods()))
        .filter(method -> method.isAnnotationPresent(Test.class));
  }
}
