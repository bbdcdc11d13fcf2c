package dev.lease.jdbc;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import dev.lease.Due;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who has a slot of a key [Q62]. There is no counter: a job has one if its place in the table says
 * so. Whoever changes how many jobs of a key have slots locks what stands for the key, and looks in
 * the next statement, which sees all that others have committed who had it locked before. If
 * another has it locked, or the transaction is a caller's, a note is left, and a claim looks later
 * [Q64].
 */
final class KeySlots {

  private static final Logger log = LoggerFactory.getLogger(KeySlots.class);

  /** How many jobs one step gives slots. */
  static final int MOST = 1_000;

  /**
   * How many keys with news of one kind such a step looks at. Fewer than it gives slots: a step
   * that gives as many as it may notes all its keys again, since it may have been cut.
   */
  private static final int NEWS = 600;

  /** How many such steps a claim takes before it goes on. */
  private static final int ROUNDS = 3;

  /** How many keys a full look checks [Q71]. */
  private static final int PIECE = 100;

  /** How long claims look for what a caller's transaction has noted, in nanoseconds. */
  private static final long PATIENCE = 5_000_000_000L;

  /** Of the jobs of one enqueue, the one that gets the first slot. */
  private static final Comparator<NewJob> FIRST =
      Comparator.comparingInt(NewJob::priority)
          .reversed()
          .thenComparing(
              job ->
                  job.due() instanceof Due.At at ? Micros.of(at.instant()) : (Long) Long.MAX_VALUE);

  private final SlotStatements statements;
  private final Hints hints;
  private final Watermarks watermarks;

  /** The last key of each queue that a full look has checked. */
  private final Map<String, String> checked = new HashMap<>();

  private final LimitSweep sweep;

  KeySlots(Database database, Hints hints, Watermarks watermarks, Executor background) {
    this.sweep = new LimitSweep(database, background);
    this.statements = database.statements().slots();
    this.hints = hints;
    this.watermarks = watermarks;
  }

  /**
   * Gives the slots of keys that jobs may have left, in the transaction in which they ended, were
   * put off or came [Q63].
   */
  void passOn(Session session, Collection<JobKey> keys) throws SQLException {
    if (keys.isEmpty()) {
      return;
    }
    if (session.isCallers()) {
      statements.note(session, keys);
      keys.forEach(key -> watermarks.arrived(key.queue(), PATIENCE));
      return;
    }
    Set<JobKey> mine = statements.tryLock(session, keys);
    Set<JobKey> later = give(session, mine, Long.MAX_VALUE);
    later.addAll(others(keys, mine));
    note(session, later);
  }

  /** Puts jobs with keys where their due times say; their keys. */
  Set<JobKey> putOff(Session session, RowBatch jobs) throws SQLException {
    return jobs.size() > 0 ? statements.putOff(session, jobs) : Set.of();
  }

  /** Rows for {@link #putOff}: queue, id, and 1 if a job of a key in order keeps its slot. */
  static RowBatch rows(int capacity) {
    return new RowBatch(
        capacity, RowBatch.text("queue"), RowBatch.text("id"), RowBatch.number("keeps"));
  }

  /**
   * Waits until nobody else has what stands for some keys locked: whoever had, and had read older
   * limits, has ended. How many that were.
   */
  int await(Session session, List<Integer> buckets) throws SQLException {
    return statements.lock(session, buckets, true).size();
  }

  /** Waits until nobody else has some keys locked. The session must have no job locked. */
  private void await(Session session, Collection<JobKey> keys) throws SQLException {
    statements.lock(session, JobKey.buckets(keys), true);
  }

  /** Those of some keys that another has locked. */
  private static Set<JobKey> others(Collection<JobKey> keys, Set<JobKey> mine) {
    return keys.stream().filter(key -> !mine.contains(key)).collect(toSet());
  }

  /** Notes keys that somebody has to look at, and says so. */
  private void note(Session session, Set<JobKey> keys) throws SQLException {
    if (!keys.isEmpty()) {
      statements.note(session, keys);
      Set<String> queues = keys.stream().map(JobKey::queue).collect(toSet());
      session.onCommit(() -> queues.forEach(hints::signalArrival));
    }
  }

