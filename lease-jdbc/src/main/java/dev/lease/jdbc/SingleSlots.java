package dev.lease.jdbc;

import dev.lease.Limits;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Key by key, for databases that take no lists: a statement finds rows, and locks them where others
 * may write; then another one moves them.
 */
class SingleSlots extends SlotStatements {

  /** A row, with where it stands. */
  record Row(long seq, int stored, long dueAt) {

    /** Who gets the next slot [Q65]. */
    static final Comparator<Row> FIRST =
        Comparator.comparingInt((Row row) -> Limits.MAX_PRIORITY - row.priority())
            .thenComparingLong(Row::dueAt)
            .thenComparingLong(Row::seq);

    static Row of(ResultSet row) throws SQLException {
      return new Row(row.getLong("seq"), row.getInt("priority"), row.getLong("due_at"));
    }

    int priority() {
      return Stand.priority(stored);
    }
  }

  /** The limits that hold for a key. */
  private record Policy(
      long asOf,
      @Nullable Long slots,
      @Nullable Long pace,
      long burst,
      @Nullable Long evenly,
      @Nullable Long closedUntil,
      boolean ofQueue) {

    static Policy of(ResultSet row) throws SQLException {
      long asOf = row.getLong("as_of");
      Long starts = RowMappers.number(row, "starts");
      return new Policy(
          asOf,
          RowMappers.number(row, "slots"),
          starts == null ? null : (row.getLong("period") + starts - 1) / starts,
          row.getLong("burst"),
          RowMappers.number(row, "evenly"),
          RowMappers.number(row, "closed_until"),
          row.getBoolean("of_queue"));
    }

    long soonest() {
      return closedUntil == null ? asOf : Math.max(asOf, closedUntil);
    }

    boolean isPlain() {
      return pace == null && soonest() == asOf && !ofQueue;
    }
  }

  /** All: one transaction writes at a time. */
  @Override
  Set<Integer> lock(Session session, Collection<Integer> buckets, boolean waits)
      throws SQLException {
    return Set.copyOf(buckets);
  }

  /** Locks rows; those that nobody else has locked, and that are as they were found. */
  List<Row> lock(Session session, List<Row> rows) throws SQLException {
    return rows;
  }

  private static NamedStatement statement(Session session, Sql sql, int number, JobKey key)
      throws SQLException {
    return session
        .statement(session.texts(sql).get(number))
        .bind("queue", key.queue())
        .bind("key", key.key());
  }

  private static Policy policy(Session session, JobKey key) throws SQLException {
    return statement(session, Sql.SLOT_GIVE, 0, key).first(Policy::of).orElseThrow();
  }

  /** How many jobs of a key have slots, up to a number. */
  private static int taken(Session session, JobKey key, long most) throws SQLException {
    return statement(session, Sql.SLOT_GIVE, 1, key)
        .bind("most", most)
        .first(row -> row.getInt(1))
        .orElseThrow();
  }

  /** How many slots of a key are free, up to a number. */
  private static int free(Session session, JobKey key, Policy policy, int most)
      throws SQLException {
    Long slots = policy.slots();
    return slots == null
        ? most
        : Math.min(most, Math.max(0, slots.intValue() - taken(session, key, slots)));
  }

  @Override
  Map<JobKey, Room> look(Session session, Collection<JobKey> keys) throws SQLException {
    var rooms = new HashMap<JobKey, Room>();
    for (JobKey key : keys) {
      Policy policy = policy(session, key);
      int free = free(session, key, policy, KeySlots.MOST);
      boolean gives =
          !policy.isPlain()
              || (free > 0
                  && statement(session, Sql.SLOT_LOOK, 0, key).first(row -> true).isPresent());
      rooms.put(key, new Room(policy.asOf(), gives ? 0 : free, gives));
    }
    return rooms;
  }

  @Override
  Admitted admit(Session session, Collection<JobKey> keys, int most, long newer)
      throws SQLException {
    int jobs = 0;
    var queues = new HashSet<String>();
    var skipped = new HashSet<JobKey>();
    for (JobKey key : keys) {
      Policy policy = policy(session, key);
      if (policy.ofQueue()) {
        queues.add(key.queue());
      }
      int free = free(session, key, policy, most - jobs);
      if (free > 0) {
        List<Row> found =
            statement(session, Sql.SLOT_GIVE, 2, key)
                .bind("free", free)
                .bind("most", KeySlots.MOST)
                .list(Row::of)
                .stream()
                .sorted(Row.FIRST)
                .limit(free)
                .toList();
        List<Row> next = lock(session, found);
        if (next.size() < found.size()) {
          skipped.add(key);
        }
        admit(session, key, policy, next, newer);
        jobs += next.size();
      }
    }
    return new Admitted(jobs, queues, skipped);
  }

