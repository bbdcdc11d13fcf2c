package dev.lease.jdbc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Reads Flyway's table of past migrations. Nearly always it shows that there is nothing to do. Then
 * Flyway need not be loaded, which would cost a fresh process more than half a second of processor
 * time.
 */
final class SchemaHistory {

  static final String TABLE = "lease_schema_history";

  private static final String[] KINDS = {"TABLE", "BASE TABLE", "VIEW", "PARTITIONED TABLE"};

  private SchemaHistory() {}

  private static String path(Dialect dialect, String script) {
    return "migration/" + dialect.name() + "/" + script;
  }

  /** The folder in the class path with the scripts of a dialect. */
  static String folder(Dialect dialect) {
    return dialect.getClass().getPackageName().replace('.', '/') + "/migration/" + dialect.name();
  }

  /**
   * Whether all scripts have run as they are now, and no others. If not, Flyway finds out why, and
   * what to do.
   */
  static boolean isCurrent(Connection connection, Dialect dialect, @Nullable String schema) {
    try {
      return found(connection, dialect, schema).equals(wanted(dialect));
    } catch (SQLException e) {
      // For example, there is no such table yet.
      return false;
    }
  }

  private static List<String> found(Connection connection, Dialect dialect, @Nullable String schema)
      throws SQLException {
    List<String> entries = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select script, checksum, success from "
                    + table(connection, statement, dialect, schema)
                    + " where type <> 'BASELINE' order by installed_rank")) {
      while (row.next()) {
        entries.add(entry(row.getString(1), row.getInt(2), row.getBoolean(3)));
      }
    }
    return entries;
  }

  /** The table in a schema; if that is null, in the one that a connection uses by itself. */
  static String table(Dialect dialect, @Nullable String schema) {
    return schema == null ? TABLE : dialect.prefix(schema) + TABLE;
  }

  /**
   * The table in the schema in which Flyway would create it, not in another one of the search path.
   */
  private static String table(
      Connection connection, Statement statement, Dialect dialect, @Nullable String wanted)
      throws SQLException {
    String schema = wanted == null ? connection.getSchema() : null;
    return schema == null
        ? table(dialect, wanted)
        : statement.enquoteIdentifier(schema, true) + "." + TABLE;
  }

  /**
   * The tables and views of a schema that have names of the store's, with the schema before each
   * name; if that is null, of the one that a connection uses by itself.
   */
  static List<String> tables(Connection connection, @Nullable String schema) throws SQLException {
    // A product that has schemas has databases as well; MariaDB's databases are both.
    String own = connection.getSchema();
    boolean hasSchemas = own != null;
    String wanted = schema != null ? schema : hasSchemas ? own : connection.getCatalog();
    List<String> found = new ArrayList<>();
    try (ResultSet row =
        connection
            .getMetaData()
            .getTables(hasSchemas ? null : wanted, hasSchemas ? wanted : null, "lease%", KINDS)) {
      while (row.next()) {
        String name = row.getString("TABLE_NAME");
        if (SqlCatalog.isTable(name)) {
          found.add(wanted == null ? name : wanted + "." + name);
        }
      }
    }
    return found;
  }

  private static List<String> wanted(Dialect dialect) {
    List<String> entries = new ArrayList<>();
    for (String script : dialect.migrations()) {
      entries.add(entry(script, checksum(dialect, script), true));
    }
    return entries;
  }

  /** Flyway's checksum of a script, which leaves out the line ends. */
  private static int checksum(Dialect dialect, String script) {
    String resource = path(dialect, script);
    try (InputStream in =
            Objects.requireNonNull(dialect.getClass().getResourceAsStream(resource), resource);
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      var checksum = new CRC32();
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        checksum.update(line.getBytes(StandardCharsets.UTF_8));
      }
      return (int) checksum.getValue();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String entry(String script, int checksum, boolean success) {
    return script + " " + checksum + " " + success;
  }
}
