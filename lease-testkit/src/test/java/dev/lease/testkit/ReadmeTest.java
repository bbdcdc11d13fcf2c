package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The README shows code that compiles, and says truthfully what is covered. */
class ReadmeTest {

  private static final Pattern CLAUSES =
      Pattern.compile("([LQ])(\\d\\d)(?:-[LQ](\\d\\d))?(?=[ ,|-])");

  @Test
  void itsCodeIsThatOfTheTests() throws IOException {
    for (String name : new String[] {"InMemoryFixture", "InMemoryLeaseStoreContractTest"}) {
      String source =
          Files.readString(Path.of("src/test/java/dev/lease/testkit/" + name + ".java"));
      int start = source.indexOf("\nclass");
      assertThat(readme()).contains(source.substring(start).strip());
    }
  }

  @Test
  void itsPomHasTheVersionsOfThisBuild() throws IOException {
    String build = Files.readString(Path.of("..", "pom.xml"));
    String pom = readme().split("```xml\n", 2)[1].split("```", 2)[0];
    String lease = version(build, "<artifactId>lease</artifactId>\\s*<version>");

    assertThat(Pattern.compile("<version>([^<]*[.][^<]*)<").matcher(pom).results())
        .extracting(version -> version.group(1))
        .containsExactly(
            lease,
            lease,
            version(build, "<junit.version>"),
            version(build, "<slf4j.version>"),
            version(build, "<artifactId>maven-compiler-plugin</artifactId><version>"),
            version(build, "<artifactId>maven-surefire-plugin</artifactId><version>"));
    assertThat(pom).contains("<failIfNoTests>true<");
  }

  private static String version(String pom, String before) {
    Matcher version = Pattern.compile(before + "([^<]+)<").matcher(pom);
    assertThat(version.find()).as("a version after %s", before).isTrue();
    return version.group(1);
  }

  @Test
  void itsTablesAreThoseOfTheTests() throws IOException {
    String[] covered = readme().split("And what is not:", 2);
    String[] not = covered[1].split("Of these clauses a part is not:", 2);
    Set<String> tested = testedClauses();

    assertThat(clausesOfTheTableIn(covered[0])).as("covered").isEqualTo(tested);
    Set<String> others = Clauses.all();
    others.removeAll(tested);
    others.addAll(Set.of("L22", "L31")); // only by FaultyNetworkContract
    assertThat(clausesOfTheTableIn(not[0])).as("not covered").isEqualTo(others);
    assertThat(rowsOf(covered[1])).isEqualTo(untested().map(ReadmeTest::row).sorted().toList());
    assertThat(rowsOf(not[1])).allMatch(row -> tested.contains(row.substring(2, 5)));
  }

  @Test
  void itTellsTheNumberOfTests() throws IOException {
    assertThat(readme())
        .contains("more than " + tests().count() / 20 * 20 + " tests")
        .contains("skips " + untested().count() + " of them");
  }

  /** A test that is only there to say that it is not there. */
  private static Stream<Method> untested() {
    return tests().filter(test -> test.isAnnotationPresent(Disabled.class));
  }

  private static String row(Method untested) {
    String[] name = untested.getAnnotation(DisplayName.class).value().split(" untested.*?: ", 2);
    return "| "
        + name[0]
        + " | "
        + name[1]
        + " | "
        + untested.getAnnotation(Disabled.class).value()
        + " |";
  }

  private static List<String> rowsOf(String text) {
    return text.lines()
        .filter(line -> line.startsWith("| L") || line.startsWith("| Q"))
        .sorted()
        .toList();
  }

  private static String readme() throws IOException {
    return Files.readString(Path.of("README.md"));
  }

  private static Set<String> clausesOfTheTableIn(String text) {
    Set<String> clauses = new TreeSet<>();
    text.lines()
        .filter(line -> line.startsWith("| L") || line.startsWith("| Q"))
        .map(line -> line.substring(0, line.indexOf('|', 1) + 1))
        .flatMap(cell -> CLAUSES.matcher(cell).results())
        .forEach(
            found -> {
              int first = Integer.parseInt(found.group(2));
              int last = found.group(3) == null ? first : Integer.parseInt(found.group(3));
              clauses.addAll(clauses(found.group(1), first, last));
            });
    return clauses;
  }

  private static Set<String> clauses(String letter, int first, int last) {
    return IntStream.rangeClosed(first, last)
        .mapToObj(number -> String.format("%s%02d", letter, number))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> testedClauses() {
    return Stream.concat(tests(), RunReport.testsOf(FaultyNetworkContract.class))
        .filter(test -> !test.isAnnotationPresent(Disabled.class))
        .map(test -> test.getAnnotation(DisplayName.class).value().substring(0, 3))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<Method> tests() {
    return Stream.of(
            LeaseStoreContract.class,
            JobQueueContract.class,
            JobAdminContract.class,
            AdmissionContract.class,
            JobGraphsContract.class)
        .flatMap(RunReport::testsOf);
  }
}
