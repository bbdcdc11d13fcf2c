package dev.lease.jdbc;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The statements about slots of keys, where one database takes lists and another single keys. */
abstract class SlotStatements {

  /**
   * What an enqueue finds of a key.
   *
   * @param asOf the store's time, in microseconds
   * @param room how many jobs it may store with a slot
   * @param gives whether free slots have to be given by {@link #admit}
   */
  record Room(long asOf, int room, boolean gives) {}

  /**
   * What got slots.
   *
   * @param jobs how many jobs
   * @param queues those that have slots of their own
   * @param skipped keys of which others have jobs locked that come next
   */
  record Admitted(int jobs, Set<String> queues, Set<JobKey> skipped) {}

  /**
   * What got slots of a queue.
   *
   * @param jobs how many jobs
   * @param waiting how many there were; of the others somebody has each locked
   */
  record Opened(int jobs, int waiting) {}

  /**
   * Locks what stands for keys, until the transaction ends.
   *
   * @param waits whether it waits for what others have locked; otherwise it leaves that out
   * @return what it has locked
   */
  abstract Set<Integer> lock(Session session, Collection<Integer> buckets, boolean waits)
      throws SQLException;

  /** Locks what stands for keys, where nobody else has it locked; the keys of which it has. */
  final Set<JobKey> tryLock(Session session, Collection<JobKey> keys) throws SQLException {
    Set<Integer> locked = lock(session, JobKey.buckets(keys), false);
    return keys.stream().filter(key -> locked.contains(key.bucket())).collect(Collectors.toSet());
  }

  abstract Map<JobKey, Room> look(Session session, Collection<JobKey> keys) throws SQLException;

  /**
   * Gives the free slots of keys, which are locked, to their first jobs that are due.
   *
   * @param most how many jobs at most
   * @param newer jobs with larger numbers keep their due times
   */
  abstract Admitted admit(Session session, Collection<JobKey> keys, int most, long newer)
      throws SQLException;

  /** Notes keys that somebody has to look at. */
  abstract void note(Session session, Collection<JobKey> keys) throws SQLException;

  /** Forgets notes of keys, which are locked; how many. */
  abstract int forget(Session session, Collection<JobKey> keys, int most) throws SQLException;

  /**
   * Puts jobs with keys where their due times say.
   *
   * @param jobs queue, id, and 1 if a job of a key in order keeps its slot, else 0
   * @return the keys of these jobs
   */
  abstract Set<JobKey> putOff(Session session, RowBatch jobs) throws SQLException;

  /** Takes slots of keys, which are locked, that are too many; how many. */
  abstract int take(Session session, Collection<JobKey> keys, int most) throws SQLException;

  /** Takes slots of a queue, which are locked, that are too many; how many. */
  int shut(Session session, String queue, int most) throws SQLException {
    return session.statement(Sql.SLOT_WITHDRAW).bind("queue", queue).bind("most", most).update();
  }

  /**
   * Closes a key, which is locked, for so many microseconds. How many jobs start later for that.
   */
  abstract int close(Session session, JobKey key, long delay) throws SQLException;

  /** Opens jobs that have slots of their keys and are due. */
  Opened open(Session session, String queue, int most) throws SQLException {
    return session
        .statement(Sql.SLOT_OPEN)
        .bind("queue", queue)
        .bind("most", most)
        .first(row -> new Opened(row.getInt("opened"), row.getInt("waiting")))
        .orElseThrow();
  }

  /** Puts jobs of keys, which are locked, on the shelf that are due and have no slot; how many. */
  abstract int shelve(Session session, Collection<JobKey> keys, int most) throws SQLException;

  /** The number of the last job of a queue. */
  long newest(Session session, String queue) throws SQLException {
    return session
        .statement(Sql.SLOT_LAST)
        .bind("queue", queue)
        .first(row -> row.getLong(1))
        .orElseThrow();
  }

  /** Keys of a queue that somebody has to look at: of each kind at most so many, also twice. */
  List<JobKey> news(Session session, String queue, int most) throws SQLException {
    return session
        .statement(Sql.SLOT_NEWS)
        .bind("queue", queue)
        .bind("most", most)
        .list(row -> new JobKey(queue, row.getString(1)));
  }

  /**
   * A key with a limit, or of which a rate or a closing has left something.
   *
   * @param spent whether that is nothing any more
   */
  record Left(JobKey key, boolean spent) {}

  /** The next such keys, of all queues. */
  final List<Left> left(Session session, JobKey after, int most) throws SQLException {
    return session
        .statement(session.texts(Sql.LIMIT_SWEEP).get(0))
        .bind("queue", after.queue())
        .bind("key", after.key())
        .bind("limit", most)
        .list(row -> new Left(new JobKey(row.getString(1), row.getString(2)), row.getBoolean(3)));
  }

  /** Removes the rows of keys, which are locked, that say nothing any more. */
  final void removeLeft(Session session, Collection<JobKey> keys) throws SQLException {
    if (!keys.isEmpty()) {
      var rows = new RowBatch(keys.size(), RowBatch.text("queue"), RowBatch.text("key"));
      keys.forEach(key -> rows.add(key.queue(), key.key()));
      session.statement(session.texts(Sql.LIMIT_SWEEP).get(1)).updateEach(rows);
    }
  }

  /** The next keys of a queue of which jobs are held back. */
  List<JobKey> piece(Session session, String queue, String after, int most) throws SQLException {
    return session
        .statement(Sql.SLOT_PIECE)
        .bind("queue", queue)
        .bind("after", after)
        .bind("limit", most)
        .list(row -> new JobKey(queue, row.getString(1)));
  }
}