  private static void admit(Session session, JobKey key, Policy policy, List<Row> next, long newer)
      throws SQLException {
    Long pace = policy.pace();
    Long evenly = policy.evenly();
    long base = evenly == null ? policy.soonest() : Math.max(evenly, policy.soonest());
    RowBatch moves = moves();
    for (int i = 0; i < next.size(); i++) {
      Row row = next.get(i);
      long start =
          pace == null
              ? policy.soonest()
              : Math.max(policy.soonest(), base + (i - policy.burst()) * pace);
      boolean keepsTime = row.seq() > newer && start <= policy.asOf();
      int priority = row.priority();
      moves.add(
          (long) (policy.ofQueue() ? Stand.admitted(priority) : priority),
          keepsTime ? row.dueAt() : start,
          row.seq());
    }
    move(session, moves);
    if (pace != null && !next.isEmpty()) {
      statement(session, Sql.SLOT_PACE, 0, key).bind("evenly", base + next.size() * pace).update();
    }
  }

  private static RowBatch moves() {
    return new RowBatch(
        0, RowBatch.number("priority"), RowBatch.number("dueAt"), RowBatch.number("seq"));
  }

  private static void move(Session session, RowBatch moves) throws SQLException {
    if (moves.size() > 0) {
      session.statement(Sql.SLOT_MOVE).updateEach(moves);
    }
  }

  @Override
  void note(Session session, Collection<JobKey> keys) throws SQLException {
    for (JobKey key : keys) {
      statement(session, Sql.SLOT_NOTE, 0, key).update();
    }
  }

  @Override
  int forget(Session session, Collection<JobKey> keys, int most) throws SQLException {
    int notes = 0;
    for (JobKey key : keys) {
      RowBatch noted = new RowBatch(0, RowBatch.number("seq"));
      statement(session, Sql.SLOT_NOTED, 0, key)
          .bind("most", most - notes)
          .list(
              row -> {
                noted.add(row.getLong(1));
                return key;
              });
      if (noted.size() > 0) {
        session.statement(session.texts(Sql.SLOT_NOTED).get(1)).updateEach(noted);
      }
      notes += noted.size();
    }
    return notes;
  }

  @Override
  int shelve(Session session, Collection<JobKey> keys, int most) throws SQLException {
    RowBatch moves = moves();
    for (JobKey key : keys) {
      for (Row row :
          statement(session, Sql.SLOT_SHELVE, 0, key)
              .bind("most", most - moves.size())
              .list(Row::of)) {
        moves.add((long) Stand.onShelf(row.priority()), row.dueAt(), row.seq());
      }
    }
    move(session, moves);
    return moves.size();
  }

  @Override
  Set<JobKey> putOff(Session session, RowBatch jobs) throws SQLException {
    var keys = new HashSet<JobKey>();
    RowBatch moves = moves();
    for (@Nullable Object[] job : jobs.rows()) {
      boolean keeps = Objects.equals(job[2], 1L);
      String queue = String.valueOf(job[0]);
      session
          .statement(Sql.SLOT_PUT_OFF)
          .bind("queue", queue)
          .bind("id", String.valueOf(job[1]))
          .list(
              row -> {
                Row found = Row.of(row);
                boolean stays =
                    keeps && row.getBoolean("in_order") && Stand.hasSlot(found.stored());
                int priority = found.priority();
                int place;
                if (stays) {
                  place = row.getBoolean("of_queue") ? Stand.admitted(priority) : priority;
                } else {
                  place = row.getBoolean("due") ? Stand.onShelf(priority) : Stand.later(priority);
                }
                moves.add((long) place, found.dueAt(), found.seq());
                return keys.add(new JobKey(queue, row.getString("job_key")));
              });
    }
    move(session, moves);
    return keys;
  }

