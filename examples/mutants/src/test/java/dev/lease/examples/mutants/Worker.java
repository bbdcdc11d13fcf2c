package dev.lease.examples.mutants;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectUniqueId;
import static org.junit.platform.launcher.TagFilter.excludeTags;
import static org.junit.platform.launcher.TagFilter.includeTags;

import java.io.IOException;
import java.io.PrintStream;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.Filter;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * Runs the kit on one mutant after the other, in a process of its own: a mutant may never come to
 * an end. It says on its standard output which tests have ended and what became of the mutants.
 */
final class Worker {

  /** Before the number of a mutant, its verdict, and the test that found it. */
  static final String RESULT = "result\t";

  private static final String SURVIVED = Verdict.SURVIVED + "\t";

  /** In the place of the number of a mutant: nothing is changed. */
  static final int UNCHANGED = -1;

  private final Store store;
  private final Path root;
  private final PrintStream out;
  private final Path changed = Path.of("changed").toAbsolutePath();
  private final Launcher launcher =
      LauncherFactory.create(
          LauncherConfig.builder()
              .enableLauncherSessionListenerAutoRegistration(false)
              .enableTestExecutionListenerAutoRegistration(false)
              .build());

  /** Which tests reach what, as far as a run without a change found out. */
  private final Reach reach = Reach.known();

  /** The tests that found mutants of a file, the last one first: they may find more. */
  private final Map<String, Set<String>> finders = new HashMap<>();

  private Worker(Store store, Path root, PrintStream out) throws IOException {
    this.store = store;
    this.root = root;
    this.out = out;
  }

