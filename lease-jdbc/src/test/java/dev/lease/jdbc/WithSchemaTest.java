package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.NewJob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** A store in a schema that its configuration names. */
class WithSchemaTest {

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q51 all statements name the schema, whatever the session thinks of it")
  void wholeLife(TestDatabase kind) throws Exception {
    String url = kind.emptyUrl();
    // On MariaDB a schema is a database of the whole server.
    String schema = kind == TestDatabase.POSTGRESQL ? "Jobs-1" : name(kind.emptyUrl());
    if (kind == TestDatabase.POSTGRESQL) {
      TestDatabase.execute(url, "create schema \"Jobs-1\"");
    }
    JdbcConfig config = TestDatabase.config(url).withSchema(schema);

    for (int start = 0; start < 2; start++) {
      try (var backend = JdbcBackend.open(config);
          Connection connection = DriverManager.getConnection(url)) {
        WholeLife.run(backend, connection);
        assertThat(backend.jobQueue().enqueue(List.of(NewJob.builder("q", "1", "t", "p").build())))
            .hasSize(1);
        backend.jobAdmin().delete("q", "1");
      }
      TestDatabase.execute(url, cleared(kind, schema));
    }
    JdbcBackend.open(config.withMigrate(false)).close();
    assertThat(tables(kind, url)).as("where the connections are by themselves").isEmpty();
    assertThatThrownBy(() -> JdbcBackend.open(TestDatabase.config(url).withMigrate(false)).close())
        .isInstanceOf(IllegalStateException.class);
  }

  private static String[] cleared(TestDatabase kind, String schema) {
    String prefix = kind == TestDatabase.POSTGRESQL ? '"' + schema + "\"." : '`' + schema + "`.";
    return new String[] {
      "delete from " + prefix + "lease_job",
      "delete from " + prefix + "lease_checkpoint",
      "delete from " + prefix + "lease_attempt"
    };
  }

  private static String name(String url) {
    return url.replaceAll("\\?.*", "").replaceAll(".*/", "");
  }

  private static List<String> tables(TestDatabase kind, String url) throws SQLException {
    String own = kind == TestDatabase.POSTGRESQL ? "'public'" : "database()";
    List<String> tables = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select table_name from information_schema.tables where table_schema = " + own)) {
      while (row.next()) {
        tables.add(row.getString(1));
      }
    }
    return tables;
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("U23 a schema that does not exist is refused, and not made")
  void missing(TestDatabase kind) {
    String url = kind.emptyUrl();

    for (boolean migrate : new boolean[] {true, false}) {
      assertThatThrownBy(
              () -> JdbcBackend.open(JdbcConfig.of(url).withSchema("nosuch").withMigrate(migrate)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("there is no schema nosuch in " + JdbcConfig.redacted(url));
    }
  }

  @Test
  @DisplayName("sqlite has no schemas")
  void sqlite() {
    String url = TestDatabase.SQLITE.emptyUrl();

    assertThatThrownBy(() -> JdbcBackend.open(JdbcConfig.of(url).withSchema("main")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sqlite has no schemas");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a;b", "a\"b", "a`b", "a.b", "1a", ":a", "{a}", "\u00e4"})
  @DisplayName("a name that would need more than quotes is refused")
  void badName(String schema) {
    assertThatThrownBy(() -> JdbcConfig.defaults().withSchema(schema))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("schema must be 1 to 63 letters")
        .hasMessageEndingWith("was " + schema);
    assertThatThrownBy(() -> JdbcConfig.defaults().withSchema("a".repeat(64)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