  /**
   * Gives the free slots of keys, which are locked, and then those of their queues.
   *
   * @return those that somebody has to look at again, since others have locked what comes next, or
   *     there may be more
   */
  private Set<JobKey> give(Session session, Set<JobKey> keys, long newer) throws SQLException {
    var later = new HashSet<JobKey>();
    Set<JobKey> named = keys.stream().filter(key -> !key.isOfQueue()).collect(toSet());
    var queues = new HashSet<String>();
    keys.stream().filter(JobKey::isOfQueue).map(JobKey::queue).forEach(queues::add);
    if (!named.isEmpty()) {
      SlotStatements.Admitted admitted = statements.admit(session, named, MOST, newer);
      queues.addAll(admitted.queues());
      later.addAll(admitted.jobs() == MOST ? named : admitted.skipped());
    }
    for (String queue : queues) {
      if (!open(session, queue)) {
        later.add(JobKey.ofQueue(queue));
      }
    }
    return later;
  }

  /** Whether nobody has to look again. */
  private boolean open(Session session, String queue) throws SQLException {
    if (statements.tryLock(session, Set.of(JobKey.ofQueue(queue))).isEmpty()) {
      return false;
    }
    SlotStatements.Opened opened = statements.open(session, queue, MOST);
    if (opened.jobs() > 0) {
      // They stand where they were admitted, which may be behind the marks of claims.
      session.onCommit(() -> hints.signalOlder(queue));
    }
    return opened.jobs() == opened.waiting() && opened.jobs() < MOST;
  }

  /**
   * Gives slots to jobs that have come or become due since, where nobody could see that before.
   * Each full look does so first, and also checks the next keys of which jobs are held back, in
   * case a slot was lost [Q71]. If there is too much, or it fails, a later claim goes on.
   *
   * @param full whether a full look begins
   */
  void arrive(Database.Calls calls, String queue, boolean full) {
    boolean more = true;
    try {
      for (int round = 0; more && round < ROUNDS; round++) {
        more = arriveOnce(calls, queue, full && round == 0);
      }
    } catch (StoreException e) {
      log.debug("Cannot look for free slots, a later claim does: {}", Database.reason(e));
    }
    if (more) {
      watermarks.arrived(queue, 0);
    }
    sweep.nowAndThen();
  }

  /** Whether there may be more. */
  private boolean arriveOnce(Database.Calls calls, String queue, boolean checks) {
    var found = new ArrayList<JobKey>();
    boolean cut =
        calls.read(
            "look for free slots",
            session -> {
              found.clear();
              found.addAll(statements.news(session, queue, NEWS));
              boolean full = found.size() >= NEWS;
              if (checks) {
                found.addAll(piece(session, queue));
              }
              return full;
            });
    Set<JobKey> keys = Set.copyOf(found);
    return !keys.isEmpty()
        && calls.transact("give free slots", session -> arrive(session, queue, keys) || cut);
  }

  private synchronized List<JobKey> piece(Session session, String queue) throws SQLException {
    String after = checked.getOrDefault(queue, "");
    List<JobKey> piece = statements.piece(session, queue, after, PIECE);
    if (piece.size() < PIECE) {
      checked.remove(queue);
    } else {
      checked.put(queue, piece.get(PIECE - 1).key());
    }
    return piece;
  }

  /** Whether there may be more. */
  private boolean arrive(Session session, String queue, Set<JobKey> keys) throws SQLException {
    Set<JobKey> mine = statements.tryLock(session, keys);
    boolean more = false;
    if (!mine.isEmpty()) {
      more = statements.forget(session, mine, MOST) == MOST;
      Set<JobKey> later = give(session, mine, Long.MAX_VALUE);
      if (!later.isEmpty()) {
        statements.note(session, later);
        session.onCommit(() -> watermarks.arrived(queue, 0));
      }
      more |= statements.shelve(session, mine, MOST) == MOST;
    }
    if (mine.size() < keys.size()) {
      session.onCommit(() -> watermarks.arrived(queue, 0));
    }
    return more;
  }

  /**
   * Brings jobs of some keys to the limits [Q68]. Waits until nobody else changes how many of them
   * have slots.
   *
   * @return how many jobs it changed
   */
  int apply(Session session, List<JobKey> keys, int most) throws SQLException {
    await(session, keys);
    int taken = statements.take(session, keys, most);
    if (taken == most) {
      return most;
    }
    SlotStatements.Admitted admitted =
        statements.admit(session, keys, most - taken, Long.MAX_VALUE);
    note(session, admitted.skipped());
    return taken + admitted.jobs();
  }

