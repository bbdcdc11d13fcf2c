package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * Runs the statements of a file, one after the other, with the same values. Most files have one. A
 * database that cannot return the rows that it changes needs several, in a transaction. {@code
 * {found}} in a statement stands for the first columns of the rows that the one before returned. If
 * a statement finds or changes nothing, there is no answer.
 */
final class SqlScript {

  private final Session session;
  private final List<String> texts;
  private final Map<String, @Nullable Object> values = new HashMap<>();
  private String found = "";

  SqlScript(Session session, Sql sql) {
    this(session, sql, LockWait.LONG);
  }

  SqlScript(Session session, Sql sql, LockWait wait) {
    this.session = session;
    this.texts = session.texts(sql, wait);
  }

  SqlScript bind(String name, @Nullable Object value) {
    values.put(name, value);
    return this;
  }

  <T> List<T> list(NamedStatement.RowReader<T> reader) throws SQLException {
    for (String text : texts.subList(0, texts.size() - 1)) {
      if (!run(text)) {
        return List.of();
      }
    }
    return statement(texts.get(texts.size() - 1)).list(reader);
  }

  /**
   * Returns the rows that the first statement finds, after the others have changed or removed them.
   */
  <T> List<T> listAndChange(NamedStatement.RowReader<T> reader) throws SQLException {
    return listAndChange(reader, () -> {});
  }

  /** What happens between two statements. */
  interface Step {
    void run() throws SQLException;
  }

  /** The same, with a step after the first statement. */
  <T> List<T> listAndChange(NamedStatement.RowReader<T> reader, Step before) throws SQLException {
    List<String> changes = texts.subList(1, texts.size());
    var numbers = new StringJoiner(",");
    List<T> rows =
        statement(texts.get(0))
            .list(
                row -> {
                  if (!changes.isEmpty()) {
                    numbers.add(Long.toString(row.getLong(1)));
                  }
                  return reader.read(row);
                });
    found = numbers.toString();
    if (!rows.isEmpty()) {
      before.run();
      for (String change : changes) {
        run(change);
      }
    }
    return rows;
  }

  <T> Optional<T> first(NamedStatement.RowReader<T> reader) throws SQLException {
    return list(reader).stream().findFirst();
  }

  /** Runs a statement; tells whether it found or changed anything. */
  private boolean run(String text) throws SQLException {
    var numbers = new StringJoiner(",");
    boolean any = statement(text).run(row -> numbers.add(Long.toString(row.getLong(1))));
    if (numbers.length() > 0) {
      found = numbers.toString();
    }
    return any;
  }

  private NamedStatement statement(String text) throws SQLException {
    NamedStatement statement =
        text.contains("{found}")
            ? session.statementOnce(text.replace("{found}", found))
            : session.statement(text);
    return statement.bind(values);
  }
}
