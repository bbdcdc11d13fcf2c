package dev.lease.jdbc;

import static java.util.stream.Collectors.toSet;

import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.FinishedJob;
import dev.lease.GraphPiece;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Operations on jobs that are the same in a transaction of the store's and in one of the caller's.
 */
final class JobOperations {

  /** The settlements that the stores here know. */
  static final Set<Class<? extends Settlement>> SETTLEMENTS =
      Set.of(
          Settlement.Done.class,
          Settlement.Retry.class,
          Settlement.Failed.class,
          Settlement.Cancelled.class,
          Settlement.Released.class);

  /** Where the delay stands in the rows of jobs that are returned. */
  private static final int DELAY = 4;

  /** The name of the value of a job's key. */
  static final String JOB_KEY = "jobKey";

  private static final List<RowBatch.Column> COLUMNS =
      List.of(
          RowBatch.text("queue"),
          RowBatch.text("id"),
          RowBatch.text("type"),
          RowBatch.text("payload"),
          RowBatch.text("headers"),
          RowBatch.number("priority"),
          RowBatch.number("dueAt"),
          RowBatch.number("delay"),
          RowBatch.text("dedupKey"),
          RowBatch.number("keep"),
          RowBatch.number("maxCrashes"),
          RowBatch.number("maxFailures"),
          RowBatch.number("notAfter"),
          RowBatch.number("notAfterDelay"),
          RowBatch.number("dedupFor"));

  private static final List<RowBatch.Column> KEYED =
      Stream.concat(
              COLUMNS.stream(),
              Stream.of(RowBatch.text(JOB_KEY), RowBatch.text("graph"), RowBatch.text("part")))
          .toList();

  private static final int MAX_ENQUEUE_TRIES = 100;

  private final Database database;
  private final Retention retention;
  private final @Nullable KeySlots slots;
  private final @Nullable GraphEnds graphs;

  /**
   * @param slots gives the slots of keys; null if jobs have no keys
   * @param graphs lets jobs of graphs go; null if there are no graphs
   */
  JobOperations(
      Database database,
      Retention retention,
      @Nullable KeySlots slots,
      @Nullable GraphEnds graphs) {
    this.database = database;
    this.retention = retention;
    this.slots = slots;
    this.graphs = graphs;
  }

  /**
   * The jobs of an enqueue.
   *
   * @throws UnsupportedOperationException if one has a key, and the database has none
   */
  List<NewJob> accepted(List<NewJob> jobs) {
    List<NewJob> batch = Limits.batch("jobs", jobs);
    return slots == null ? NewJob.requireNoKeys(batch) : batch;
  }

  /** Passes on the slots of jobs that ended in this transaction, and tells their parts. */
  void ended(Session session, Collection<JobEnd> ends) throws SQLException {
    if (slots != null && graphs != null) {
      slots.passOn(session, JobEnd.keys(ends));
      graphs.note(session, ends);
    }
  }

  /** The same of jobs that were deleted. One that had ended before has told its part so. */
  void deleted(Session session, Collection<JobEnd> ends) throws SQLException {
    int cancelled = StateCodes.code(JobState.CANCELLED);
    ended(
        session,
        ends.stream().map(end -> end.withOutcome(end.outcome() == 0 ? cancelled : 0)).toList());
  }

  /** Keeps jobs for longer whose keep is over, and that others of their graphs may want to read. */
  void keepNeeded(Session session, String queue, int limit) throws SQLException {
    if (graphs != null) {
      graphs.keepNeeded(session, queue, limit);
    }
  }

  /** Removes graphs that are over. How many jobs went with them. */
  int sweepGraphs(Session session, String queue, int limit) throws SQLException {
    return graphs == null ? 0 : GraphSweep.sweep(session, queue, limit);
  }

  /** Tells the part of a job that was requeued. */
  void runsAgain(Session session, Job before) throws SQLException {
    if (graphs != null) {
      graphs.runsAgain(session, before);
    }
  }

