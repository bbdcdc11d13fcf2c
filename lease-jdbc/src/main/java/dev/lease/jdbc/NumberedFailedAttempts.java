package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.List;

/**
 * One statement looks for the attempts to remove, without locks, and another removes them, for
 * databases where one that does both would lock what others have just added.
 */
final class NumberedFailedAttempts extends FailedAttempts {

  private final ManyRows many;

  NumberedFailedAttempts(ManyRows many) {
    this.many = many;
  }

  @Override
  void keepLast(Session session, RowBatch jobs, int kept) throws SQLException {
    List<String> texts = session.texts(Sql.ATTEMPT_TRIM);
    String numbered = texts.get(0).replace("{last}", Integer.toString(kept));
    var gone =
        new RowBatch(0, RowBatch.text("queue"), RowBatch.text("id"), RowBatch.number("token"));
    many.list(
        session,
        numbered,
        jobs.first(2),
        row -> {
          gone.add(row.getString("queue"), row.getString("job_id"), row.getLong("token"));
          return gone;
        });
    if (gone.size() > 0) {
      session.statement(texts.get(1)).updateEach(gone);
    }
  }
}
