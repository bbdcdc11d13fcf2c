package dev.lease.jdbc;

import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.Micros;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * How statements run where one database takes lists and another single rows. It depends on what the
 * database can do: see {@link Dialect.Style}.
 */
abstract class StyleStatements {

  /** How many rows there are to lock for dedup keys. */
  private static final int KEY_BUCKETS = 1_000;

  private static final String BEFORE_CALL = "lease_call";

  private final Dialect dialect;
  private final FailedAttempts failedAttempts;

  StyleStatements(Dialect dialect, FailedAttempts failedAttempts) {
    this.dialect = dialect;
    this.failedAttempts = failedAttempts;
  }

  final Dialect dialect() {
    return dialect;
  }

  final FailedAttempts failedAttempts() {
    return failedAttempts;
  }

  /** Works in a transaction. If that cannot be rolled back, nobody else gets the connection. */
  final <T> T inTransaction(Session session, Session.Work<T> work) throws SQLException {
    Connection connection = session.connection();
    dialect.begin(connection);
    session.inTransaction(true);
    try {
      T result = work.run(session);
      dialect.commit(connection);
      session.committed();
      return result;
    } catch (RuntimeException | SQLException | Error e) {
      try {
        dialect.rollback(connection);
      } catch (SQLException again) {
        e.addSuppressed(again);
        // The transaction may still be open.
        session.fails();
      }
      throw e;
    } finally {
      session.inTransaction(false);
    }
  }

  /**
   * Works in a transaction of the caller's, in which nothing of the work stays if it fails.
   *
   * @param undo undoes what was done, where the work has no savepoint
   */
  <T> T allOrNothing(Session session, Session.Work<T> work, Session.Work<?> undo)
      throws SQLException {
    return withSavepoint(session, dialect, work);
  }

  /** The same with a savepoint, whatever the style. */
  static <T> T withSavepoint(Session session, Dialect dialect, Session.Work<T> work)
      throws SQLException {
    Connection connection = session.connection();
    Savepoint before = connection.setSavepoint(BEFORE_CALL);
    T result =
        orUndo(
            session,
            work,
            own -> {
              connection.rollback(before);
              forget(connection, dialect, before);
              return before;
            });
    forget(connection, dialect, before);
    return result;
  }

  /**
   * Each one that is left in SQLite costs each later write, and a release takes no trip. Elsewhere
   * the next one takes its place.
   */
  private static void forget(Connection connection, Dialect dialect, Savepoint savepoint)
      throws SQLException {
    if (dialect.singleWriter()) {
      connection.releaseSavepoint(savepoint);
    }
  }

  /** Works, and undoes what was done if that fails. */
  static <T> T orUndo(Session session, Session.Work<T> work, Session.Work<?> undo)
      throws SQLException {
    try {
      return work.run(session);
    } catch (RuntimeException | SQLException | Error e) {
      try {
        undo.run(session);
      } catch (SQLException again) {
        // As after a deadlock, for which the database has rolled back the transaction.
        e.addSuppressed(again);
      }
      throw e;
    }
  }

  /** Runs a query whose best plan depends on its values. */
  final <T> T plannedAnew(Handle handle, Supplier<T> read) {
    String planAnew = dialect.planAnew();
    return planAnew == null
        ? read.get()
        : handle.inTransaction(
            own -> {
              own.execute(planAnew);
              return read.get();
            });
  }

  /** Runs a statement that waits for a locked row, so that it waits at most so long. */
  final void waiting(Session session, Duration wait, Session.Work<?> work) throws SQLException {
    String limit = dialect.limitWait(wait);
    if (limit != null) {
      session.statementOnce(limit).run(row -> wait);
      work.run(session);
      return;
    }
    Map<String, String> brief = dialect.briefSettings(wait);
    if (brief.isEmpty()) {
      work.run(session);
      return;
    }
    var before = new HashMap<String, String>();
    for (String setting : brief.keySet()) {
      session.statement(dialect.get(setting)).list(row -> before.put(setting, row.getString(1)));
    }
    session.statement(dialect.set(brief)).run(row -> brief);
    try {
      work.run(session);
    } catch (SQLException | RuntimeException | Error e) {
      try {
        session.statement(dialect.set(before)).run(row -> before);
      } catch (SQLException again) {
        e.addSuppressed(again);
        session.fails();
      }
      throw e;
    }
    session.statement(dialect.set(before)).run(row -> before);
  }