  /**
   * Puts a job that nobody holds where its due time says, if it has a key, and passes its slot on.
   *
   * @param keeps whether a job of a key in order keeps its slot
   */
  void putOff(Session session, String queue, String id, boolean keeps) throws SQLException {
    if (slots != null) {
      RowBatch job = KeySlots.rows(1);
      job.add(queue, id, keeps ? 1L : 0L);
      slots.passOn(session, slots.putOff(session, job));
    }
  }

  /** Gives slots to what has come or become due, before a claim looks. */
  void arrive(Database.Calls calls, String queue, boolean full) {
    if (slots == null || graphs == null) {
      return;
    }
    // A graph that fails must not keep what has a key. Otherwise a store that has just not answered
    // is asked once more: by the look, which says so.
    boolean slotsFirst = graphs.isFailing(queue);
    if (slotsFirst) {
      slots.arrive(calls, queue, full);
    }
    if (graphs.resolve(calls, queue) && !slotsFirst) {
      slots.arrive(calls, queue, full);
    }
  }

  /** Lets jobs of graphs go, before a purge looks. */
  void resolve(Database.Calls calls, String queue) {
    if (graphs != null) {
      graphs.resolve(calls, queue);
    }
  }

  FailedAttempts failedAttempts() {
    return database.statements().failedAttempts();
  }

  Retention retention() {
    return retention;
  }

  /** Whether a job can be stored without a transaction. */
  boolean insertsAlone(NewJob job) {
    return job.key() == null
        && (!RememberedIds.isTimeOrdered(job.id()) || database.statements().insertsAlone());
  }

  /** Stores such a job without a transaction; false if its id or dedup key is taken. */
  boolean insertAlone(Session session, NewJob job, LockWait waiting) throws SQLException {
    return RememberedIds.isTimeOrdered(job.id())
        ? database
            .statements()
            .insertAlone(
                session, rows(List.of(job), null, null), RememberedIds.end(job.id()), waiting)
        : database.statements().insertEach(session, rows(List.of(job), null, null), waiting)[0];
  }

  List<Enqueued> enqueue(Session session, List<NewJob> jobs, LockWait waiting) throws SQLException {
    return enqueue(session, jobs, waiting, new LinkedHashSet<>(), null);
  }

  /** Stores jobs of a graph, where no claim looks. */
  List<Enqueued> enqueueInGraph(Session session, GraphPiece piece) throws SQLException {
    return enqueue(session, piece.allJobs(), LockWait.LONG, new LinkedHashSet<>(), piece);
  }

  /**
   * Stores jobs in a transaction of the caller's. If that fails, none of them stays there: the
   * caller may commit nevertheless, and some may be done already.
   */
  List<Enqueued> enqueueForCaller(Session session, List<NewJob> jobs) throws SQLException {
    var made = new LinkedHashSet<RowBatch.Name>();
    return database
        .statements()
        .allOrNothing(
            session,
            own -> enqueue(own, jobs, LockWait.LONG, made, null),
            own -> {
              remove(own, List.copyOf(made));
              return made;
            });
  }

