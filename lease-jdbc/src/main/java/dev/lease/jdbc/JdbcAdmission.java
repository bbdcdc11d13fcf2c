package dev.lease.jdbc;

import dev.lease.Admission;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Limits;
import dev.lease.Micros;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The limits of keys. */
final class JdbcAdmission implements Admission {

  /** How many keys one transaction brings to their limits. */
  private static final int KEYS = 100;

  private final Database database;
  private final KeySlots slots;
  private final Hints hints;

  JdbcAdmission(Database database, KeySlots slots, Hints hints) {
    this.database = database;
    this.slots = slots;
    this.hints = hints;
  }

  private <T> T transact(String what, Session.Work<T> work) {
    return database.on(Lane.OPERATORS).transact(what, work);
  }

  @Override
  public void limit(String queue, @Nullable String key, @Nullable KeyLimit limit) {
    Limits.name("queue", queue);
    if (key != null) {
      Limits.name("key", key);
    }
    var values = new HashMap<String, @Nullable Object>();
    values.put("queue", queue);
    values.put("key", key == null ? "" : key);
    values.put("slots", limit == null ? null : (long) limit.slots());
    KeyLimit.Rate rate = limit == null ? null : limit.rate();
    values.put("starts", rate == null ? null : (long) rate.starts());
    values.put("period", rate == null ? null : Micros.of(rate.period()));
    values.put("burst", rate == null ? null : (long) rate.burst());
    boolean inOrder = limit != null && limit.isInOrder();
    transact(
        "set a limit",
        session -> update(session, Sql.LIMIT_SET, values).bind("inOrder", inOrder).execute());
  }

  @Override
  public void limitQueue(String queue, @Nullable Integer slots) {
    Limits.name("queue", queue);
    if (slots != null) {
      Limits.between("slots", slots, 0, KeyLimit.MAX_SLOTS);
    }
    transact(
        "set a limit",
        session ->
            session
                .update(Sql.LIMIT_QUEUE)
                .bind("queue", queue)
                .bindByType("slots", slots, Integer.class)
                .execute());
  }

  @Override
  public void closeKey(String queue, String key, Duration delay) {
    Limits.name("queue", queue);
    Limits.name("key", key);
    long micros = Micros.ofDelay(Limits.delay("delay", delay));
    transact("close a key", session -> slots.close(session, new JobKey(queue, key), micros));
  }

  @Override
  public int apply(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    // An enqueue under way may go by older limits, and nobody sees its keys before its end.
    for (List<Integer> slice : JobKey.slices()) {
      transact("apply limits", session -> slots.await(session, slice));
    }
    int changed = 0;
    String after = "";
    List<JobKey> keys;
    do {
      keys = next(queue, after, KEYS);
      if (!keys.isEmpty()) {
        List<JobKey> piece = keys;
        int most = limit - changed;
        changed += transact("apply limits", session -> slots.apply(session, piece, most));
        after = keys.get(keys.size() - 1).key();
      }
    } while (keys.size() == KEYS && changed < limit);
    if (changed < limit) {
      int most = limit - changed;
      changed += transact("apply limits", session -> slots.applyQueue(session, queue, most));
    }
    hints.signalOlder(queue);
    return changed;
  }

  private List<JobKey> next(String queue, String after, int limit) {
    return database
        .on(Lane.OPERATORS)
        .read(
            "list keys",
            session ->
                session
                    .statement(Sql.LIMIT_NEXT)
                    .bind("queue", queue)
                    .bind("after", after)
                    .bind("limit", limit)
                    .list(row -> new JobKey(queue, row.getString(1))));
  }

  @Override
  public KeyPage keys(String queue, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    if (after != null) {
      Limits.name("after", after);
    }
    Limits.limit(limit);
    List<JobKey> found = next(queue, after == null ? "" : after, limit + 1);
    List<JobKey> page = found.subList(0, Math.min(limit, found.size()));
    return database
        .on(Lane.OPERATORS)
        .read("list keys", session -> page(session, queue, page, found.size() > limit));
  }

  private static KeyPage page(Session session, String queue, List<JobKey> keys, boolean more)
      throws SQLException {
    Row all = state(session, JobKey.ofQueue(queue));
    var states = new ArrayList<KeyState>();
    for (JobKey key : keys) {
      Row row = state(session, key);
      KeyLimit limit = row.limit() == null ? all.limit() : row.limit();
      Long start = row.closedUntil();
      if (limit != null && limit.rate() != null && row.evenly() != null) {
        long even = row.evenly() - limit.rate().burst() * limit.rate().intervalMicros();
        start = start == null ? even : Math.max(start, even);
      }
      states.add(
          KeyState.builder(key.key())
              .limit(row.limit())
              .admitted(row.admitted())
              .held(row.held())
              .heldBack(row.heldBack())
              .nextStart(start == null ? null : Micros.instant(start))
              .build());
    }
    return KeyPage.of(states, more ? keys.get(keys.size() - 1).key() : null)
        .withLimits(all.limit(), all.queueSlots());
  }

  /** What is known of a key. */
  private record Row(
      @Nullable KeyLimit limit,
      @Nullable Integer queueSlots,
      @Nullable Long closedUntil,
      @Nullable Long evenly,
      long admitted,
      long held,
      long heldBack) {

    static Row of(ResultSet row) throws SQLException {
      Long slots = RowMappers.number(row, "slots");
      Long starts = RowMappers.number(row, "starts");
      Long queueSlots = RowMappers.number(row, "queue_slots");
      KeyLimit limit = slots == null ? null : KeyLimit.of(slots.intValue());
      if (limit != null && row.getBoolean("in_order")) {
        limit = limit.inOrder();
      }
      if (limit != null && starts != null) {
        limit =
            limit.withRate(
                starts.intValue(), Micros.duration(row.getLong("period")), row.getInt("burst"));
      }
      return new Row(
          limit,
          queueSlots == null ? null : queueSlots.intValue(),
          RowMappers.number(row, "closed_until"),
          RowMappers.number(row, "evenly"),
          row.getLong("opened") + row.getLong("admitted"),
          row.getLong("held"),
          row.getLong("shelved") + row.getLong("due"));
    }
  }

  private static Row state(Session session, JobKey key) throws SQLException {
    return session
        .statement(Sql.LIMIT_STATE)
        .bind("queue", key.queue())
        .bind("key", key.key())
        .bind("most", KeyLimit.MAX_SLOTS + 1)
        .first(Row::of)
        .orElseThrow();
  }

  private static org.jdbi.v3.core.statement.Update update(
      Session session, Sql sql, Map<String, @Nullable Object> values) {
    var update = session.update(sql);
    values.forEach(
        (name, value) ->
            update.bindByType(name, value, value instanceof String ? String.class : Long.class));
    return update;
  }
}
