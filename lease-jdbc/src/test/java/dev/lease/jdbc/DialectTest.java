package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import com.example.h2.H2Dialect;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a dialect of somebody else's is told about its mistakes; H2DialectTest has one that works.
 */
class DialectTest {

  /** Not Lease's own, with what it must have alone. */
  static class Foreign extends Dialect {
    Foreign(String name, Style style) {
      super(name, style);
    }

    @Override
    protected Map<String, String> words() {
      return Map.of("now", "the_clock()");
    }

    @Override
    protected Verdict verdict(SQLException e) {
      return Verdict.UNKNOWN;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "H2", "../h2", "my-db", "1st"})
  @DisplayName("a name has to be that of a folder")
  void names(String name) {
    assertThatThrownBy(() -> new Foreign(name, Dialect.Style.ARRAYS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the name of a dialect must be lower-case letters, digits and underscores, and begin with a letter, was "
                + name);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("the statements are those of the style, with the dialect's words")
  void statements(Dialect.Style style) {
    SqlCatalog catalog = SqlCatalogTest.catalog(new Foreign("foreign", style));
    assertThat(catalog.text(Sql.SERVER_TIME)).isEqualTo("select the_clock() as as_of");
    assertThat(catalog.texts(Sql.JOB_CLAIM).get(0)).contains("the_clock()").doesNotContain("{use");
  }

  /** A database without booleans. */
  private static final class Numbers extends Foreign {
    Numbers(Style style) {
      super("foreign", style);
    }

    @Override
    protected Map<String, String> words() {
      return Map.of(
          "now", "the_clock()",
          "true", "1 = 1",
          "cancelled", "cancel_requested + 0 = 1",
          "brief_payload", "left(payload, 400)");
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a list without conditions has the dialect's word for what always holds")
  void alwaysTrue(Dialect.Style style) {
    SqlCatalog catalog = SqlCatalogTest.catalog(new Numbers(style));
    var conditions =
        new JobConditions(JobQuery.of(JobFilter.all()).order(JobOrder.LAST_FINISHED_FIRST), null);

    SqlCatalog.Listing list =
        catalog.list(
            conditions, JobOrder.LAST_FINISHED_FIRST, List.of("queue0"), RowMappers.COLUMNS);

    assertThat(list.text()).contains("1 = 1").doesNotContain("true");
    assertThat(list.choosesRows()).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q84 a brief list has the dialect's word for the beginning of a text")
  void brief(Dialect.Style style) {
    SqlCatalog catalog = SqlCatalogTest.catalog(new Numbers(style));
    var conditions = new JobConditions(JobQuery.of(JobFilter.all()), null);

    assertThat(
            catalog
                .list(conditions, JobOrder.OLDEST_FIRST, List.of(), RowMappers.BRIEF_COLUMNS)
                .text())
        .contains("left(payload, 400) as payload", "substr(result, 1, 400) as result")
        .doesNotContain("substr(payload");
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("Q81 a dialect says once how it asks whether a cancellation was requested")
  void cancelled(Dialect.Style style) {
    SqlCatalog catalog = SqlCatalogTest.catalog(new Numbers(style));

    for (Sql sql : Sql.values()) {
      for (String text : catalog.texts(sql)) {
        assertThat(text)
            .as(sql.name())
            .doesNotContainPattern("(when|where|and|or|not) cancel_requested(?! \\+ 0 = 1)");
      }
    }
    assertThat(catalog.texts(Sql.JOB_RESET_EXPIRED).get(0))
        .contains("(cancel_requested + 0 = 1 or ", "not_after < the_clock()");
  }

  @Test
  @DisplayName("a dialect needs a word for the time")
  void words() {
    var timeless =
        new Foreign("foreign", Dialect.Style.ARRAYS) {
          @Override
          protected Map<String, String> words() {
            return Map.of();
          }
        };
    assertThatThrownBy(new DialectFiles(timeless)::words)
        .hasMessage("the dialect foreign has no word for now");
  }

  @Test
  @DisplayName("a dialect's schema has to be of the version of the store")
  void versions() {
    var old =
        new Foreign("foreign", Dialect.Style.ARRAYS) {
          @Override
          protected List<String> migrations() {
            return List.of();
          }
        };
    JdbcConfig config = TestDatabase.config(TestDatabase.SQLITE.newUrl()).withDialect(old);
    assertThatThrownBy(() -> JdbcBackend.open(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the dialect foreign must have a last script that begins with V1__, as the schema of this version of the store, was none");
  }

  @Test
  @DisplayName("a dialect that allows too few parameters for a statement is refused")
  void parameters() {
    var few =
        new Foreign("foreign", Dialect.Style.ARRAYS) {
          @Override
          protected int maxParameters() {
            return 99;
          }
        };
    assertThatThrownBy(() -> DialectCheck.check(few))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the dialect foreign must have a maxParameters of 100 or more, was 99");
  }

  @Test
  @DisplayName("a word that no statement uses is misspelt")
  void misspeltWord() {
    var misspelt =
        new Foreign("words", Dialect.Style.SINGLE_WRITER) {
          @Override
          protected Map<String, String> words() {
            return Map.of("now", "the_clock()", "aasof", "the_clock()");
          }
        };
    assertThatThrownBy(() -> DialectCheck.check(misspelt))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "the dialect words has the word aasof, which no statement uses; those of Lease are [asof, ");
  }

  @Test
  @DisplayName("a script that fails is told of by its first failure, and does not run again")
  void firstFailure() {
    JdbcConfig config =
        JdbcConfig.of(
                "jdbc:h2:mem:again%s;DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE"
                    .formatted(UUID.randomUUID()))
            .withDialect(new Foreign("again", Dialect.Style.SINGLE_WRITER));
    assertThatThrownBy(() -> JdbcBackend.open(config)).hasMessageContaining("misspelt");
  }

  @Test
  @DisplayName("a script that is missing fails by its name")
  void scripts() {
    JdbcConfig config =
        TestDatabase.config(TestDatabase.SQLITE.newUrl())
            .withDialect(new Foreign("foreign", Dialect.Style.SINGLE_WRITER));
    assertThatThrownBy(() -> JdbcBackend.open(config))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "the dialect foreign has no script migration/foreign/V1__lease.sql beside its class");
  }

  @Test
  @DisplayName(
      "L31 a driver without a time limit for answers is told of, also that of an embedded database")
  void endlessWaits() {
    JdbcConfig config =
        JdbcConfig.of("jdbc:h2:mem:endless;DATABASE_TO_LOWER=TRUE;NON_KEYWORDS=VALUE")
            .withDialect(new H2Dialect());
    try (var logs = new Logs(StoreOpening.class.getName());
        var backend = JdbcBackend.open(config)) {
      assertThat(backend.capabilities()).isNotEmpty();
      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .contains("has no time limit for the network");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "counts | must have 1 statements in job_progress.sql, had 2",
        "words | has the word {nwo} in server_time.sql, which is none of ",
        "hints | has the word {use lease_job_redy} in job_lock.sql, which is none of ",
        "states | has the word {PROCESING} in job_lock.sql, which is none of ",
        "parameters | has the parameter :idd in job_delete.sql, which is none of id, queue"
      })
  @DisplayName("a file that the store cannot run is named when the store opens")
  void files(String name, String message) {
    assertThatThrownBy(() -> DialectCheck.check(new Misspelt(name)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("the dialect " + name + " " + message);
  }

  /** Its files are beside this class, each with one mistake. */
  private static final class Misspelt extends Foreign {
    Misspelt(String name) {
      super(name, Style.SINGLE_WRITER);
    }
  }
}