  /**
   * @param made gets the jobs that are stored
   * @param graph the piece of a graph that they are; null if they are of none
   */
  private List<Enqueued> enqueue(
      Session session,
      List<NewJob> jobs,
      LockWait waiting,
      Set<RowBatch.Name> made,
      @Nullable GraphPiece graph)
      throws SQLException {
    var enqueued = new ArrayList<@Nullable Enqueued>(Collections.nCopies(jobs.size(), null));
    KeySlots.Places places = slots == null || graph != null ? null : slots.places(session, jobs);
    List<Integer> open = new ArrayList<>();
    for (int i = 0; i < jobs.size(); i++) {
      open.add(i);
    }
    // The job that has the id or the key may be gone before it is found, or the time may be over
    // for which it keeps the key. Then this one can be stored.
    for (int tries = 0; !open.isEmpty(); tries++) {
      if (tries == MAX_ENQUEUE_TRIES) {
        NewJob first = jobs.get(open.get(0));
        throw StoreException.notDone(
            "could not enqueue job "
                + first.id()
                + " of queue "
                + first.queue()
                + ": its id or its dedup key is taken and freed again too fast, or a rule of the table lease_job"
                + " refuses its row",
            null);
      }
      List<Integer> round = new ArrayList<>();
      List<Integer> still = new ArrayList<>();
      // The second of two equal ids in the batch waits for what becomes of the first [Q04].
      Set<List<String>> ids = new HashSet<>();
      for (int position : open) {
        NewJob job = jobs.get(position);
        (ids.add(List.of(job.queue(), job.id())) ? round : still).add(position);
      }
      List<NewJob> trying = round.stream().map(jobs::get).toList();
      boolean[] created =
          database.statements().insertEach(session, rows(trying, places, graph), waiting);
      for (int i = 0; i < created.length; i++) {
        if (created[i]) {
          made.add(name(trying.get(i)));
        }
      }
      Set<RowBatch.Name> remembered = remembered(session, trying);
      List<RowBatch.Name> again = made.stream().filter(remembered::contains).toList();
      remove(session, again);
      again.forEach(made::remove);
      for (int i = 0; i < created.length; i++) {
        int position = round.get(i);
        NewJob job = jobs.get(position);
        boolean known = remembered.contains(name(job));
        Optional<String> id =
            created[i] || known ? Optional.of(job.id()) : findDuplicate(session, job, waiting);
        if (id.isPresent()) {
          enqueued.set(position, Enqueued.of(id.get(), created[i] && !known));
        } else {
          if (job.dedupKey() != null) {
            freeKey(session, job.queue(), job.dedupKey());
          }
          still.add(position);
        }
      }
      Collections.sort(still);
      open = still;
    }
    List<Enqueued> answers = enqueued.stream().map(JobOperations::present).toList();
    if (places != null) {
      places.fill(
          session,
          IntStream.range(0, jobs.size())
              .filter(i -> answers.get(i).created())
              .mapToObj(jobs::get)
              .toList());
    }
    return answers;
  }

  /** Those of some ids that are remembered with others [Q02]. */
  private Set<RowBatch.Name> remembered(Session session, List<NewJob> jobs) throws SQLException {
    List<RowBatch.Name> ids =
        jobs.stream()
            .filter(job -> RememberedIds.isTimeOrdered(job.id()))
            .map(JobOperations::name)
            .toList();
    if (ids.isEmpty()) {
      return Set.of();
    }
    Optional<Set<RowBatch.Name>> found = database.statements().remembered(session, ids);
    if (found.isEmpty() && session.isCallers()) {
      // The caller's transaction may have an old snapshot.
      found = database.read("enqueue", own -> database.statements().remembered(own, ids));
    }
    return found.orElseThrow(
        () ->
            StoreException.notDone(
                "could not enqueue: a session of the store is above READ COMMITTED, and may not see what others have"
                    + " committed; let neither the DataSource nor the role set another isolation, and let the database"
                    + " offer this one",
                null));
  }

  private static RowBatch.Name name(NewJob job) {
    return new RowBatch.Name(job.queue(), job.id());
  }

  /** Removes jobs that the session's transaction has created. */
  void takeBack(Session session, List<NewJob> jobs) throws SQLException {
    remove(session, jobs.stream().map(JobOperations::name).toList());
  }

  private static void remove(Session session, List<RowBatch.Name> jobs) throws SQLException {
    if (!jobs.isEmpty()) {
      var rows = new RowBatch(jobs.size(), RowBatch.text("queue"), RowBatch.text("id"));
      jobs.forEach(job -> rows.add(job.first(), job.second()));
      session.statement(session.texts(Sql.JOB_TAKE_BACK).get(0)).updateEach(rows);
    }
  }

