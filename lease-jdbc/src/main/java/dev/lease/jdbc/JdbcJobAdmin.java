package dev.lease.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.FailedAttempt;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobCount;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.Operator;
import dev.lease.OperatorAction.Kind;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.StepValue;
import dev.lease.StoreCounts;
import dev.lease.StoreException;
import dev.lease.jdbc.RowMappers.JobName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.ObjIntConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The calls for operators. */
final class JdbcJobAdmin implements JobAdmin {

  /** Written out, so that what is added later is not known here [Q83]. */
  private static final Set<ActionQuery.Condition> ACTION_CONDITIONS =
      Set.of(ActionQuery.Condition.QUEUE, ActionQuery.Condition.JOB);

  private static final Logger log = LoggerFactory.getLogger(JdbcJobAdmin.class);

  private static final Comparator<String> UTF8_ORDER =
      Comparator.comparing(name -> name.getBytes(UTF_8), Arrays::compareUnsigned);

  /** How many jobs one statement looks at: no index tells which of them have expired. */
  private static final int RESET_SLICE = 20_000;

  /**
   * A call that changed nothing reads the state for its answer. If another call came between, the
   * state may be one that it could have changed: then it tries once more.
   */
  private static final int TRIES = 2;

  /** Written out, so that what is added later is not known here [Q83]. */
  private static final Set<JobFilter.Condition> CONDITIONS =
      EnumSet.of(
          JobFilter.Condition.QUEUE,
          JobFilter.Condition.STATE,
          JobFilter.Condition.TYPE,
          JobFilter.Condition.KEY,
          JobFilter.Condition.ID_PREFIX,
          JobFilter.Condition.ERROR_TEXT,
          JobFilter.Condition.CREATED,
          JobFilter.Condition.FINISHED);

  private static final Set<JobFilter.Condition> WITHOUT_KEYS = withoutKeys();

  private static Set<JobFilter.Condition> withoutKeys() {
    var conditions = EnumSet.copyOf(CONDITIONS);
    conditions.remove(JobFilter.Condition.KEY);
    return conditions;
  }

