package dev.lease.examples.customstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README counts the lines right, and its quotes and those of the afternoon are exact. */
class ReadmeTest {

  private static final Pattern NO_CODE = Pattern.compile("\\s*(|//.*|/?\\*.*|(import|package) .*)");

  @Test
  void storeHasAtMost700Lines() throws IOException {
    long lines = 0;
    try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        lines += Files.readAllLines(source).stream().filter(line -> !isNoCode(line)).count();
      }
    }

    assertThat(lines).isLessThanOrEqualTo(700);
    assertThat(readme()).contains(lines + " lines of code");
  }

  private static boolean isNoCode(String line) {
    return NO_CODE.matcher(line).matches();
  }

  @Test
  void lineIsThatOfTheLog(@TempDir Path directory) throws IOException {
    Path log = directory.resolve("log");
    try (var store = new LogStore(log, new ManualClock())) {
      store.acquire("nightly", "a", Duration.ofMinutes(1));
    }

    assertThat(blocks("```json\n(.*?)```\n")).containsExactly(Files.readString(log));
  }

  @Test
  void quotesAreFromTheReport() throws IOException {
    String report = Files.readString(Path.of("naive-report.md"));

    List<String> quotes = new ArrayList<>();
    for (String block : blocks("```(\\w*\n.*?)```\n")) {
      if (block.matches("(?s)\n[LQ]\\d\\d .*")) {
        quotes.add(block.substring(1));
      }
    }

    assertThat(quotes).hasSize(3 + 7);
    assertThat(quotes)
        .allSatisfy(
            quote -> assertThat(report).contains("## " + quote.replaceFirst("\n", "\n\n```\n")));
  }

  @Test
  void codeIsThatOfTheSources() throws IOException {
    assertThat(blocks("```java\n(.*?)\n```\n"))
        .isNotEmpty()
        .allSatisfy(block -> assertThat(allSources()).contains(block));
  }

  private static List<String> blocks(String pattern) throws IOException {
    return Pattern.compile(pattern, Pattern.DOTALL)
        .matcher(readme() + Files.readString(Path.of("AFTERNOON.md")))
        .results()
        .map((MatchResult found) -> found.group(1))
        .toList();
  }

  private static String allSources() throws IOException {
    var text = new StringBuilder();
    try (Stream<Path> sources = Files.walk(Path.of("src"))) {
      for (Path source : sources.filter(path -> path.toString().endsWith(".java")).toList()) {
        text.append(Files.readString(source));
      }
    }
    return text.toString();
  }

  private static String readme() throws IOException {
    return Files.readString(Path.of("README.md"));
  }
}
