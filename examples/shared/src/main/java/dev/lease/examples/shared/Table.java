package dev.lease.examples.shared;

import dev.lease.Limits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Rows under headings, each column as wide as its widest cell; "(none)" if there are no rows.
 * Numbers stand at the right of their column. Only texts are cut where a line has to fit: names are
 * what the next command needs.
 */
public final class Table {

  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final boolean[] right;
  private final Set<String> texts = new HashSet<>();

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
   * Says which columns have texts that may be cut.
   *
   * @param headings their headings
   * @return this
   */
  public Table texts(String... headings) {
    texts.addAll(List.of(headings));
    return this;
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
    return within(Integer.MAX_VALUE);
  }

  /**
   * The table in lines of this width. They are wider if its names, numbers and headings are.
   *
   * @param width how many characters a line may have
   * @return the lines
   */
  public String within(int width) {
    int[] widths = widths();
    for (int i = widths.length - 1; i >= 0; i--) {
      int excess = IntStream.of(widths).sum() + GAP.length() * (widths.length - 1) - width;
      String heading = rows.get(0).get(i);
      if (excess > 0 && texts.contains(heading)) {
        widths[i] = Math.max(widths[i] - excess, Math.min(widths[i], width(heading)));
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String cell = fitting(row.get(i), widths[i]);
        String blanks = " ".repeat(widths[i] - width(cell));
        line.append(right[i] ? blanks + cell : cell + blanks).append(GAP);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.append(rows.size() == 1 ? "(none)\n" : "").toString();
  }

  private int[] widths() {
    int[] widths = new int[right.length];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    return widths;
  }

  private static String fitting(String cell, int width) {
    return width(cell) <= width ? cell : Texts.cut(cell, width);
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