  private static final Set<JobOrder> ORDERS =
      EnumSet.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST, JobOrder.LAST_FINISHED_FIRST);

  private final Database database;
  final JobPages pages;
  private final JobOperations operations;
  private final Hints hints;
  final ClockCheck clock;
  private final Recorder recorder;
  private final Set<JobFilter.Condition> conditions;

  JdbcJobAdmin(Database database, JobOperations operations, Hints hints, ClockCheck clock) {
    this(database, operations, hints, clock, Recorder.NONE);
  }

  private JdbcJobAdmin(
      Database database,
      JobOperations operations,
      Hints hints,
      ClockCheck clock,
      Recorder recorder) {
    this.database = database;
    this.pages = new JobPages(database);
    this.operations = operations;
    this.hints = hints;
    this.clock = clock;
    this.recorder = recorder;
    this.conditions = database.dialect().hasKeys() ? CONDITIONS : WITHOUT_KEYS;
  }

  private <T> T read(String what, Session.Work<T> work) {
    return database.on(Lane.OPERATORS).read(what, work);
  }

  private <T> T transact(String what, Session.Work<T> work) {
    return database.on(Lane.OPERATORS).transact(what, work);
  }

  @Override
  public JobAdmin by(Operator operator) {
    return with(Recorder.of(Limits.notNull("operator", operator)));
  }

  private JdbcJobAdmin with(Recorder other) {
    return new JdbcJobAdmin(database, operations, hints, clock, other);
  }

  @Override
  public ActionPage actions(ActionQuery query) {
    Limits.notNull("query", query).requireKnown(ACTION_CONDITIONS);
    String after = query.after();
    long before = after == null ? Long.MAX_VALUE : cursor(after);
    return read("list actions", session -> OperatorActions.list(session, query, before));
  }

  private static long cursor(String after) {
    try {
      return Long.parseLong(after);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "after must come from a page of this store, was " + after, e);
    }
  }

  @Override
  public int purgeActions(String queue, Duration olderThan, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    long age = Micros.ofDelay(Limits.delay("olderThan", olderThan));
    return database
        .on(Lane.OPERATORS)
        .run(
            "purge actions",
            Sql.ACTION_PURGE,
            session -> OperatorActions.purge(session, queue, age, limit));
  }

  @Override
  public JobPage list(JobQuery query) {
    Limits.notNull("query", query).requireKnown(conditions, ORDERS);
    JobPages.Page<Job> page = pages.page(query, reads(database.deadline()));
    return JobPage.of(
        page.jobs().stream().map(JobPages.Listed::job).toList(), page.next(), page.examined());
  }

  private JobPages.Calls reads(Deadline deadline) {
    Database.Calls calls = database.on(Lane.OPERATORS, deadline);
    return new JobPages.Calls() {
      @Override
      public <T> T run(Session.Work<T> work) {
        return calls.read("list jobs", work);
      }
    };
  }

  @Override
  public JobCount count(JobFilter filter, long most) {
    Limits.notNull("filter", filter);
    filter.requireKnown(conditions);
    Limits.most(most);
    return JobCount.of(read("count jobs", session -> pages.count(session.handle(), filter, most)));
  }

  @Override
  public List<FailedAttempt> failedAttempts(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return read(
        "read failed attempts", session -> operations.failedAttempts().list(session, queue, id));
  }

  @Override
  public List<StepValue> steps(String queue, String id) {
    return steps(Sql.STEP_LIST, queue, id);
  }

  @Override
  public List<StepValue> briefSteps(String queue, String id) {
    return steps(Sql.STEP_LIST_BRIEF, queue, id).stream().map(StepValue::brief).toList();
  }

  private List<StepValue> steps(Sql list, String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return read(
        "read steps",
        session ->
            session.statement(list).bind("queue", queue).bind("id", id).list(RowMappers::step));
  }

  @Override
  public StoreCounts counts() {
    var queues = new TreeMap<String, Counting>(UTF8_ORDER);
    read(
        "count jobs",
        session ->
            session
                .query(Sql.JOB_COUNTS)
                .map(
                    (row, context) ->
                        queues
                            .computeIfAbsent(row.getString("queue"), queue -> new Counting())
                            .add(row))
                .list());
    return StoreCounts.of(
        queues.entrySet().stream().map(e -> e.getValue().counts(e.getKey())).toList());
  }

  @Override
  public Reset resetExpired(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    int reset = 0;
    var finished = new ArrayList<FinishedJob>();
    QueuePosition behind = QueuePosition.START;
    Database.Calls calls = database.on(Lane.OPERATORS, database.deadline());
    try {
      while (behind != null && reset < limit) {
        var resetting =
            new ResetSlice.Request(
                queue, operations.retention().failed(), false, limit - reset, RESET_SLICE, behind);
        ResetSlice slice =
            calls.run(
                "reset expired jobs", Sql.JOB_RESET_EXPIRED, session -> reset(session, resetting));
        finished.addAll(slice.finished());
        reset += slice.changed();
        behind = slice.next();
      }
    } catch (StoreException e) {
      // The slices before are committed, and the caller has to learn of them.
      if (reset == 0) {
        throw e;
      }
    }
    if (!finished.isEmpty()) {
      operations.arrive(database.on(Lane.OPERATORS), queue, false);
    }
    if (reset > 0) {
      hints.signalOlder(queue);
    }
    return Reset.of(reset, finished);
  }

  private ResetSlice reset(Session session, ResetSlice.Request resetting) throws SQLException {
    return database.statements().reset(session, resetting);
  }

  @Override
  public Cancellation cancel(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return transact("cancel a job", session -> cancel(session, queue, id));
  }

  private Cancellation cancel(Session session, String queue, String id) throws SQLException {
    boolean wasRequested =
        recorder.records() && locked(session, queue, id).filter(Job::cancelRequested).isPresent();
    Cancellation cancellation = cancelled(session, queue, id);
    if (cancellation == Cancellation.CANCELLED
        || (cancellation == Cancellation.REQUESTED && !wasRequested)) {
      recorder.record(session, Kind.CANCEL, queue, id, "");
    }
    return cancellation;
  }

  private Cancellation cancelled(Session session, String queue, String id) throws SQLException {
    for (int tries = 1; ; tries++) {
      var ends = new ArrayList<JobEnd>();
      Optional<Boolean> requested =
          new SqlScript(session, Sql.JOB_CANCEL)
              .bind("queue", queue)
              .bind("id", id)
              .bind("keep", operations.retention().failed())
              .first(
                  row -> {
                    addEnd(row, queue, id, ends);
                    return row.getBoolean("cancel_requested");
                  });
      if (requested.isPresent()) {
        if (requested.get()) {
          return Cancellation.REQUESTED;
        }
        operations.ended(session, ends);
        return Cancellation.CANCELLED;
      }
      Optional<JobState> state = state(session, queue, id);
      if (state.isEmpty()) {
        return Cancellation.NOT_FOUND;
      }
      if (state.get().isFinished() || tries == TRIES) {
        return Cancellation.FINISHED;
      }
    }
  }

  private void addEnd(ResultSet row, String queue, String id, List<JobEnd> ends)
      throws SQLException {
    JobEnd end = database.dialect().hasKeys() ? JobEnd.of(row, queue, id) : null;
    if (end != null) {
      ends.add(end);
    }
  }

  @Override
  public JobPiece cancel(JobFilter filter, @Nullable String after, int limit) {
    return each(
        filter,
        String.valueOf(filter),
        after,
        limit,
        (admin, jobs) -> Set.of(),
        (admin, job) -> {
          Cancellation cancellation = admin.cancel(job.queue(), job.id());
          return cancellation == Cancellation.CANCELLED || cancellation == Cancellation.REQUESTED;
        });
  }

  /**
   * Does the same to each job of a piece: to some together, and to each of the others alone. A row
   * that the store did not make may have a name that no call takes, or may break a rule of the
   * table once it is changed; a foreign key of the user's may hold a row. None of them stops the
   * rest [Q58].
   *
   * @param what what is done to which jobs, for the record
   * @param together does it to some of a few jobs, and answers to which
   * @param alone does it to one job, and answers whether it has changed it
   */
  private JobPiece each(
      JobFilter filter,
      String what,
      @Nullable String after,
      int limit,
      BiFunction<JdbcJobAdmin, List<JobName>, Set<RowBatch.Name>> together,
      BiPredicate<JdbcJobAdmin, JobName> alone) {
    JdbcJobAdmin admin = with(recorder.inPiece(what));
    Deadline deadline = Deadline.in(database.callTimeout());
    JobQuery query = JobQuery.of(filter).after(after).limit(limit);
    query.requireKnown(conditions, ORDERS);
    JobPages.Page<JobName> page = pages.page(query, RowMappers.NAMES, reads(deadline));
    List<JobPages.Listed<JobName>> rows = page.jobs();
    Set<RowBatch.Name> done = Set.of();
    int changed = 0;
    String last = null;
    int slice = database.statements().requeuedTogether();
    for (int i = 0; i < rows.size(); i++) {
      if (last != null && deadline.isOver()) {
        return JobPiece.of(changed, last);
      }
      if (i % slice == 0) {
        done =
            together.apply(
                admin,
                rows.subList(i, Math.min(i + slice, rows.size())).stream()
                    .map(JobPages.Listed::job)
                    .toList());
        changed += done.size();
      }
      JobPages.Listed<JobName> row = rows.get(i);
      last = row.cursor();
      if (!done.contains(row.job().inRows()) && isChanged(admin, row, alone)) {
        changed++;
      }
    }
    return JobPiece.of(changed, page.next());
  }

  private boolean isChanged(
      JdbcJobAdmin admin, JobPages.Listed<JobName> row, BiPredicate<JdbcJobAdmin, JobName> change) {
    try {
      return change.test(admin, row.job());
    } catch (IllegalArgumentException e) {
      passOver(row, e);
    } catch (StoreException e) {
      if (!breaksRule(e)) {
        throw e;
      }
      passOver(row, e);
    }
    return false;
  }

  private boolean breaksRule(StoreException e) {
    return e.getCause() instanceof SQLException cause && database.dialect().breaksRule(cause);
  }

  private static void passOver(JobPages.Listed<JobName> row, RuntimeException reason) {
    log.warn(
        "Could not change row {} of queue {}, which stays as it is: {}. The call goes on with the other jobs. A purge of"
            + " the queue removes the row once it has been kept long enough, or fails for the same reason: then remove"
            + " the reason or the row with SQL",
        row.cursor(),
        Limits.oneLine(row.job().queue()),
        Limits.oneLine(String.valueOf(reason.getMessage())));
  }

  @Override
  public Requeue requeue(String queue, String id, Requeueing how) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Limits.notNull("how", how);
    Requeue requeue = requeueOnce(queue, id, how);
    if (requeue == Requeue.CONFLICT && freeKey(queue, id)) {
      requeue = requeueOnce(queue, id, how);
    }
    if (requeue == Requeue.REQUEUED) {
      hints.signal(queue);
    }
    return requeue;
  }

  private Requeue requeueOnce(String queue, String id, Requeueing how) {
    try {
      return transact("requeue a job", session -> requeue(session, queue, id, how));
    } catch (StoreException e) {
      // Another job took the dedup key meanwhile.
      if (isDuplicate(e)) {
        return Requeue.CONFLICT;
      }
      throw e;
    }
  }

  /** Frees the dedup key of a job, if another has kept it for a time that is over [Q82]. */
  private boolean freeKey(String queue, String id) {
    return transact(
        "free a dedup key",
        session -> {
          String key = find(session, Sql.JOB_FIND, queue, id).map(Job::dedupKey).orElse(null);
          return key != null && JobOperations.freeKey(session, queue, key);
        });
  }

  private boolean isDuplicate(StoreException e) {
    return e.getCause() instanceof SQLException cause && database.dialect().isDuplicate(cause);
  }

  private Requeue requeue(Session session, String queue, String id, Requeueing how)
      throws SQLException {
    RowBatch job = requeues();
    job.add(queue, id, Micros.of(how.delay(id)));
    for (int tries = 1; ; tries++) {
      Optional<Job> before = locked(session, queue, id);
      if (!requeueEach(session, job, false).isEmpty()) {
        recorder.record(session, Kind.REQUEUE, queue, id, how.toString());
        if (before.isPresent() && before.get().graph() != null) {
          operations.runsAgain(session, before.get());
        } else {
          operations.putOff(session, queue, id, false);
        }
        return Requeue.REQUEUED;
      }
      Optional<JobState> state = state(session, queue, id);
      if (state.isEmpty()) {
        return Requeue.NOT_FOUND;
      }
      if (state.get() != JobState.FAILED && state.get() != JobState.CANCELLED) {
        return Requeue.NOT_FAILED;
      }
      if (tries == TRIES) {
        return Requeue.CONFLICT;
      }
    }
  }

  @Override
  public JobPiece requeue(JobFilter filter, Requeueing how, @Nullable String after, int limit) {
    Limits.notNull("how", how);
    return each(
        filter,
        filter + ", " + how,
        after,
        limit,
        (admin, jobs) -> admin.requeueTogether(jobs, how),
        (admin, job) -> admin.requeue(job.queue(), job.id(), how) == Requeue.REQUEUED);
  }

  /**
   * Requeues in one transaction those of some jobs of which nothing else is to be told. If one of
   * the rows is in the way, it requeues none of them.
   */
  private Set<RowBatch.Name> requeueTogether(List<JobName> jobs, Requeueing how) {
    Set<RowBatch.Name> requeued;
    try {
      RowBatch rows = requeues();
      for (JobName job : jobs) {
        String id = Limits.name("job id", job.id());
        rows.add(Limits.name("queue", job.queue()), id, Micros.of(how.delay(id)));
      }
      requeued =
          database
              .on(Lane.OPERATORS)
              .once()
              .transact("requeue jobs", session -> requeueTogether(session, rows, how));
    } catch (IllegalArgumentException e) {
      return Set.of();
    } catch (StoreException e) {
      if (e.isOutcomeUnknown()) {
        throw e;
      }
      log.debug(
          "{} jobs could not be requeued together; they are requeued one by one", jobs.size(), e);
      return Set.of();
    }
    requeued.stream().map(JdbcJobAdmin::queue).distinct().forEach(hints::signal);
    return requeued;
  }

  private Set<RowBatch.Name> requeueTogether(Session session, RowBatch rows, Requeueing how)
      throws SQLException {
    Set<RowBatch.Name> requeued = requeueEach(session, rows, true);
    Map<String, Long> queues =
        requeued.stream()
            .collect(Collectors.groupingBy(JdbcJobAdmin::queue, Collectors.counting()));
    queues.forEach(
        (queue, jobs) ->
            recorder.record(
                session, Kind.REQUEUE, queue, null, Math.toIntExact(jobs), how.toString()));
    return requeued;
  }

  private static String queue(RowBatch.Name job) {
    return String.valueOf(job.first());
  }

  private Set<RowBatch.Name> requeueEach(Session session, RowBatch rows, boolean simple)
      throws SQLException {
    String text = session.texts(Sql.JOB_REQUEUE).get(0);
    return database.statements().requeueEach(session, text, rows, simple);
  }

  private static RowBatch requeues() {
    return new RowBatch(1, RowBatch.text("queue"), RowBatch.text("id"), RowBatch.number("delay"));
  }

  @Override
  public Change change(String queue, String id, JobChange change) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Limits.notNull("change", change);
    Change changed = transact("change a job", session -> change(session, queue, id, change));
    if (changed == Change.CHANGED) {
      hints.signalOlder(queue);
    }
    return changed;
  }

  private Change change(Session session, String queue, String id, JobChange change)
      throws SQLException {
    if (!recorder.records()) {
      return changed(session, queue, id, change);
    }
    Optional<Job> before = locked(session, queue, id);
    if (before.isEmpty()) {
      return Change.NOT_FOUND;
    }
    Change answer = changed(session, queue, id, change);
    if (answer == Change.CHANGED) {
      Job after = find(session, Sql.JOB_FIND, queue, id).orElseThrow();
      String what = JobChange.difference(before.get(), after);
      if (!what.isEmpty()) {
        recorder.record(session, Kind.CHANGE, queue, id, what);
      }
    }
    return answer;
  }

  private Change changed(Session session, String queue, String id, JobChange change)
      throws SQLException {
    for (int tries = 1; ; tries++) {
      if (update(session, queue, id, change) > 0) {
        if (change.due() != null) {
          operations.putOff(session, queue, id, true);
        }
        return Change.CHANGED;
      }
      Optional<JobState> state = state(session, queue, id);
      if (state.isEmpty()) {
        return Change.NOT_FOUND;
      }
      if (state.get().isFinished()) {
        return Change.FINISHED;
      }
      if (state.get() == JobState.PROCESSING || tries == TRIES) {
        return Change.HELD;
      }
    }
  }

  private static int update(Session session, String queue, String id, JobChange change) {
    return session
        .update(Sql.JOB_CHANGE)
        .bind("queue", queue)
        .bind("id", id)
        .bindByType("dueAt", JobOperations.instant(change.due()), Long.class)
        .bindByType("delay", JobOperations.delay(change.due()), Long.class)
        .bindByType("priority", change.priority(), Integer.class)
        .bindByType("crashesLeft", JobOperations.longValue(change.crashesLeft()), Long.class)
        .bindByType("failuresLeft", JobOperations.longValue(change.failuresLeft()), Long.class)
        .bindByType("notAfter", JobOperations.instant(change.notAfter()), Long.class)
        .bindByType("notAfterDelay", JobOperations.delay(change.notAfter()), Long.class)
        .bindByType("payload", change.payload(), String.class)
        .execute();
  }

  @Override
  public boolean delete(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return transact(
        "delete a job",
        session -> {
          var ends = new ArrayList<JobEnd>();
          Optional<Deleted> job =
              new SqlScript(session, Sql.JOB_DELETE)
                      .bind("queue", queue)
                      .bind("id", id)
                      .listAndChange(
                          row -> {
                            addEnd(row, queue, id, ends);
                            return new Deleted(row.getLong("token"), row.getBoolean("present"));
                          })
                      .stream()
                      .findFirst();
          Optional<Deleted> deleted =
              job.isPresent()
                  ? job
                  : RememberedIds.forget(session, queue, id)
                      .map(token -> new Deleted(token, false));
          if (deleted.isPresent()) {
            raiseFloor(session, deleted.get().token());
            update(session, Sql.CHECKPOINT_DELETE, queue, id);
            operations.failedAttempts().remove(session, queue, List.of(id));
            // Also for a remembered id, which is free now, as its key is [Q82].
            recorder.record(session, Kind.DELETE, queue, id, "");
          }
          boolean wasThere = deleted.isPresent() && deleted.get().present();
          if (wasThere) {
            // One of which only the id was left has told its part when it ended.
            operations.deleted(session, ends);
          }
          return wasThere;
        });
  }

  @Override
  public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
    return each(
        filter,
        String.valueOf(filter),
        after,
        limit,
        (admin, jobs) -> Set.of(),
        (admin, job) -> admin.delete(job.queue(), job.id()));
  }

  /** A deleted row or id; {@code present} if it was a job and not just a remembered id. */
  private record Deleted(long token, boolean present) {}

  /** Makes a later job with the same id get larger tokens [policy 2], whatever the clock says. */
  private static void raiseFloor(Session session, long token) throws SQLException {
    session.statement(Sql.TOKEN_FLOOR_RAISE).bind("token", token).update();
  }

  private static int update(Session session, Sql sql, String queue, String id) {
    return session.update(sql).bind("queue", queue).bind("id", id).execute();
  }

  private static Optional<JobState> state(Session session, String queue, String id) {
    return find(session, Sql.JOB_FIND, queue, id).map(Job::state);
  }

  /** Reads a job that nobody else changes until the transaction ends. */
  private static Optional<Job> locked(Session session, String queue, String id) {
    return find(session, Sql.JOB_FIND_LOCKED, queue, id);
  }

  private static Optional<Job> find(Session session, Sql sql, String queue, String id) {
    return session
        .query(sql)
        .bind("queue", queue)
        .bind("id", id)
        .map((row, context) -> RowMappers.job(row))
        .findOne();
  }

  @Override
  public void pause(String queue) {
    try {
      switchQueue("pause a queue", Sql.QUEUE_PAUSE, queue, Kind.PAUSE);
    } catch (StoreException e) {
      // The queue is paused already.
      if (!isDuplicate(e)) {
        throw e;
      }
    }
  }

  @Override
  public void resume(String queue) {
    switchQueue("resume a queue", Sql.QUEUE_RESUME, queue, Kind.RESUME);
    hints.signalOlder(queue);
  }

  private void switchQueue(String what, Sql sql, String queue, Kind kind) {
    Limits.name("queue", queue);
    transact(
        what,
        session -> {
          int switched = session.update(sql).bind("queue", queue).execute();
          if (switched > 0) {
            recorder.record(session, kind, queue, null, "");
          }
          return switched;
        });
  }

  @Override
  public int purge(String queue, Duration olderThan, int limit) {
    Limits.delay("olderThan", olderThan);
    long age = Micros.ofDelay(olderThan);
    return purge(
        queue,
        limit,
        Sql.JOB_PURGE_OLDER,
        script -> script.bind("age", age),
        (session, purged) ->
            recorder.record(session, Kind.PURGE, queue, null, purged, "older than " + olderThan));
  }

  @Override
  public int purge(String queue, int limit) {
    return purge(queue, limit, Sql.JOB_PURGE_KEPT, script -> script, (session, purged) -> {});
  }

  private int purge(
      String queue,
      int limit,
      Sql sql,
      UnaryOperator<SqlScript> bound,
      ObjIntConsumer<Session> recorded) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    clock.nowAndThen();
    // Also where nobody claims any more.
    operations.resolve(database.on(Lane.OPERATORS), queue);
    return transact(
        "purge",
        session -> {
          boolean kept = sql == Sql.JOB_PURGE_KEPT;
          if (kept) {
            operations.keepNeeded(session, queue, limit);
          }
          var ids = new ArrayList<String>();
          var gone = new ArrayList<RememberedIds.Gone>();
          SqlScript script =
              bound.apply(new SqlScript(session, sql)).bind("queue", queue).bind("limit", limit);
          var tokens =
              new ArrayList<Long>(
                  database
                      .statements()
                      .purge(
                          session,
                          script,
                          row -> {
                            String id = row.getString("id");
                            long token = row.getLong("token");
                            Long until = RowMappers.number(row, "remembered_until");
                            ids.add(id);
                            if (until != null) {
                              gone.add(new RememberedIds.Gone(queue, id, token, until));
                            }
                            return token;
                          }));
          if (!ids.isEmpty()) {
            RememberedIds.add(session, gone);
            var jobs = new RowBatch(ids.size(), RowBatch.text("queue"), RowBatch.text("id"));
            ids.forEach(id -> jobs.add(queue, id));
            session.statement(Sql.CHECKPOINT_DELETE).updateEach(jobs);
            operations.failedAttempts().remove(session, queue, ids);
            recorded.accept(session, ids.size());
          }
          if (kept && ids.size() < limit) {
            tokens.addAll(RememberedIds.purge(session, queue, limit - ids.size()));
          }
          if (!tokens.isEmpty()) {
            raiseFloor(session, Collections.max(tokens));
          }
          int purged = tokens.size();
          return kept && purged < limit
              ? purged + operations.sweepGraphs(session, queue, limit - purged)
              : purged;
        });
  }

  /** Adds up the rows of one queue. */
  private static final class Counting {
    private final Map<JobState, Long> jobs = new EnumMap<>(JobState.class);
    private long expired;
    private long heldBack;
    private long waiting;
    private @Nullable Long oldestDue;
    private boolean paused;
    private long asOf;

    Counting add(ResultSet row) throws SQLException {
      Long state = RowMappers.number(row, "state");
      if (state == null) {
        paused = true;
      } else {
        jobs.merge(StateCodes.state(state), row.getLong("jobs"), Long::sum);
      }
      expired += row.getLong("expired");
      heldBack += row.getLong("held_back");
      waiting += row.getLong("waiting");
      Long due = RowMappers.number(row, "oldest_due");
      if (due != null && (oldestDue == null || due < oldestDue)) {
        oldestDue = due;
      }
      asOf = row.getLong("as_of");
      return this;
    }

    QueueCounts counts(String queue) {
      return QueueCounts.builder(queue, Micros.instant(asOf))
          .jobs(jobs)
          .expired(expired)
          .heldBack(heldBack)
          .waitingForParts(waiting)
          .oldestDue(oldestDue == null ? null : Micros.instant(oldestDue))
          .paused(paused)
          .build();
    }
  }
}