  private static Enqueued present(@Nullable Enqueued enqueued) {
    if (enqueued == null) {
      throw new IllegalStateException("a job of the batch has no answer");
    }
    return enqueued;
  }

  /**
   * @param places where jobs with keys go; null if there are none
   * @param graph the piece of a graph that they are; null if they are of none
   */
  private static RowBatch rows(
      List<NewJob> jobs, KeySlots.@Nullable Places places, @Nullable GraphPiece graph) {
    boolean keyed = graph != null || (places != null && places.hasKeys());
    IdentityHashMap<NewJob, String> parts = new IdentityHashMap<>();
    if (graph != null) {
      graph.jobs().forEach((part, of) -> of.forEach(job -> parts.put(job, part)));
    }
    RowBatch rows =
        new RowBatch(jobs.size(), (keyed ? KEYED : COLUMNS).toArray(RowBatch.Column[]::new));
    for (NewJob job : jobs) {
      var values =
          new ArrayList<@Nullable Object>(
              Arrays.asList(
                  job.queue(),
                  job.id(),
                  job.type(),
                  job.payload(),
                  HeaderCodec.encode(job.headers()),
                  place(job, places, graph),
                  instant(job.due()),
                  delay(job.due()),
                  job.dedupKey(),
                  job.keep() == null ? null : Micros.ofDelay(job.keep()),
                  (long) job.maxCrashes(),
                  longValue(job.maxFailures()),
                  instant(job.notAfter()),
                  delay(job.notAfter()),
                  job.dedupFor() == null ? null : Micros.ofDelay(job.dedupFor())));
      if (keyed) {
        values.add(job.key());
        values.add(graph == null ? null : graph.graph());
        values.add(parts.get(job));
      }
      rows.add(values.toArray());
    }
    return rows;
  }

  private static long place(
      NewJob job, KeySlots.@Nullable Places places, @Nullable GraphPiece graph) {
    if (graph != null) {
      return Stand.waiting(job.priority());
    }
    return places == null ? job.priority() : places.of(job);
  }

  /** The microseconds of a time that is an instant, otherwise null. */
  static @Nullable Long instant(@Nullable Due due) {
    return due instanceof Due.At at ? Micros.of(at.instant()) : null;
  }

  /** The microseconds of a time that is a delay, otherwise null. */
  static @Nullable Long delay(@Nullable Due due) {
    return due instanceof Due.After after ? Micros.ofDelay(after.delay()) : null;
  }

  static @Nullable Long longValue(@Nullable Integer number) {
    return number == null ? null : number.longValue();
  }

  /** Frees a dedup key that a finished job has kept for a time that is over; false if none has. */
  static boolean freeKey(Session session, String queue, String dedupKey) throws SQLException {
    return session
            .statement(Sql.JOB_FREE_KEY)
            .bind("queue", queue)
            .bind("dedupKey", dedupKey)
            .update()
        > 0;
  }

  private Optional<String> findDuplicate(Session session, NewJob job, LockWait waiting)
      throws SQLException {
    return session
        .statement(database.statements().findDuplicate(session, waiting))
        .bind("queue", job.queue())
        .bind("id", job.id())
        .bind("dedupKey", job.dedupKey())
        .first(row -> row.getString(1));
  }