  @Override
  int take(Session session, Collection<JobKey> keys, int most) throws SQLException {
    RowBatch moves = moves();
    for (JobKey key : keys) {
      Policy policy = policy(session, key);
      Long slots = policy.slots();
      long surplus = slots == null ? 0 : taken(session, key, Integer.MAX_VALUE) - slots;
      if (surplus > 0) {
        long latest = policy.evenly() == null ? 0 : policy.evenly();
        for (Row row :
            statement(session, Sql.SLOT_TAKE, 0, key)
                .bind("most", Math.min(surplus, most - moves.size()))
                .list(Row::of)) {
          if (row.dueAt() > Math.max(latest, policy.soonest())) {
            moves.add((long) Stand.later(row.priority()), row.dueAt(), row.seq());
          } else {
            int place = Stand.onShelf(row.priority());
            long first =
                statement(session, Sql.SLOT_TAKE, 1, key)
                    .bind("place", place)
                    .first(shelf -> shelf.getLong(1))
                    .orElse(policy.asOf());
            moves.add(
                (long) place, Math.min(row.dueAt(), Math.min(first, policy.asOf())), row.seq());
          }
        }
      }
    }
    move(session, moves);
    return moves.size();
  }

  @Override
  int shut(Session session, String queue, int most) throws SQLException {
    Long slots = queueSlots(session, queue);
    if (slots == null) {
      return 0;
    }
    long asOf = policy(session, JobKey.ofQueue(queue)).asOf();
    int surplus = opened(session, queue, Integer.MAX_VALUE) - slots.intValue();
    List<Row> free = session.statement(Sql.SLOT_WITHDRAW).bind("queue", queue).list(Row::of);
    long later = free.stream().filter(row -> row.dueAt() > asOf).count();
    RowBatch moves = moves();
    free.stream()
        .sorted(
            Comparator.comparing((Row row) -> row.dueAt() <= asOf)
                .thenComparing(Row.FIRST.reversed()))
        .limit(Math.min(most, Math.max(later, surplus)))
        .forEach(row -> moves.add((long) Stand.admitted(row.priority()), row.dueAt(), row.seq()));
    move(session, moves);
    return moves.size();
  }

  /** How many jobs with keys are open, up to a number. */
  private static int opened(Session session, String queue, long most) throws SQLException {
    return session
        .statement(session.texts(Sql.SLOT_OPEN).get(1))
        .bind("queue", queue)
        .bind("most", most)
        .first(row -> row.getInt(1))
        .orElseThrow();
  }

  @Override
  Opened open(Session session, String queue, int most) throws SQLException {
    Long slots = queueSlots(session, queue);
    List<String> texts = session.texts(Sql.SLOT_OPEN);
    int free =
        slots == null ? most : Math.min(most, slots.intValue() - opened(session, queue, slots));
    if (free <= 0) {
      return new Opened(0, 0);
    }
    List<Row> found =
        session.statement(texts.get(2)).bind("queue", queue).bind("most", free).list(Row::of);
    RowBatch moves = moves();
    lock(session, found).forEach(row -> moves.add((long) row.priority(), row.dueAt(), row.seq()));
    move(session, moves);
    return new Opened(moves.size(), found.size());
  }

  private static @Nullable Long queueSlots(Session session, String queue) throws SQLException {
    return session
        .statement(session.texts(Sql.SLOT_OPEN).get(0))
        .bind("queue", queue)
        .first(row -> Optional.ofNullable(RowMappers.number(row, "queue_slots")))
        .flatMap(Function.identity())
        .orElse(null);
  }

  @Override
  int close(Session session, JobKey key, long delay) throws SQLException {
    var unused = statement(session, Sql.LIMIT_CLOSE, 0, key).bind("delay", delay).update();
    Policy policy = policy(session, key);
    long until = Objects.requireNonNull(policy.closedUntil());
    RowBatch moves = moves();
    for (Row row : statement(session, Sql.LIMIT_CLOSE, 1, key).list(Row::of)) {
      if (row.dueAt() < until) {
        int place = policy.ofQueue() ? Stand.admitted(row.priority()) : row.stored();
        moves.add((long) place, until, row.seq());
      }
    }
    move(session, moves);
    return moves.size();
  }

  @Override
  long newest(Session session, String queue) throws SQLException {
    return session.statement(Sql.SLOT_LAST).first(row -> row.getLong(1)).orElse(0L);
  }
}