  /** What became of the change of a job. */
  enum UpdateResult {
    UPDATED,
    /** The lease is lost. */
    LOST,
    /** Another transaction has locked the row, which is unchanged. */
    LOCKED
  }

  /** What became of the jobs of some rows. */
  static final class Updates {
    private final UpdateResult[] results;
    private final Map<Integer, JobEnd> ends = new HashMap<>();

    Updates(UpdateResult[] results) {
      this.results = results;
    }

    /** What became of each job. */
    UpdateResult[] results() {
      return results;
    }

    /** What others have of those that were changed, by their positions. */
    Map<Integer, JobEnd> ends() {
      return ends;
    }

    static Updates allLost(int rows) {
      var results = new UpdateResult[rows];
      Arrays.fill(results, UpdateResult.LOST);
      return new Updates(results);
    }

    void updated(int position, @Nullable JobEnd end) {
      results[position] = UpdateResult.UPDATED;
      if (end != null) {
        ends.put(position, end);
      }
    }
  }

  /** The statements about slots of keys; only for a dialect that {@link Dialect#hasKeys}. */
  SlotStatements slots() {
    throw new UnsupportedOperationException("no keys");
  }

  /** Notes what a claim or a reset has ended: it looks itself for what may go then. */
  final void noteEnded(Session session, Collection<JobEnd> ends) throws SQLException {
    Set<JobKey> keys = JobEnd.keys(ends);
    if (!keys.isEmpty()) {
      slots().note(session, keys);
    }
    GraphEvents.store(session, ends);
  }

  /**
   * Changes jobs that are held, one for each row of values. The first three values are queue, id
   * and token.
   *
   * @param sql {@link Sql#JOB_FINISH} or {@link Sql#JOB_RETURN}
   */
  abstract Updates updateEach(Session session, Sql sql, RowBatch rows, LockWait waiting)
      throws SQLException;

  /**
   * Requeues jobs that are FAILED or CANCELLED, one for each row of queue, id and delay, unless
   * another job has their dedup key.
   *
   * @param text {@link Sql#JOB_REQUEUE}
   * @param simple whether it leaves those that have a key or are of a graph
   * @return those that it requeued
   */
  Set<RowBatch.Name> requeueEach(Session session, String text, RowBatch rows, boolean simple)
      throws SQLException {
    var requeued = new HashSet<RowBatch.Name>();
    List<RowBatch.Name> names = rows.names();
    for (int i = 0; i < rows.size(); i++) {
      NamedStatement statement =
          session
              .statement(text)
              .bind("simple", simple ? 1L : 0L)
              .bind(rows.columns(), rows.rows().get(i));
      if (statement.update() > 0) {
        requeued.add(names.get(i));
      }
    }
    return requeued;
  }

  /** How many jobs {@link #requeueEach} gets at most: they stay locked for as long as it takes. */
  int requeuedTogether() {
    return 100;
  }

  /**
   * Stores jobs, except those whose id or dedup key is taken.
   *
   * @return for each row, whether it was inserted
   */
  abstract boolean[] insertEach(Session session, RowBatch rows, LockWait waiting)
      throws SQLException;

  /** Whether there is {@link #insertAlone}. */
  boolean insertsAlone() {
    return false;
  }

  /**
   * Stores a job whose id could be remembered with others, in one trip and without a transaction.
   *
   * @param end see {@link RememberedIds#end}
   * @return whether it was stored
   */
  boolean insertAlone(Session session, RowBatch row, String end, LockWait waiting)
      throws SQLException {
    throw new UnsupportedOperationException("it takes a transaction");
  }