  /**
   * @param forgets whether only the ids stay of jobs that are done and not kept. Not if a handler
   *     settles its job in a transaction of its own: its worker then reads the job to learn of
   *     that.
   */
  List<Settlement.Result> settle(
      Session session, List<Settlement> settlements, LockWait waiting, boolean forgets)
      throws SQLException {
    RowBatch finishes = finishes(settlements.size());
    var returns =
        new RowBatch(
            settlements.size(),
            RowBatch.text("queue"),
            RowBatch.text("id"),
            RowBatch.number("token"),
            RowBatch.number("givenBack"),
            RowBatch.number("delay"),
            RowBatch.number("keep"),
            RowBatch.text("error"));
    var finishPositions = new ArrayList<Integer>();
    var returnPositions = new ArrayList<Integer>();
    // Of two settlements under one token the first wins, whatever the database would do with both.
    var holds = new HashSet<Key>();
    for (int i = 0; i < settlements.size(); i++) {
      JobLease lease = settlements.get(i).lease();
      String queue = lease.queue();
      String id = lease.jobId();
      long token = lease.token();
      if (!holds.add(new Key(queue, id, token))) {
        continue;
      }
      Settlement settlement = settlements.get(i);
      if (settlement instanceof Settlement.Done done) {
        finishes.add(
            queue,
            id,
            token,
            (long) StateCodes.code(JobState.DONE),
            retention.done(),
            forgets ? 1L : 0L,
            done.result(),
            null);
        finishPositions.add(i);
      } else if (settlement instanceof Settlement.Failed failed) {
        finishes.add(
            queue,
            id,
            token,
            (long) StateCodes.code(JobState.FAILED),
            retention.failed(),
            0L,
            null,
            failed.error());
        finishPositions.add(i);
      } else if (settlement instanceof Settlement.Cancelled cancelled) {
        finishes.add(
            queue,
            id,
            token,
            (long) StateCodes.code(JobState.CANCELLED),
            retention.failed(),
            0L,
            null,
            cancelled.reason());
        finishPositions.add(i);
      } else if (settlement instanceof Settlement.Retry retry) {
        long delay = Micros.ofDelay(retry.delay());
        returns.add(queue, id, token, 0L, delay, retention.failed(), retry.error());
        returnPositions.add(i);
      } else if (settlement instanceof Settlement.Released released) {
        long delay = Micros.ofDelay(released.delay());
        returns.add(queue, id, token, 1L, delay, retention.failed(), null);
        returnPositions.add(i);
      }
    }
    var results =
        new ArrayList<Settlement.Result>(
            Collections.nCopies(settlements.size(), Settlement.Result.LOST));
    List<JobEnd> ends = new ArrayList<>();
    each(
        session,
        Sql.JOB_FINISH,
        finishes,
        waiting,
        ends,
        (result, i) -> results.set(finishPositions.get(i), result));
    putOff(
        session,
        returns,
        each(
            session,
            Sql.JOB_RETURN,
            returns,
            waiting,
            ends,
            (result, i) -> results.set(returnPositions.get(i), result)));
    failedAttempts().add(session, failures(settlements, results));
    ended(session, ends);
    return results;
  }

  private static RowBatch finishes(int capacity) {
    return new RowBatch(
        capacity,
        RowBatch.text("queue"),
        RowBatch.text("id"),
        RowBatch.number("token"),
        RowBatch.number("outcome"),
        RowBatch.number("keep"),
        RowBatch.number("forgets"),
        RowBatch.text("result"),
        RowBatch.text("error"));
  }

  /** Finishes jobs that a claim met and nobody can work on [Q43]. */
  void finishBroken(Session session, List<ClaimedRow> broken) throws SQLException {
    RowBatch finishes = finishes(broken.size());
    for (ClaimedRow row : broken) {
      FinishedJob job = Objects.requireNonNull(row.finished());
      finishes.add(
          job.queue(),
          job.id(),
          row.brokenToken(),
          (long) StateCodes.code(job.state()),
          retention.failed(),
          0L,
          null,
          job.error());
    }
    List<JobEnd> ends = new ArrayList<>();
    each(session, Sql.JOB_FINISH, finishes, LockWait.SHORT, ends, (result, i) -> {});
    ended(session, ends);
  }

  /** The attempts that failed, by those of the settlements that were accepted. */
  static RowBatch failures(List<Settlement> settlements, List<Settlement.Result> results) {
    RowBatch failures = FailedAttempts.rows(0);
    for (int i = 0; i < settlements.size(); i++) {
      Settlement settlement = settlements.get(i);
      String error = null;
      if (settlement instanceof Settlement.Retry retry) {
        error = retry.error();
      } else if (settlement instanceof Settlement.Failed failed) {
        error = failed.error();
      }
      if (error != null && results.get(i) == Settlement.Result.ACCEPTED) {
        JobLease lease = settlement.lease();
        failures.add(lease.queue(), lease.jobId(), Limits.attemptErrorText(error));
      }
    }
    return failures;
  }

