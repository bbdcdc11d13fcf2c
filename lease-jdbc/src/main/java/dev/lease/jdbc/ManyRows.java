package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Statements about many rows, which become parameters in their texts. If a statement may not have
 * so many parameters, it runs several times, each time for a part of the rows.
 */
final class ManyRows {

  /** What a statement has beside those of its rows, at most. */
  private static final int OTHER_PARAMETERS = 50;

  /** A {@code seq} that no row has. */
  private static final long NO_ROW = -1;

  private final int maxParameters;

  ManyRows(Dialect dialect) {
    this.maxParameters = dialect.maxParameters();
  }

  /** How many rows of so many values one statement may have. */
  int most(int values) {
    return (maxParameters - OTHER_PARAMETERS) / values;
  }

  /** Reads for rows of values, which stand for {@code {keys}} in the text. */
  <T> List<T> list(Session session, String text, RowBatch keys, NamedStatement.RowReader<T> reader)
      throws SQLException {
    int columns = keys.columns().size();
    String row = "(" + String.join(",", Collections.nCopies(columns, "?")) + ")";
    var found = new ArrayList<T>();
    for (RowBatch part : keys.parts(most(columns))) {
      String rows = String.join(",", Collections.nCopies(part.size(), row));
      NamedStatement statement = session.statementOnce(text.replace("{keys}", rows));
      int position = 0;
      for (@Nullable Object[] values : part.rows()) {
        for (int i = 0; i < columns; i++) {
          position++;
          statement.set(position, keys.columns().get(i), values[i]);
        }
      }
      found.addAll(statement.list(reader));
    }
    return found;
  }

  /**
   * Reads rows that are known by their {@code seq}, which stand for {@code {found}} in the text.
   */
  <T> List<T> list(
      Session session, String text, Collection<Long> seqs, NamedStatement.RowReader<T> reader)
      throws SQLException {
    return list(session, text, seqs, each -> each, reader);
  }

  <T> List<T> list(
      Session session,
      String text,
      Collection<Long> seqs,
      Binding others,
      NamedStatement.RowReader<T> reader)
      throws SQLException {
    var found = new ArrayList<T>();
    for (List<Long> part : parts(seqs)) {
      found.addAll(others.bind(numbered(session, text, part)).list(reader));
    }
    return found;
  }

  /** Binds the values of a statement that are not those of its rows. */
  interface Binding {
    NamedStatement bind(NamedStatement statement) throws SQLException;
  }

  /** Changes rows that are known by their {@code seq}. */
  void update(Session session, String text, Collection<Long> seqs, Binding others)
      throws SQLException {
    for (List<Long> part : parts(seqs)) {
      others.bind(numbered(session, text, part)).update();
    }
  }

  private List<List<Long>> parts(Collection<Long> seqs) {
    List<Long> all = List.copyOf(seqs);
    int most = Integer.highestOneBit(most(1));
    return IntStream.rangeClosed(0, (all.size() - 1) / most)
        .mapToObj(i -> all.subList(i * most, Math.min(all.size(), (i + 1) * most)))
        .toList();
  }

  /**
   * The statement has parameters for a power of two of rows, so that there are few such texts, and
   * each is parsed once.
   */
  private static NamedStatement numbered(Session session, String text, List<Long> seqs)
      throws SQLException {
    int places = Integer.highestOneBit(Math.max(1, 2 * seqs.size() - 1));
    NamedStatement statement =
        session.statement(
            text.replace(
                "{found}",
                IntStream.range(0, places)
                    .mapToObj(i -> ":found" + i)
                    .collect(Collectors.joining(","))));
    for (int i = 0; i < places; i++) {
      statement.bind("found" + i, i < seqs.size() ? seqs.get(i) : NO_ROW);
    }
    return statement;
  }
}