  /**
   * Those of some ids, each with its queue, that are remembered with others. Ask it after the
   * insert: the insert may have waited for the settlement that removed the job.
   *
   * @return empty if the session's snapshot may be older than what others have committed
   */
  Optional<Set<RowBatch.Name>> remembered(Session session, List<RowBatch.Name> ids)
      throws SQLException {
    return session.isCallers() ? Optional.empty() : Optional.of(RememberedIds.find(session, ids));
  }

  /** Remembers the ids of jobs that the transaction has removed, and removes what they leave. */
  final void remember(Session session, List<RememberedIds.Gone> gone) throws SQLException {
    RememberedIds.add(session, gone);
    List<RememberedIds.Gone> left = RememberedIds.withRemains(session, gone);
    if (!left.isEmpty()) {
      var jobs = new RowBatch(left.size(), RowBatch.text("queue"), RowBatch.text("id"));
      left.forEach(job -> jobs.add(job.queue(), job.id()));
      session.statement(Sql.CHECKPOINT_DELETE).updateEach(jobs);
      failedAttempts.keepLast(session, jobs, 0);
    }
  }

  /**
   * Locks what stands for the queues of some dedup keys, so that batches with several keys in one
   * queue go one after the other: the keys themselves are taken in the order of the jobs, which may
   * end in a deadlock. Not in a transaction of the caller's, which may stay open for long.
   */
  static void lockKeys(Session session, Set<RowBatch.Name> keys, LockWait waiting)
      throws SQLException {
    if (keys.size() > 1 && session.isInTransaction()) {
      String text = session.texts(Sql.KEY_LOCK, waiting).get(0);
      session.statementOnce(text.replace("{found}", buckets(keys))).list(row -> row.getInt(1));
    }
  }

  /** The numbers of the rows that stand for the queues of keys, as a list in a statement. */
  static String buckets(Set<RowBatch.Name> keys) {
    return keys.stream()
        .map(key -> Math.floorMod(Objects.hashCode(key.first()), KEY_BUCKETS))
        .distinct()
        .map(String::valueOf)
        .collect(Collectors.joining(","));
  }

  /** Removes the jobs that a script finds, and returns what was read of them. */
  <T> List<T> purge(Session session, SqlScript script, NamedStatement.RowReader<T> reader)
      throws SQLException {
    return script.listAndChange(reader);
  }

  /** Of some jobs those that others see by now. */
  final List<RowBatch.Name> seen(Session session, RowBatch jobs) throws SQLException {
    return listEach(session, session.texts(Sql.JOB_SEEN).get(0), jobs, RowBatch.Name::of);
  }

  /** Of some jobs those that nobody else has locked; it locks them. */
  final List<RowBatch.Name> free(Session session, RowBatch jobs) throws SQLException {
    return listEach(session, session.texts(Sql.GRAPH_FREE).get(0), jobs, RowBatch.Name::of);
  }

  /** Reads for rows of names, which stand for {@code {keys}} in the text, or are its arrays. */
  <T> List<T> listEach(
      Session session, String text, RowBatch rows, NamedStatement.RowReader<T> reader)
      throws SQLException {
    return new ManyRows(dialect).list(session, text, rows, reader);
  }

  /** Changes a row for each of some; how many that were. */
  int changeEach(Session session, String text, RowBatch rows) throws SQLException {
    int changed = 0;
    for (int count : session.statement(text).updateEach(rows)) {
      changed += Math.max(0, count);
    }
    return changed;
  }

  /** Removes events of graphs, of which the rows have queue, graph and seq. */
  void removeEvents(Session session, String text, RowBatch events) throws SQLException {
    if (events.size() > 0) {
      String seqs =
          events.rows().stream()
              .map(event -> String.valueOf(event[2]))
              .collect(Collectors.joining(","));
      var unused = session.statementOnce(text.replace("{found}", seqs)).update();
    }
  }

  /** The statement that finds the job that prevents another one. */
  String findDuplicate(Session session, LockWait waiting) {
    return session.texts(Sql.JOB_FIND_DUPLICATE, waiting).get(0);
  }

