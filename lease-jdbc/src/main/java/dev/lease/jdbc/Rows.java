package dev.lease.jdbc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jdbi.v3.core.statement.Query;
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

  /** Some of the rows. */
  Rows part(int from, int to) {
    var part = new Rows(to - from, columns.toArray(Column[]::new));
    part.rows.addAll(rows.subList(from, to));
    return part;
  }

  int size() {
    return rows.size();
  }

  @Nullable Object[] column(int index) {
    return rows.stream().map(row -> row[index]).toArray();
  }

  /**
   * For each row, whether an answer names it by its first two columns: what an insert returns are
   * columns of the rows that it made, in any order.
   */
  boolean[] named(Query query) {
    Set<List<@Nullable Object>> names =
        new HashSet<>(
            query
                .map(
                    (row, context) ->
                        Arrays.<@Nullable Object>asList(row.getString(1), row.getString(2)))
                .list());
    var named = new boolean[rows.size()];
    for (int i = 0; i < named.length; i++) {
      named[i] = names.remove(Arrays.asList(rows.get(i)).subList(0, 2));
    }
    return named;
  }
}