  private record Key(String queue, String id, long token) {}

  /**
   * Ends or returns jobs.
   *
   * @param ends gets what others have of those that were changed
   * @return the positions of these, if they have a key
   */
  private Set<Integer> each(
      Session session,
      Sql sql,
      RowBatch rows,
      LockWait waiting,
      List<JobEnd> ends,
      ObjIntConsumer<Settlement.Result> results)
      throws SQLException {
    if (rows.size() == 0) {
      return Set.of();
    }
    StyleStatements.Updates changes = database.statements().updateEach(session, sql, rows, waiting);
    for (int i = 0; i < rows.size(); i++) {
      results.accept(
          switch (changes.results()[i]) {
            case UPDATED -> Settlement.Result.ACCEPTED;
            case LOST -> Settlement.Result.LOST;
            case LOCKED -> Settlement.Result.BUSY;
          },
          i);
    }
    ends.addAll(changes.ends().values());
    return changes.ends().entrySet().stream()
        .filter(end -> end.getValue().key() != null)
        .map(Map.Entry::getKey)
        .collect(toSet());
  }

  /** Takes the slots of those returned jobs that are due later. */
  private void putOff(Session session, RowBatch returns, Set<Integer> keyed) throws SQLException {
    RowBatch later = KeySlots.rows(keyed.size());
    for (int i : keyed) {
      @Nullable Object[] row = returns.rows().get(i);
      if (!Objects.equals(row[DELAY], 0L)) {
        later.add(row[0], row[1], 1L);
      }
    }
    if (slots != null) {
      var unused = slots.putOff(session, later);
    }
  }

  /**
   * Writes a checkpoint. It needs a transaction: the lock on the job prevents another claim [Q23].
   */
  Optional<String> checkpoint(Session session, JobLease lease, String step, String value)
      throws SQLException {
    if (!lockHeld(session, lease)) {
      return Optional.empty();
    }
    write(session, lease, step, value);
    return Optional.of(
        find(session, lease, step)
            .orElseThrow(
                // As MariaDB, where an insert that passes over a taken key passes over any error.
                () ->
                    StoreException.notDone(
                        "could not write a checkpoint: the table lease_checkpoint refuses the row of step "
                            + step
                            + " of job "
                            + lease.jobId()
                            + " of queue "
                            + lease.queue(),
                        null)));
  }

  /** Locks the row of a held job until the transaction ends; false if the lease is lost. */
  boolean lockHeld(Session session, JobLease lease) throws SQLException {
    return session
        .statement(Sql.JOB_LOCK)
        .bind("queue", lease.queue())
        .bind("id", lease.jobId())
        .bind("token", lease.token())
        .first(row -> row.getLong(1))
        .isPresent();
  }

  /** The value of a step, if it has one. The transaction must have the job locked. */
  Optional<String> value(Session session, JobLease lease, String step) throws SQLException {
    return database.statements().isMissing(session, () -> write(session, lease, step, ""))
        ? Optional.empty()
        : find(session, lease, step);
  }

  private boolean write(Session session, JobLease lease, String step, String value)
      throws SQLException {
    return session
            .statement(Sql.CHECKPOINT_KEEP)
            .bind("queue", lease.queue())
            .bind("id", lease.jobId())
            .bind("step", step)
            .bind("value", value)
            .update()
        > 0;
  }

  private Optional<String> find(Session session, JobLease lease, String step) throws SQLException {
    return session
        .statement(Sql.CHECKPOINT_FIND)
        .bind("queue", lease.queue())
        .bind("id", lease.jobId())
        .bind("step", step)
        .first(row -> row.getString(1));
  }
}
