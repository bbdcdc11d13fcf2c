package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SqlCatalogTest {

  private static final Path FILES = Path.of("src/main/resources/dev/lease/jdbc/sql");

  /** What a dialect replaces when it runs a statement. */
  private static final Pattern LATER =
      Pattern.compile(
          "\\{(found|keys|last|limit|slice|priority|conditions|columns|direction|order|range|by|queue|outcome|places|parts?|queues|until|end|(rows|range|fresh|expired):[^}]*)}",
          Pattern.DOTALL);

  private static final Pattern BARE_STATE =
      Pattern.compile("(then|else|outcome (=|<>|in \\([^)]*?)) ?[2-9]\\b(?! -)");

  /** What a statement calls null, and reads from a part of its own. */
  private static final Pattern NULL_AS_KEY =
      Pattern.compile("null as job_key|job_key, graph, part, 0 as outcome from gone");

  private static Stream<Dialect> dialects() {
    return Stream.of(new SqliteDialect(), new PostgresqlDialect(), new MariadbDialect());
  }

  /** The statements of a dialect, outside any schema. */
  static SqlCatalog catalog(Dialect dialect) {
    var files = new DialectFiles(dialect);
    var words = new HashMap<>(files.words());
    words.put("remembered", "1");
    words.put("least_kept", "1");
    return new SqlCatalog(files::statement, words, "", UnaryOperator.identity());
  }

  @ParameterizedTest
  @MethodSource("dialects")
  void everyWordInBracesStandsForSomething(Dialect dialect) {
    SqlCatalog catalog = catalog(dialect);

    for (Sql sql : Sql.values()) {
      for (String text : catalog.texts(sql)) {
        assertThat(LATER.matcher(text).replaceAll("")).as(sql.name()).doesNotContain("{");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void noStatementReadsTheKeyWhereJobsHaveNone(Dialect.Style style) {
    SqlCatalog catalog = catalog(new DialectTest.Foreign("keyless", style));

    for (Sql sql : Sql.values()) {
      if (!sql.isForKeys()) {
        for (String text : catalog.texts(sql)) {
          assertThat(NULL_AS_KEY.matcher(text).replaceAll(""))
              .as(sql.name())
              .doesNotContain("job_key");
        }
      }
    }
  }

  @Test
  void statesHaveNamesInTheStatements() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(FILES)) {
      files = all.filter(file -> file.toString().endsWith(".sql")).toList();
    }
    assertThat(files).hasSizeGreaterThan(Sql.values().length);
    for (Path file : files) {
      assertThat(Files.readString(file)).as(file.toString()).doesNotContainPattern(BARE_STATE);
    }
  }
}