  /**
   * Acquires named leases that nobody holds.
   *
   * @param wanted each name once, in the order in which the rows are to be locked
   */
  List<Lease> acquireEach(Session session, List<LeaseRequest> wanted, LockWait waiting)
      throws SQLException {
    int statements = wanted.size() * session.texts(Sql.LEASE_ACQUIRE).size();
    if (statements > 1 && !session.isInTransaction()) {
      return inTransaction(session, own -> acquireEach(own, wanted, waiting));
    }
    var acquired = new ArrayList<Lease>();
    for (LeaseRequest one : wanted) {
      new SqlScript(session, Sql.LEASE_ACQUIRE, waiting)
          .bind("name", one.name())
          .bind("owner", one.owner())
          .bind("duration", Micros.of(one.leaseDuration()))
          .bind("note", one.note())
          .first(RowMappers::lease)
          .ifPresent(acquired::add);
    }
    return acquired;
  }

  /**
   * Releases named leases that are held.
   *
   * @param leases in the order in which the rows are to be locked
   * @return those that it released
   */
  List<LeaseKey> releaseEach(Session session, List<LeaseKey> leases, LockWait waiting)
      throws SQLException {
    if (leases.size() > 1 && !session.isInTransaction()) {
      return inTransaction(session, own -> releaseEach(own, leases, waiting));
    }
    String text = session.texts(Sql.LEASE_RELEASE, waiting).get(0);
    var released = new ArrayList<LeaseKey>();
    for (LeaseKey lease : leases) {
      int changed =
          session
              .statement(text)
              .bind("name", lease.name())
              .bind("owner", lease.owner())
              .bind("token", lease.token())
              .update();
      if (changed > 0) {
        released.add(lease);
      }
    }
    return released;
  }

  /**
   * Whether a row is certainly missing. If the answer is false, the caller has to look for it.
   *
   * <p>In some databases a search for a missing row hinders others. Their dialects find out with an
   * insert, and roll it back. The others always answer false.
   *
   * @param insert inserts the row unless it is there, and tells whether it did
   */
  boolean isMissing(Session session, Insert insert) throws SQLException {
    return false;
  }

  /** Inserts a row unless it is there, and tells whether it did. */
  interface Insert {
    boolean run() throws SQLException;
  }

  /**
   * Whether a guard is made in a transaction of the store's own, before the caller's transaction
   * raises it.
   */
  boolean makesGuardsApart() {
    return false;
  }

  /** Makes a guard, unless it exists. */
  void makeGuard(Session session, FencedHolder holder) throws SQLException {
    throw new UnsupportedOperationException("a guard is made when it is raised");
  }

  /**
   * Raises a guard in the caller's transaction, and locks it until that transaction ends.
   *
   * @return the largest token that the guard has seen; if it is larger than the holder's, the
   *     holder is refused
   */
  long raiseGuard(Session session, FencedHolder holder) throws SQLException {
    return holder.bound(session.query(Sql.FENCE_RAISE)).mapTo(Long.class).one();
  }

  /**
   * Extends leases. It does not wait for rows that others have locked; those leases are busy.
   *
   * @param duration in microseconds
   */
  abstract List<Extension> extend(Session session, List<JobLease> leases, long duration)
      throws SQLException;

  /**
   * Waits for the row of a busy lease, in the queue of those that want to lock it, and locks it. It
   * fails if others still have it locked after that time.
   */
  void await(Session session, JobLease lease, Duration wait) throws SQLException {
    throw new UnsupportedOperationException("no lease is busy");
  }

  /**
   * Whether a walk along an index passes over the entries of rows that are gone, for as long as the
   * database has not cleaned them up, without looking whether they are still in its range.
   */
  boolean walksOverDead() {
    return false;
  }

  /**
   * Claims jobs. Of those that it meets, it finishes the ones that are spent: they have crashed too
   * often, or their cancellation was requested, or their deadline has passed.
   */
  abstract ClaimLook claim(Session session, ClaimLook.Request request, Watermarks.Levels levels)
      throws SQLException;

  /**
   * Returns expired jobs to RETRY, and finishes those that are spent. It skips rows that others
   * have locked.
   */
  abstract ResetSlice reset(Session session, ResetSlice.Request request) throws SQLException;
}
