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
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.Filter;
import org.junit.platform.engine.FilterResult;
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

  private static final String NOT_FOUND = Verdict.SURVIVED + "\t";

  /** In the place of the number of a mutant: nothing is changed. */
  static final int UNCHANGED = -1;

  /** Begins what to run, and each further number: all tests, on all these mutants at once. */
  static final String TOGETHER = "+";

  /** How many tests are run first that found other mutants of the file. */
  private static final int FINDERS = 8;

  /** How many more are run first that reach little else than a change. */
  private static final int CLOSEST = 8;

  /** And how many that reach more and more. */
  private static final int SPREAD = 16;

  private static final Filter<?> NO_LONG_RUNS = excludeTags("race", "model", "history");

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

  private final List<Mutant> mutants;

  /** Gathers the tests that pass. */
  private Set<String> passed = new HashSet<>();

  private Worker(Store store, Path root, PrintStream out) throws IOException {
    this.store = store;
    this.root = root;
    this.out = out;
    this.mutants = store.mutants(root);
  }

  /** Takes the store, the folder of the project, and the words that say what to run. */
  public static void main(String[] args) throws Exception {
    PrintStream out = System.out;
    System.setOut(System.err);
    Store store = Store.valueOf(args[0]);
    var worker = new Worker(store, Path.of(args[1]), out);
    worker.cleanUp(); // After a process that was killed.
    for (String word : args[2].split(",", -1)) {
      worker.run(word);
    }
    System.exit(0); // A mutant may have left threads behind.
  }

  private void run(String word) throws IOException {
    if (word.startsWith(TOGETHER)) {
      runTogether(
          Stream.of(word.substring(1).split("\\+", -1)).map(Integer::valueOf).toList(),
          new HashSet<>());
    } else {
      int number = Integer.parseInt(word);
      say(number, number == UNCHANGED ? runUnchanged() : runFirst(mutants.get(number)));
    }
  }

  private void say(int number, Failure failure) {
    String verdict = failure == null ? NOT_FOUND : failure.verdict + "\t" + failure.test;
    out.println(RESULT + number + "\t" + verdict);
  }

  /** Runs all tests, and finds out what they reach. */
  private Failure runUnchanged() throws IOException {
    for (String file : store.numbers(root).keySet()) {
      write(file, store.withProbes(root, file));
    }
    reach.listen(store);
    Failure found =
        in(loader -> kit("", Set.of(), Set.of(), loader, test -> FilterResult.included("")));
    if (store == Store.REDIS) {
      reach.keep(); // The others have servers of their own, or count what the scripts publish.
    }
    if (found == null) {
      found = in(loader -> ownTests("", loader));
    }
    reach.keep();
    return found;
  }

  /** Runs the tests that are likely to find a mutant: most are found by one of them. */
  private Failure runFirst(Mutant mutant) throws IOException {
    String block = store.block(root, mutant);
    Set<String> known = finders.computeIfAbsent(mutant.file(), file -> new LinkedHashSet<>());
    List<String> first = new ArrayList<>(known);
    Collections.reverse(first);
    List<String> reaching = reach.of(block);
    if (!reaching.isEmpty()) { // Else nothing is known, or no test of the kit reaches it.
      first.retainAll(reaching);
    }
    first.subList(Math.min(FINDERS, first.size()), first.size()).clear();
    first.addAll(reaching.subList(0, Math.min(CLOSEST, reaching.size())));
    for (int i = 0; i < SPREAD; i++) {
      first.addAll(reaching.stream().skip((long) i * reaching.size() / SPREAD).limit(1).toList());
    }
    write(mutant.file(), mutant.text());
    Failure found =
        in(
            loader ->
                failure(
                    Verdict.CLAUSE,
                    first.stream()
                        .distinct()
                        .map(id -> (DiscoverySelector) selectUniqueId(id))
                        .toList(),
                    NO_LONG_RUNS));
    if (found != null) {
      known.remove(found.id);
      known.add(found.id);
    }
    return found;
  }

  /**
   * Runs all tests on a store with several mutants at once. If none fails, none of them is found.
   * Else the test that fails is run on each of them, and the others go on without those found.
   *
   * @param passed the tests that need not run any more
   */
  private void runTogether(List<Integer> numbers, Set<String> passed) throws IOException {
    List<Mutant> together = numbers.stream().map(mutants::get).toList();
    boolean isWhole = passed.isEmpty();
    Failure found = runAll(together, passed);
    List<Integer> left = new ArrayList<>(numbers);
    if (found == null && !isWhole) { // Those found before may have hidden others.
      runTogether(left, new HashSet<>());
      return;
    }
    if (found != null && numbers.size() > 1) {
      for (int number : numbers) {
        if (!reach.mayReach(found.id, store.block(root, mutants.get(number)))) {
          continue;
        }
        write(mutants.get(number).file(), mutants.get(number).text());
        Failure alone = in(loader -> failure(found.verdict, List.of(selectUniqueId(found.id))));
        if (alone != null) {
          say(number, alone);
          left.remove((Integer) number);
        }
      }
      if (left.size() < numbers.size()) {
        if (!left.isEmpty()) {
          runTogether(left, passed);
        }
      } else { // Only both together are wrong, or only sometimes.
        runTogether(left.subList(0, left.size() / 2), new HashSet<>());
        runTogether(left.subList(left.size() / 2, left.size()), new HashSet<>());
      }
    } else {
      left.forEach(number -> say(number, found));
    }
  }

  private Failure runAll(List<Mutant> together, Set<String> passed) throws IOException {
    Map<String, List<Mutant>> byFile =
        together.stream().collect(Collectors.groupingBy(Mutant::file));
    Set<String> blocks = new HashSet<>();
    for (String file : byFile.keySet()) {
      write(file, Mutant.together(store.text(root, file), byFile.get(file)));
      for (Mutant mutant : byFile.get(file)) {
        blocks.add(store.block(root, mutant));
      }
    }
    String one = together.get(0).file();
    Set<String> files = byFile.keySet().stream().map(Blocks::first).collect(Collectors.toSet());
    this.passed = passed;
    try {
      return in(
          loader -> {
            PostDiscoveryFilter isLeft =
                test ->
                    FilterResult.includedIf(
                        !test.isTest() || !passed.contains(test.getUniqueId().toString()));
            Failure found = kit(one, files, blocks, loader, isLeft);
            return found == null ? ownTests(one, loader, reach.of(blocks), isLeft) : found;
          });
    } finally {
      this.passed = new HashSet<>();
    }
  }

  private void write(String file, String text) throws IOException {
    Path copy = changed.resolve(store.path(file));
    Files.createDirectories(copy.getParent());
    Files.writeString(copy, text);
  }

  private Failure in(Function<MutantLoader, Failure> tests) throws IOException {
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

  private Failure kit(
      String file,
      Set<String> files,
      Set<String> blocks,
      MutantLoader loader,
      PostDiscoveryFilter isLeft) {
    List<DiscoverySelector> frozen = classes(loader, store.contracts(file, true));
    Failure found = failure(Verdict.CLAUSE, frozen, NO_LONG_RUNS, reach.of(blocks), isLeft);
    // These may reach another block each time.
    PostDiscoveryFilter reachingFile = reach.of(files);
    if (found == null) {
      found =
          failure(
              Verdict.RACE,
              classes(loader, store.contracts(file, false)),
              includeTags("race"),
              reachingFile,
              isLeft);
    }
    if (found == null) {
      found = failure(Verdict.MODEL, frozen, includeTags("model | history"), reachingFile, isLeft);
    }
    return found;
  }

  private Failure ownTests(String file, MutantLoader loader, PostDiscoveryFilter... filters) {
    return failure(Verdict.OWN, classes(loader, store.ownTests(file)), filters);
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
  private Failure failure(Verdict verdict, List<DiscoverySelector> tests, Filter<?>... filters) {
    if (tests.isEmpty()) {
      return null;
    }
    StopAtFirst.begin(store);
    var listener = new Listener(verdict, out, reach, passed);
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

  private record Failure(Verdict verdict, String id, String test) {}

  private static final class Listener implements TestExecutionListener {
    private final Verdict verdict;
    private final PrintStream out;
    private final Reach reach;
    private final Set<String> passed;
    private Failure first;

    Listener(Verdict verdict, PrintStream out, Reach reach, Set<String> passed) {
      this.verdict = verdict;
      this.out = out;
      this.reach = reach;
      this.passed = passed;
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      out.println(test.getDisplayName());
      reach.ended(test);
      if (test.isTest() && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
        passed.add(test.getUniqueId());
      }
      if (result.getStatus() == TestExecutionResult.Status.FAILED && first == null) {
        String message =
            String.valueOf(result.getThrowable().map(Throwable::getMessage).orElse(""));
        System.err.println(test.getDisplayName() + "\n" + message);
        StopAtFirst.hasFailed = true;
        first =
            new Failure(
                message.contains("the store under test could not be opened")
                    ? Verdict.OPENING
                    : verdict,
                test.getUniqueId(),
                nameOf(test));
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