  /** The same for the slots of a queue. */
  int applyQueue(Session session, String queue, int most) throws SQLException {
    await(session, List.of(JobKey.ofQueue(queue)));
    int shut = statements.shut(session, queue, most);
    return shut == most ? most : shut + statements.open(session, queue, most - shut).jobs();
  }

  /** Closes a key for so many microseconds [Q95]. How many jobs start later for that. */
  int close(Session session, JobKey key, long delay) throws SQLException {
    await(session, List.of(key));
    return statements.close(session, key, delay);
  }

  /** The places of the jobs of one enqueue [Q65]. */
  final class Places {
    private final boolean callers;
    private final Set<JobKey> keys;
    private final Set<JobKey> mine;
    private final Set<JobKey> giving = new HashSet<>();
    private final Map<String, Long> newest = new HashMap<>();

    /** The jobs that are stored with a slot. */
    private final Set<NewJob> open = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Those that were not due when it looked: claims find them, should they be due by now. */
    private final Set<NewJob> later = Collections.newSetFromMap(new IdentityHashMap<>());

    private Places(Session session, List<NewJob> jobs) throws SQLException {
      this.callers = session.isCallers();
      Map<JobKey, List<NewJob>> byKey =
          jobs.stream().filter(job -> job.key() != null).collect(groupingBy(KeySlots::key));
      this.keys = byKey.keySet();
      this.mine = callers || keys.isEmpty() ? Set.of() : statements.tryLock(session, keys);
      if (mine.isEmpty()) {
        return;
      }
      Map<JobKey, SlotStatements.Room> rooms = statements.look(session, mine);
      rooms.forEach(
          (key, room) -> {
            if (room.gives()) {
              giving.add(key);
            }
            List<NewJob> own = byKey.getOrDefault(key, List.of());
            own.stream().filter(job -> !isDue(job, room.asOf())).forEach(later::add);
            own.stream()
                .filter(job -> isDue(job, room.asOf()))
                .sorted(FIRST)
                .limit(room.room())
                .forEach(open::add);
          });
      for (JobKey key : giving) {
        if (!newest.containsKey(key.queue())) {
          newest.put(key.queue(), statements.newest(session, key.queue()));
        }
      }
    }

    boolean hasKeys() {
      return !keys.isEmpty();
    }

    /** The place of a job, as the table has it; on the shelf only if it is due. */
    long of(NewJob job) {
      if (job.key() == null || open.contains(job)) {
        return job.priority();
      }
      return later.contains(job) ? Stand.later(job.priority()) : Stand.onShelf(job.priority());
    }

    /** Gives what slots are left, once the jobs are stored. */
    void fill(Session session, List<NewJob> stored) throws SQLException {
      if (!hasKeys()) {
        return;
      }
      Set<NewJob> kept = Collections.newSetFromMap(new IdentityHashMap<>());
      kept.addAll(stored);
      open.stream().filter(job -> !kept.contains(job)).map(KeySlots::key).forEach(giving::add);
      var later = new HashSet<JobKey>();
      for (String queue : giving.stream().map(JobKey::queue).collect(toSet())) {
        later.addAll(
            give(
                session,
                giving.stream().filter(key -> key.queue().equals(queue)).collect(toSet()),
                newest.getOrDefault(queue, Long.MAX_VALUE)));
      }
      Set<JobKey> came =
          stored.stream().filter(job -> job.key() != null).map(KeySlots::key).collect(toSet());
      if (callers && !came.isEmpty()) {
        statements.note(session, came);
      } else {
        later.addAll(others(came, mine));
        note(session, later);
      }
    }
  }

  Places places(Session session, List<NewJob> jobs) throws SQLException {
    return new Places(session, jobs);
  }

  private static boolean isDue(NewJob job, long asOf) {
    return job.due() instanceof Due.At at
        ? Micros.of(at.instant()) <= asOf
        : job.due().equals(Due.now());
  }

  private static JobKey key(NewJob job) {
    return new JobKey(job.queue(), String.valueOf(job.key()));
  }
}
