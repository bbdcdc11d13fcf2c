package dev.lease.examples.orderbot;

import java.util.ArrayList;
import java.util.List;

/** Rows under headings, each column as wide as its widest cell; "(none)" if there are no rows. */
public final class Table {

  private final List<List<String>> rows = new ArrayList<>();

  /**
   * Starts a table.
   *
   * @param headings the headings of its columns
   */
  public Table(String... headings) {
    rows.add(List.of(headings));
  }

  /**
   * Adds a row.
   *
   * @param cells one cell a column
   * @return this
   */
  public Table row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    rows.add(row);
    return this;
  }

  @Override
  public String toString() {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.append(rows.size() == 1 ? "(none)\n" : "").toString();
  }
}
