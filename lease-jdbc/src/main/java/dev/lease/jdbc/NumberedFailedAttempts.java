package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One statement looks for the attempts to remove, without locks, and another removes them, for
 * databases where one that does both would lock what others have just added.
 */
final class NumberedFailedAttempts extends FailedAttempts {

  @Override
  void keepLast(Session session, RowBatch jobs, int kept) throws SQLException {
    List<String> texts = session.texts(Sql.ATTEMPT_TRIM);
    String places = String.join(",", Collections.nCopies(jobs.size(), "(?,?)"));
    NamedStatement statement =
        session.statementOnce(
            texts.get(0).replace("{keys}", places).replace("{last}", Integer.toString(kept)));
    int position = 0;
    for (@Nullable Object[] row : jobs.rows()) {
      statement.set(position + 1, jobs.columns().get(0), row[0]);
      statement.set(position + 2, jobs.columns().get(1), row[1]);
      position += 2;
    }
    var gone =
        new RowBatch(0, RowBatch.text("queue"), RowBatch.text("id"), RowBatch.number("token"));
    statement.list(
        row -> {
          gone.add(row.getString("queue"), row.getString("job_id"), row.getLong("token"));
          return gone;
        });
    if (gone.size() > 0) {
      session.statement(texts.get(1)).updateEach(gone);
    }
  }
}
