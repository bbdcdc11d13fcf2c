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

/**
 * What Flyway notes of each migration. It tells nearly always that there is nothing to do, so that
 * Flyway need not be loaded: that costs a fresh process more than half a second of processor time.
 */
final class SchemaHistory {

  static final String TABLE = "lease_schema_history";

  /** Those of each dialect, the oldest first. */
  private static final List<String> SCRIPTS =
      List.of("V1__lease.sql", "V2__failed_attempts.sql", "V3__remembered_ids.sql");

  private SchemaHistory() {}

  /** The folder in the class path with the scripts of a dialect. */
  static String folder(Dialect dialect) {
    return "dev/lease/jdbc/migration/" + dialect.folder();
  }

  /**
   * Whether all scripts have run as they are now, and no others. If not, Flyway finds out why, and
   * what is to be done.
   */
  static boolean isCurrent(Connection connection, Dialect dialect) {
    try {
      return noted(connection).equals(wanted(dialect));
    } catch (SQLException e) {
      // For one, there is no history yet.
      return false;
    }
  }

  private static List<String> noted(Connection connection) throws SQLException {
    List<String> entries = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select script, checksum, success from "
                    + table(connection, statement)
                    + " where type <> 'BASELINE' order by installed_rank")) {
      while (row.next()) {
        entries.add(entry(row.getString(1), row.getInt(2), row.getBoolean(3)));
      }
    }
    return entries;
  }

  /** That of the schema in which Flyway would make it, not of another in the search path. */
  private static String table(Connection connection, Statement statement) throws SQLException {
    String schema = connection.getSchema();
    return schema == null ? TABLE : statement.enquoteIdentifier(schema, true) + "." + TABLE;
  }

  private static List<String> wanted(Dialect dialect) {
    List<String> entries = new ArrayList<>();
    for (String script : SCRIPTS) {
      entries.add(entry(script, checksum("/" + folder(dialect) + "/" + script), true));
    }
    return entries;
  }

  /** As Flyway has it: of the lines, whatever ends them. */
  private static int checksum(String resource) {
    try (InputStream in =
            Objects.requireNonNull(SchemaHistory.class.getResourceAsStream(resource), resource);
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
