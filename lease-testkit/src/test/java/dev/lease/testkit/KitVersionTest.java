package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Each test came with a version of the kit, and those of earlier versions stay as they were. */
class KitVersionTest {

  private static final long TESTS_OF_VERSION_1 = 319;

  private static Stream<Method> tests() {
    return Stream.of(
            LeaseStoreContract.class,
            JobQueueContract.class,
            JobAdminContract.class,
            AdmissionContract.class,
            JobGraphsContract.class,
            FaultyNetworkContract.class)
        .flatMap(RunReport::testsOf)
        .filter(test -> !test.isAnnotationPresent(Disabled.class));
  }

  @Test
  void noTestIsAddedToAnEarlierVersion() {
    Map<Integer, Long> byVersion =
        tests().collect(Collectors.groupingBy(KitVersion::of, TreeMap::new, Collectors.counting()));

    assertThat(byVersion.keySet()).allMatch(version -> version <= KitVersion.NEWEST);
    assertThat(byVersion.get(1))
        .as("tests without @Since; a new test needs @Since(%s)", KitVersion.NEWEST)
        .isEqualTo(TESTS_OF_VERSION_1);
  }

  @Test
  void theReadmeTellsTheClausesOfEachVersion() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    for (int version = 2; version <= KitVersion.NEWEST; version++) {
      String row = "| " + version + " | ";
      int wanted = version;
      assertThat(
              readme
                  .lines()
                  .filter(line -> line.startsWith(row))
                  .flatMap(line -> Pattern.compile("\\b[LQ]\\d\\d\\b").matcher(line).results())
                  .map(MatchResult::group))
          .as("the clauses of version %s", version)
          .containsOnly(
              tests()
                  .filter(test -> KitVersion.of(test) == wanted)
                  .map(test -> test.getAnnotation(DisplayName.class).value().substring(0, 3))
                  .distinct()
                  .toArray(String[]::new));
    }
  }
}
