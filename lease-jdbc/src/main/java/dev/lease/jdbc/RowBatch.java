package dev.lease.jdbc;

import java.lang.reflect.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Values for a statement that runs once for each row: columns by name and type, rows in order. */
final class RowBatch {

  /** A column and the type of its values. */
  record Column(String name, Class<?> type) {}

  private static final int KEYS = 3;
  private static final int NUMBER_CHARS = 20;

  private final List<Column> columns;
  private final List<@Nullable Object[]> rows;

  RowBatch(int capacity, Column... columns) {
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

  boolean has(String column) {
    return columns.stream().anyMatch(each -> each.name().equals(column));
  }

  /** Inserts some rows, and gives those that it made, in any order. */
  interface Insert {
    List<Name> run(RowBatch rows) throws SQLException;
  }

  /**
   * Inserts the rows in their order, in parts of about so many characters, or of one row that is
   * larger, and of so many rows at most.
   *
   * @return for each row, whether it was made
   */
  boolean[] insertInParts(int maxChars, int maxRows, Insert insert) throws SQLException {
    var inserted = new boolean[rows.size()];
    int from = 0;
    for (RowBatch part : parts(maxChars, maxRows)) {
      boolean[] some = part.named(insert.run(part));
      System.arraycopy(some, 0, inserted, from, some.length);
      from += some.length;
    }
    return inserted;
  }

  /** A value, which is a text. */
  String text(int row, int column) {
    return String.valueOf(rows.get(row)[column]);
  }

  /** The names of the rows, in their order. */
  List<Name> names() {
    return rows.stream().map(row -> new Name(row[0], row[1])).toList();
  }

  /** The rows in their order, in parts of so many at most. */
  List<RowBatch> parts(int maxRows) {
    return parts(Integer.MAX_VALUE, maxRows);
  }

  private List<RowBatch> parts(int maxChars, int maxRows) {
    var parts = new ArrayList<RowBatch>();
    int from = 0;
    long chars = 0;
    for (int to = 0; to < rows.size(); to++) {
      if (to > from && (chars >= maxChars || to - from == maxRows)) {
        parts.add(part(from, to));
        from = to;
        chars = 0;
      }
      chars += chars(rows.get(to));
    }
    if (from < rows.size()) {
      parts.add(part(from, rows.size()));
    }
    return parts;
  }

  private static int chars(@Nullable Object[] row) {
    return Arrays.stream(row)
        .mapToInt(value -> value instanceof String text ? text.length() : NUMBER_CHARS)
        .sum();
  }

  /** Some of the rows. */
  RowBatch part(int from, int to) {
    var part = new RowBatch(to - from, columns.toArray(Column[]::new));
    part.rows.addAll(rows.subList(from, to));
    return part;
  }

  /** The first columns only, which are queue, id and token. */
  RowBatch keys() {
    return first(KEYS);
  }

  /** The first columns only. */
  RowBatch first(int count) {
    var first = new RowBatch(rows.size(), columns.subList(0, count).toArray(Column[]::new));
    rows.forEach(row -> first.add(Arrays.copyOf(row, count)));
    return first;
  }

  /**
   * The same rows, but those at some positions, from 1 on, get no token, so that they match no job.
   */
  RowBatch withoutTokens(List<Integer> positions) {
    RowBatch without = part(0, rows.size());
    for (int position : positions) {
      @Nullable Object[] row = rows.get(position - 1).clone();
      row[KEYS - 1] = null;
      without.rows.set(position - 1, row);
    }
    return without;
  }

  /** The values of the named column that are not null, each with the first column of its row. */
  Set<Name> pairs(String name) {
    int index = columns.stream().map(Column::name).toList().indexOf(name);
    var pairs = new LinkedHashSet<Name>();
    for (@Nullable Object[] row : rows) {
      if (row[index] != null) {
        pairs.add(new Name(row[0], row[index]));
      }
    }
    return pairs;
  }

  /** The positions, from 0 on, of the rows that have none of some pairs. */
  List<Integer> without(String name, Set<Name> pairs) {
    int index = columns.stream().map(Column::name).toList().indexOf(name);
    return IntStream.range(0, rows.size())
        .filter(i -> !pairs.contains(new Name(rows.get(i)[0], rows.get(i)[index])))
        .boxed()
        .toList();
  }

  /** The rows at some positions, from 0 on. */
  RowBatch only(List<Integer> positions) {
    RowBatch only = part(0, 0);
    positions.forEach(position -> only.rows.add(rows.get(position)));
    return only;
  }

  int size() {
    return rows.size();
  }

  /** The values of a column, as an array of its type. */
  @Nullable Object[] column(int index) {
    var column = (@Nullable Object[]) Array.newInstance(columns.get(index).type(), rows.size());
    for (int i = 0; i < column.length; i++) {
      column[i] = rows.get(i)[index];
    }
    return column;
  }

  /**
   * For each row, whether an insert made it.
   *
   * @param made the rows that it made, in any order
   */
  private boolean[] named(List<Name> made) {
    var named = new boolean[rows.size()];
    if (made.size() == named.length) {
      Arrays.fill(named, true);
      return named;
    }
    var names = new HashSet<>(made);
    for (int i = 0; i < named.length; i++) {
      named[i] = names.remove(new Name(rows.get(i)[0], rows.get(i)[1]));
    }
    return named;
  }

  /** What names a row: its first two columns. */
  record Name(@Nullable Object first, @Nullable Object second) {
    static Name of(ResultSet row) throws SQLException {
      return new Name(row.getString(1), row.getString(2));
    }
  }
}
