package dev.lease.examples.leasecli;

import dev.lease.Limits;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows under headings, each column as wide as its widest cell; "(none)" if there are no rows.
 * Numbers stand at the right of their column.
 */
public final class Table {

  private final List<List<String>> rows = new ArrayList<>();
  private final boolean[] right;

  /**
   * Starts a table.
   *
   * @param headings the headings of its columns
   */
  public Table(String... headings) {
    rows.add(List.of(headings));
    right = new boolean[headings.length];
  }

  /**
   * Adds a row.
   *
   * @param cells one cell a column; what a terminal would act on in it is shown by its number
   * @return this
   */
  public Table row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      right[row.size()] |= cell instanceof Number;
      row.add(Limits.oneLine(String.valueOf(cell)));
    }
    rows.add(row);
    return this;
  }

  @Override
  public String toString() {
    int[] widths = new int[right.length];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String blanks = " ".repeat(widths[i] - width(row.get(i)));
        line.append(right[i] ? blanks + row.get(i) : row.get(i) + blanks).append("  ");
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.append(rows.size() == 1 ? "(none)\n" : "").toString();
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
