package dev.lease.jdbc;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Micros;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.jdbi.v3.core.statement.Query;

/** Reads and removes the records of what operators did [Q90]. */
final class OperatorActions {

  /** A record with its place in the order of records. */
  private record Listed(long seq, OperatorAction action) {}

  private OperatorActions() {}

  /**
   * Reads a page.
   *
   * @param before the place of the last record that was read
   */
  static ActionPage list(Session session, ActionQuery query, long before) {
    String queue = query.queue();
    String id = query.jobId();
    int limit = query.limit();
    String conditions =
        "seq < :before"
            + (queue == null ? "" : " and queue = :queue")
            + (id == null ? "" : " and job_id = :id");
    String list = session.texts(Sql.ACTION_LIST).get(0).replace("{conditions}", conditions);
    Query statement =
        session.handle().createQuery(list).bind("before", before).bind("limit", limit);
    if (queue != null) {
      statement.bind("queue", queue);
    }
    if (id != null) {
      statement.bind("id", id);
    }
    List<Listed> rows = statement.map((row, context) -> listed(row)).list();
    return ActionPage.of(
        rows.stream().map(Listed::action).toList(),
        rows.size() < limit ? null : Long.toString(rows.get(limit - 1).seq()));
  }

  private static Listed listed(ResultSet row) throws SQLException {
    Operator operator = Operator.of(row.getString("operator"), row.getString("reason"));
    return new Listed(
        row.getLong("seq"),
        OperatorAction.builder(
                Micros.instant(row.getLong("acted_at")),
                operator,
                OperatorAction.Kind.named(row.getString("kind")),
                row.getString("queue"))
            .id(row.getString("job_id"))
            .changed(row.getInt("changed"))
            .what(row.getString("what"))
            .build());
  }

  static int purge(Session session, String queue, long age, int limit) throws SQLException {
    List<String> texts = session.texts(Sql.ACTION_PURGE);
    long newest =
        session
            .statement(texts.get(0))
            .bind("queue", queue)
            .bind("limit", limit)
            .first(row -> row.getLong(1))
            .orElse(0L);
    return session
        .statement(texts.get(1))
        .bind("queue", queue)
        .bind("newest", newest)
        .bind("age", age)
        .update();
  }
}
