package dev.lease.jdbc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Values for a statement that is run once a row: columns by name and type, rows in their order. */
final class Rows {

  /** A column. */
  record Column(String name, Class<?> type) {}

  private final List<Column> columns;
  private final List<@Nullable Object[]> rows;

  Rows(int capacity, Column... columns) {
    this.columns = List.of(columns);
    this.rows = new ArrayList<>(capacity);
  }

  static Column text(String name) {
    return new Column(name, String.class);
  }

  static Column number(String name) {
    return new Column(name, Long.class);
  }

  void add(@Nullable Object... values) {
    rows.add(values);
  }

  List<Column> columns() {
    return columns;
  }

  List<@Nullable Object[]> rows() {
    return rows;
  }

  int size() {
    return rows.size();
  }

  @Nullable Object[] column(int index) {
    return rows.stream().map(row -> row[index]).toArray();
  }
}
