package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/** For databases where others write at the same time: it locks what stands for keys. */
final class LockingSlots extends SingleSlots {

  @Override
  Set<Integer> lock(Session session, Collection<Integer> buckets, boolean waits)
      throws SQLException {
    String found = buckets.stream().map(String::valueOf).collect(Collectors.joining(","));
    String text = session.texts(Sql.SLOT_LOCK).get(waits ? 1 : 0).replace("{found}", found);
    return new HashSet<>(session.statementOnce(text).list(row -> row.getInt(1)));
  }
}
