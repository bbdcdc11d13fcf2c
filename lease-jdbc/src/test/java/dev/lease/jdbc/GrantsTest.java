package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The rights that the README gives to an owner and to an application. */
class GrantsTest {

  private static final String AS_OWNER = "-- As the owner";

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("the owner migrates, and an application with the rights of the README does the rest")
  void readme(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    String suffix = UUID.randomUUID().toString().substring(0, 8);
    String schema = "jobs_" + suffix;
    String script = script(kind).replace("jobs", schema).replace("'...'", "'secret'");
    script = script.replace("lease_owner", "owner_" + suffix).replace("lease_app", "app_" + suffix);
    int later = script.indexOf(AS_OWNER);
    assertThat(later).isPositive();
    run(DriverManager.getConnection(url), script.substring(0, later));
    // A user of MariaDB may connect only to a database on which it has a right.
    String bare = kind == TestDatabase.MARIADB ? withDatabase(url, schema) : url;
    bare = bare.replaceAll("([?&])(user|password)=[^&]*", "$1");
    JdbcConfig owner =
        TestDatabase.config(bare).withUser("owner_" + suffix, "secret").withSchema(schema);
    JdbcConfig app =
        TestDatabase.config(bare)
            .withUser("app_" + suffix, "secret")
            .withSchema(schema)
            .withMigrate(false);

    JdbcBackend.migrate(owner);
    run(connect(owner), script.substring(later));

    try (var backend = JdbcBackend.open(app);
        var other = JdbcBackend.open(app);
        Connection connection = connect(app);
        Statement statement = connection.createStatement()) {
      WholeLife.run(backend, connection);
      if (kind == TestDatabase.POSTGRESQL) {
        WholeLife.hint(backend, other);
      }
      for (String forbidden :
          new String[] {
            "create table %s.more (a int)",
            "drop table %s.lease_job",
            "alter table %s.lease_job add column a int",
            "delete from %s.lease_schema_history",
            "delete from %s.lease_token_floor"
          }) {
        assertThatThrownBy(() -> statement.execute(forbidden.formatted(schema)))
            .as(forbidden)
            .isInstanceOf(SQLException.class);
        connection.rollback();
      }
    }
    TestDatabase.execute(
        url, kind == TestDatabase.MARIADB ? "drop database " + schema : "select 1");
  }

  private static String withDatabase(String url, String database) {
    return url.replaceFirst("(jdbc:mariadb://[^/]+/)[^?]*", "$1" + database);
  }

  private static Connection connect(JdbcConfig config) throws SQLException {
    return DriverManager.getConnection(
        String.valueOf(config.url()), config.user(), config.password());
  }

  private static void run(Connection connection, String script) throws SQLException {
    try (connection;
        Statement statement = connection.createStatement()) {
      String statements = script.replaceAll("(?m)^--.*\n", "").strip();
      for (String sql : Pattern.compile(";\\s*").splitAsStream(statements).toList()) {
        statement.execute(sql);
      }
    }
  }

  /** The block of SQL after a heading of the README. */
  private static String script(TestDatabase kind) throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String name = kind == TestDatabase.POSTGRESQL ? "PostgreSQL" : "MariaDB";
    int heading = readme.indexOf("On " + name + ":\n\n```sql\n");
    assertThat(heading).as("the script for " + name).isPositive();
    int from = readme.indexOf("```sql\n", heading) + "```sql\n".length();
    return readme.substring(from, readme.indexOf("```", from));
  }
}
