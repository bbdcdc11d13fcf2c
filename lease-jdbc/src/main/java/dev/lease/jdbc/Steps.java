package dev.lease.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.SqlStatements;

/**
 * The statements of a file, run one after the other with the same values. Mostly there is one; a
 * database that cannot answer with the rows that it changes needs several, in a transaction. What
 * one of them finds, by its first column, is {@code {found}} in the next; when one finds or changes
 * nothing, there is no answer.
 */
final class Steps {

  private final Handle handle;
  private final List<String> texts;
  private final Map<String, Object> values = new HashMap<>();
  private String found = "";

  Steps(Handle handle, List<String> texts) {
    this.handle = handle;
    this.texts = texts;
  }

  Steps bind(String name, Object value) {
    values.put(name, value);
    return this;
  }

  <T> List<T> list(RowMapper<T> mapper) {
    return runToLast() ? query(last()).map(mapper).list() : List.of();
  }

  /** The rows that the first one finds, which the others then change or remove. */
  <T> List<T> listAndChange(RowMapper<T> mapper) {
    List<String> changes = texts.subList(1, texts.size());
    var numbers = new StringJoiner(",");
    List<T> rows =
        query(texts.get(0))
            .map(
                (row, context) -> {
                  if (!changes.isEmpty()) {
                    numbers.add(Long.toString(row.getLong(1)));
                  }
                  return mapper.map(row, context);
                })
            .list();
    found = numbers.toString();
    if (!rows.isEmpty()) {
      changes.forEach(this::run);
    }
    return rows;
  }

  <T> Optional<T> first(RowMapper<T> mapper) {
    return list(mapper).stream().findFirst();
  }

  private String last() {
    return texts.get(texts.size() - 1);
  }

  private boolean runToLast() {
    return texts.subList(0, texts.size() - 1).stream().allMatch(this::run);
  }

  private boolean run(String text) {
    return query(text)
        .execute(
            (supplier, context) -> {
              try (context) {
                PreparedStatement statement = supplier.get();
                ResultSet rows = statement.getResultSet();
                if (rows == null) {
                  return statement.getUpdateCount() > 0;
                }
                found = numbers(rows);
                return !found.isEmpty();
              }
            });
  }

  private static String numbers(ResultSet rows) throws SQLException {
    var numbers = new StringJoiner(",");
    while (rows.next()) {
      numbers.add(Long.toString(rows.getLong(1)));
    }
    return numbers.toString();
  }

  private Query query(String text) {
    Query query = handle.createQuery(text.replace("{found}", found));
    query.getConfig(SqlStatements.class).setUnusedBindingAllowed(true);
    return query.bindMap(values);
  }
}
