package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** For databases that take lists as arrays. */
final class ArraysSlots extends SlotStatements {

  @Override
  Set<Integer> lock(Session session, Collection<Integer> buckets, boolean waits)
      throws SQLException {
    return new HashSet<>(
        session
            .statement(session.texts(Sql.SLOT_LOCK).get(waits ? 1 : 0))
            .bindArray("bucket", "int8", buckets.stream().map(Integer::longValue).toArray())
            .list(row -> row.getInt(1)));
  }

  @Override
  Map<JobKey, Room> look(Session session, Collection<JobKey> keys) throws SQLException {
    var rooms = new HashMap<JobKey, Room>();
    keyed(session, Sql.SLOT_LOOK, keys)
        .bind("most", KeySlots.MOST)
        .list(
            row ->
                rooms.put(
                    new JobKey(row.getString("queue"), row.getString("job_key")),
                    new Room(row.getLong("as_of"), row.getInt("room"), row.getBoolean("gives"))));
    return rooms;
  }

  @Override
  Admitted admit(Session session, Collection<JobKey> keys, int most, long newer)
      throws SQLException {
    var queues = new HashSet<String>();
    var skipped = new HashSet<JobKey>();
    var evenly = new HashMap<JobKey, Long>();
    int[] jobs = new int[1];
    keyed(session, Sql.SLOT_GIVE, keys)
        .bind("most", most)
        .bind("newer", newer)
        .list(
            row -> {
              String queue = row.getString("queue");
              String key = row.getString("job_key");
              Long even = RowMappers.number(row, "evenly");
              if (key == null) {
                return queues.add(queue);
              }
              if (row.getBoolean("skipped")) {
                return skipped.add(new JobKey(queue, key));
              }
              if (even != null) {
                evenly.merge(new JobKey(queue, key), even, Math::max);
              }
              return jobs[0]++ >= 0;
            });
    if (!evenly.isEmpty()) {
      var paces =
          new RowBatch(
              evenly.size(),
              RowBatch.text("queue"),
              RowBatch.text("key"),
              RowBatch.number("evenly"));
      evenly.forEach((key, even) -> paces.add(key.queue(), key.key(), even));
      session.statement(Sql.SLOT_PACE).updateEach(paces);
    }
    return new Admitted(jobs[0], queues, skipped);
  }

  @Override
  void note(Session session, Collection<JobKey> keys) throws SQLException {
    keyed(session, Sql.SLOT_NOTE, keys).update();
  }

  @Override
  int forget(Session session, Collection<JobKey> keys, int most) throws SQLException {
    return keyed(session, Sql.SLOT_NOTED, keys).bind("most", most).update();
  }

  @Override
  int shelve(Session session, Collection<JobKey> keys, int most) throws SQLException {
    return keyed(session, Sql.SLOT_SHELVE, keys).bind("most", most).update();
  }

  @Override
  Set<JobKey> putOff(Session session, RowBatch jobs) throws SQLException {
    return new HashSet<>(
        session
            .statement(Sql.SLOT_PUT_OFF)
            .bindArrays(jobs)
            .list(row -> new JobKey(row.getString("queue"), row.getString("job_key"))));
  }

  @Override
  int take(Session session, Collection<JobKey> keys, int most) throws SQLException {
    return keyed(session, Sql.SLOT_TAKE, keys).bind("most", most).update();
  }

  @Override
  int close(Session session, JobKey key, long delay) throws SQLException {
    List<String> texts = session.texts(Sql.LIMIT_CLOSE);
    var unused =
        session
            .statement(texts.get(0))
            .bind("queue", key.queue())
            .bind("key", key.key())
            .bind("delay", delay)
            .update();
    return session
        .statement(texts.get(1))
        .bind("queue", key.queue())
        .bind("key", key.key())
        .update();
  }

  private static NamedStatement keyed(Session session, Sql sql, Collection<JobKey> keys)
      throws SQLException {
    return session
        .statement(sql)
        .bindArray("queue", "text", keys.stream().map(JobKey::queue).toArray())
        .bindArray("key", "text", keys.stream().map(JobKey::key).toArray());
  }
}
