package dev.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The contract has every clause that the sources name, and names who tests it. */
class ContractPageTest {

  private static final Path PAGE = Path.of("docs", "contract.md");
  private static final Pattern NUMBER = Pattern.compile("\\b[LQW]\\d\\d\\b");
  private static final Pattern CLAUSE =
      Pattern.compile("^- \\*\\*([LQW]\\d\\d)\\*\\*(.*(?:\\n  .*)*)", Pattern.MULTILINE);
  private static final Pattern TESTS = Pattern.compile("\\*((?:`\\w+`[,\\s]*)+)\\*$");
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  /** The clauses by their numbers. */
  private static Map<String, String> clauses() throws IOException {
    Map<String, String> clauses = new TreeMap<>();
    Matcher clause = CLAUSE.matcher(Files.readString(PAGE));
    while (clause.find()) {
      assertThat(clauses.put(clause.group(1), clause.group(2)))
          .as("an earlier clause %s", clause.group(1))
          .isNull();
    }
    return clauses;
  }

  @Test
  void everyNumberInTheSourcesIsAClause() throws IOException {
    Set<String> clauses = clauses().keySet();
    assertThat(clauses).hasSizeGreaterThan(90);
    for (Path source : sources("java", "sql", "lua", "md")) {
      assertThat(NUMBER.matcher(Files.readString(source)).results().map(it -> it.group()))
          .as("the numbers in %s", source)
          .allMatch(clauses::contains, "is a clause of " + PAGE);
    }
  }

  @Test
  void everyClauseNamesAClassThatTestsIt() throws IOException {
    Map<String, Path> classes = new TreeMap<>();
    for (Path source : sources("java")) {
      String file = source.getFileName().toString();
      classes.put(file.substring(0, file.length() - ".java".length()), source);
    }
    for (Map.Entry<String, String> clause : clauses().entrySet()) {
      Matcher tests = TESTS.matcher(clause.getValue().stripTrailing());
      assertThat(tests.find()).as("tests named by %s", clause).isTrue();
      List<String> names = NAME.matcher(tests.group(1)).results().map(it -> it.group(1)).toList();
      for (String name : names) {
        assertThat(classes).as("the class that tests %s", clause.getKey()).containsKey(name);
        assertThat(Files.readString(classes.get(name)))
            .as("%s, which tests %s", name, clause.getKey())
            .contains(clause.getKey())
            .containsPattern("@(Parameterized)?Test(Factory)?\\b");
      }
    }
  }

  @Test
  void numbersAreComplete() throws IOException {
    Set<String> numbers = clauses().keySet();
    for (String letter : List.of("L", "Q")) {
      List<String> of = numbers.stream().filter(it -> it.startsWith(letter)).toList();
      assertThat(of.get(of.size() - 1))
          .as("the last number of %s", letter)
          .isEqualTo(letter + "%02d".formatted(of.size()));
    }
  }

  private static List<Path> sources(String... endings) {
    List<Path> sources = new ArrayList<>();
    for (String module :
        List.of(
            "lease-api",
            "lease-jdbc",
            "lease-redis",
            "lease-worker",
            "lease-testkit",
            "examples")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module))) {
        files
            .filter(file -> !file.toString().contains("/target/"))
            .filter(Files::isRegularFile)
            .filter(file -> Stream.of(endings).anyMatch(it -> file.toString().endsWith("." + it)))
            .forEach(sources::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    assertThat(sources).hasSizeGreaterThan(100);
    return sources;
  }
}