  /** Takes the store, the folder of the project, and the numbers of the mutants. */
  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    System.setOut(System.err);
    Store store = Store.valueOf(args[0]);
    var worker = new Worker(store, Path.of(args[1]), out);
    List<Mutant> mutants = store.mutants(Path.of(args[1]));
    worker.cleanUp(); // After a process that was killed.
    for (String word : args[2].split(",", -1)) {
      int number = Integer.parseInt(word);
      out.println(
          RESULT
              + number
              + "\t"
              + (number == UNCHANGED ? worker.runUnchanged() : worker.run(mutants.get(number))));
    }
    System.exit(0); // A mutant may have left threads behind.
  }

  /**
   * Runs all tests, and finds out what those of the kit reach. The others have servers of their
   * own, or count what the scripts publish.
   */
  private String runUnchanged() throws IOException {
    for (String file : store.numbers(root).keySet()) {
      write(file, store.withProbes(root, file));
    }
    reach.listen(store);
    String found = in(loader -> kit("", "", loader));
    reach.keep();
    return found.equals(SURVIVED) ? in(loader -> ownTests("", loader)) : found;
  }

  private String run(Mutant mutant) throws IOException {
    String block = store.block(root, mutant);
    write(mutant.file(), mutant.text());
    return in(
        loader -> {
          String found = kit(mutant.file(), block, loader);
          return found.equals(SURVIVED) ? ownTests(mutant.file(), loader) : found;
        });
  }

  private void write(String file, String text) throws IOException {
    Path copy = changed.resolve(store.path(file));
    Files.createDirectories(copy.getParent());
    Files.writeString(copy, text);
  }

  private String in(Function<MutantLoader, String> tests) throws IOException {
    try (var loader = new MutantLoader(urls(), store.folder())) {
      Thread.currentThread().setContextClassLoader(loader); // Where JUnit finds tests again.
      return tests.apply(loader);
    } finally {
      Thread.currentThread().setContextClassLoader(Worker.class.getClassLoader());
      store.cleanUp();
      cleanUp();
    }
  }

  private void cleanUp() throws IOException {
    remove(changed);
    remove(Path.of("target")); // The databases of SQLite.
  }

  private String kit(String file, String block, MutantLoader loader) {
    Set<String> known = finders.computeIfAbsent(file, name -> new LinkedHashSet<>());
    List<String> newestFirst = new ArrayList<>(known);
    newestFirst.sort(Comparator.comparing(new ArrayList<>(known)::indexOf).reversed());
    PostDiscoveryFilter reaching = reach.of(block);
    Failure failure =
        failure(
            newestFirst.stream().map(id -> (DiscoverySelector) selectUniqueId(id)).toList(),
            reaching);
    Verdict verdict = Verdict.CLAUSE;
    if (failure == null) {
      failure =
          failure(
              classes(loader, store.contracts(file, true)),
              excludeTags("race", "model", "history"),
              reaching);
    }
    // These may reach another block each time.
    PostDiscoveryFilter reachingFile = reach.of(Blocks.first(file));
    if (failure == null) {
      verdict = Verdict.RACE;
      failure =
          failure(classes(loader, store.contracts(file, false)), includeTags("race"), reachingFile);
    }
    if (failure == null) {
      verdict = Verdict.MODEL;
      failure =
          failure(
              classes(loader, store.contracts(file, true)),
              includeTags("model | history"),
              reachingFile);
    }
    if (failure == null) {
      return SURVIVED;
    }
    if (verdict == Verdict.CLAUSE && !file.isEmpty()) {
      known.remove(failure.id);
      known.add(failure.id);
    }
    return (failure.isAtOpening ? Verdict.OPENING : verdict) + "\t" + failure.test;
  }

  private String ownTests(String file, MutantLoader loader) {
    Failure failure = failure(classes(loader, store.ownTests(file)), excludeTags("slow"));
    return failure == null ? SURVIVED : Verdict.OWN + "\t" + failure.test;
  }

  private List<DiscoverySelector> classes(MutantLoader loader, List<String> names) {
    List<DiscoverySelector> classes = new ArrayList<>();
    for (String name : names) {
      try {
        classes.add(selectClass(loader.loadClass(name)));
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(e);
      }
    }
    return classes;
  }

  /** Runs tests until one fails. */
  private Failure failure(List<DiscoverySelector> tests, Filter<?>... filters) {
    if (tests.isEmpty()) {
      return null;
    }
    StopAtFirst.hasFailed = false;
    var listener = new Listener(out, reach);
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request()
            .selectors(tests)
            .filters(filters)
            .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
            .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
            .configurationParameter("lease.kit.report", "none")
            .build(),
        listener);
    return listener.first;
  }

  private URL[] urls() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    urls.add(changed.toUri().toURL());
    for (Path folder : store.classes(root)) {
      urls.add(folder.toUri().toURL());
    }
    return urls.toArray(URL[]::new);
  }

  private static void remove(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(each);
        }
      }
    }
  }

  private record Failure(String id, String test, boolean isAtOpening) {}

  private static final class Listener implements TestExecutionListener {
    private final PrintStream out;
    private final Reach reach;
    private Failure first;

    Listener(PrintStream out, Reach reach) {
      this.out = out;
      this.reach = reach;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      out.println(test.getDisplayName());
      reach.ended(test);
      if (result.getStatus() == TestExecutionResult.Status.FAILED && first == null) {
        String message =
            String.valueOf(result.getThrowable().map(Throwable::getMessage).orElse(""));
        System.err.println(test.getDisplayName() + "\n" + message);
        StopAtFirst.hasFailed = true;
        first =
            new Failure(
                test.getUniqueId(),
                nameOf(test),
                message.contains("the store under test could not be opened"));
      }
    }

    /** The clause and the rule; a test that is not of the kit by its class and method. */
    private static String nameOf(TestIdentifier test) {
      return test.getSource()
          .filter(source -> !test.getDisplayName().matches("[LQ]\\d\\d .*"))
          .filter(MethodSource.class::isInstance)
          .map(MethodSource.class::cast)
          .map(
              source ->
                  source.getClassName().replaceAll(".*\\.", "") + "." + source.getMethodName())
          .orElse(test.getDisplayName());
    }
  }
}
