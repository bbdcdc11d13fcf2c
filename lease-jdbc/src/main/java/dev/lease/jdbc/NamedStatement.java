package dev.lease.jdbc;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One run of a prepared statement: bind the values by their names, then get the rows or the count.
 */
final class NamedStatement {

  /** Makes a value of the row under the cursor. */
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private final ParsedSql sql;
  private final PreparedStatement statement;
  private final Ending end;

  /** A run that closes its statement at the end. */
  NamedStatement(ParsedSql sql, PreparedStatement statement) {
    this(sql, statement, statement::close);
  }

  /**
   * @param end what to do with the statement at the end
   */
  NamedStatement(ParsedSql sql, PreparedStatement statement, Ending end) {
    this.sql = sql;
    this.statement = statement;
    this.end = end;
  }

  /** What happens to the statement at the end. */
  interface Ending extends AutoCloseable {
    @Override
    void close() throws SQLException;
  }

  NamedStatement bind(String name, long value) throws SQLException {
    for (int position : sql.positions(name)) {
      statement.setLong(position, value);
    }
    return this;
  }

  NamedStatement bind(String name, boolean value) throws SQLException {
    for (int position : sql.positions(name)) {
      statement.setBoolean(position, value);
    }
    return this;
  }

  NamedStatement bind(String name, @Nullable String value) throws SQLException {
    for (int position : sql.positions(name)) {
      statement.setString(position, value);
    }
    return this;
  }

  /** Binds an array, with the database's name of its elements' type. */
  NamedStatement bindArray(String name, String type, @Nullable Object[] values)
      throws SQLException {
    Array array = statement.getConnection().createArrayOf(type, values);
    for (int position : sql.positions(name)) {
      statement.setArray(position, array);
    }
    return this;
  }

  /** Binds each column of some rows as an array. */
  NamedStatement bindArrays(RowBatch rows) throws SQLException {
    for (int i = 0; i < rows.columns().size(); i++) {
      RowBatch.Column column = rows.columns().get(i);
      bindArray(column.name(), column.type() == Long.class ? "int8" : "text", rows.column(i));
    }
    return this;
  }

  /** Binds the values whose names occur in the statement; leaves the others out. */
  NamedStatement bind(Map<String, @Nullable Object> values) throws SQLException {
    for (Map.Entry<String, @Nullable Object> entry : values.entrySet()) {
      if (sql.has(entry.getKey())) {
        for (int position : sql.positions(entry.getKey())) {
          statement.setObject(position, entry.getValue());
        }
      }
    }
    return this;
  }

  /** Binds the values of a row to the names of its columns. */
  NamedStatement bind(List<RowBatch.Column> columns, @Nullable Object[] row) throws SQLException {
    for (int i = 0; i < row.length; i++) {
      for (int position : sql.positions(columns.get(i).name())) {
        set(position, columns.get(i), row[i]);
      }
    }
    return this;
  }

  /** Binds a value by its position, from 1 on. */
  NamedStatement set(int position, RowBatch.Column column, @Nullable Object value)
      throws SQLException {
    if (value instanceof Long number) {
      statement.setLong(position, number);
    } else if (value instanceof String text) {
      statement.setString(position, text);
    } else {
      statement.setNull(position, column.type() == Long.class ? Types.BIGINT : Types.VARCHAR);
    }
    return this;
  }

  <T> List<T> list(RowReader<T> reader) throws SQLException {
    try (end;
        ResultSet rows = statement.executeQuery()) {
      var list = new ArrayList<T>();
      while (rows.next()) {
        list.add(reader.read(rows));
      }
      return list;
    }
  }

  /** Runs a text of one statement or several; reads what the first one returns. */
  <T> List<T> listFirst(RowReader<T> reader) throws SQLException {
    try (end) {
      var list = new ArrayList<T>();
      statement.execute();
      try (ResultSet rows = statement.getResultSet()) {
        while (rows.next()) {
          list.add(reader.read(rows));
        }
      }
      return list;
    }
  }

  <T> Optional<T> first(RowReader<T> reader) throws SQLException {
    try (end;
        ResultSet rows = statement.executeQuery()) {
      return rows.next() ? Optional.of(reader.read(rows)) : Optional.empty();
    }
  }

  /** Runs a statement that may return rows or not; tells whether it found or changed any. */
  boolean run(RowReader<?> reader) throws SQLException {
    try (end) {
      if (!statement.execute()) {
        return statement.getUpdateCount() > 0;
      }
      boolean any = false;
      try (ResultSet rows = statement.getResultSet()) {
        while (rows.next()) {
          reader.read(rows);
          any = true;
        }
      }
      return any;
    }
  }

  int update() throws SQLException {
    try (end) {
      return statement.executeUpdate();
    }
  }

  /** Runs a text of several statements; tells how many rows each changed or returned. */
  List<Integer> counts() throws SQLException {
    try (end) {
      var counts = new ArrayList<Integer>();
      boolean returns = statement.execute();
      while (returns || statement.getUpdateCount() >= 0) {
        counts.add(returns ? count() : statement.getUpdateCount());
        returns = statement.getMoreResults();
      }
      return counts;
    }
  }

  private int count() throws SQLException {
    int count = 0;
    try (ResultSet rows = statement.getResultSet()) {
      while (rows.next()) {
        count++;
      }
    }
    return count;
  }

  /** Runs the statement with each row of values; returns how many rows each run changed. */
  int[] updateEach(RowBatch rows) throws SQLException {
    try (end) {
      statement.clearBatch();
      for (@Nullable Object[] row : rows.rows()) {
        bind(rows.columns(), row);
        statement.addBatch();
      }
      return statement.executeBatch();
    }
  }
}
