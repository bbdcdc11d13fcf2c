package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** For databases where others write at the same time: it locks what stands for keys. */
final class LockingSlots extends SingleSlots {

  @Override
  Set<Integer> lock(Session session, Collection<Integer> buckets, boolean waits)
      throws SQLException {
    return new HashSet<>(
        found(session, session.texts(Sql.SLOT_LOCK).get(waits ? 1 : 0), buckets)
            .list(row -> row.getInt(1)));
  }

  @Override
  List<Row> lock(Session session, List<Row> rows) throws SQLException {
    if (rows.isEmpty()) {
      return rows;
    }
    List<Long> numbers = rows.stream().map(Row::seq).toList();
    Set<Row> locked =
        new HashSet<>(found(session, session.texts(Sql.SLOT_GIVE).get(3), numbers).list(Row::of));
    return rows.stream().filter(locked::contains).toList();
  }

  private static NamedStatement found(
      Session session, String text, Collection<? extends Number> numbers) throws SQLException {
    String found = numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    return session.statementOnce(text.replace("{found}", found));
  }
}
