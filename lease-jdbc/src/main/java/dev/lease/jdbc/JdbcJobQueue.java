package dev.lease.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queues. All jobs are in one table; a finished job that is kept has its row there, outside the
 * index of those that wait.
 */
final class JdbcJobQueue implements JobQueue {

  /** One of so many tries of an enqueue waits as long as its session does. */
  private static final int TRIES = 5;

  private static final Logger log = LoggerFactory.getLogger(JdbcJobQueue.class);

  /** A call waits for busy leases for at most this part of the lease duration [Q22]. */
  private static final int BUSY_PART = 12;

  private final Database database;
  private final JobOperations operations;
  private final Watermarks watermarks;
  private final Hints hints;
  private final ClockCheck clock;
  private final SlowLooks slowLooks;
  private final CallBatcher<NewJob, Enqueued> singles;
  private final Turns<RowBatch.Name> turns;

  JdbcJobQueue(
      Database database,
      JobOperations operations,
      Watermarks watermarks,
      Hints hints,
      ClockCheck clock,
      SlowLooks slowLooks) {
    this.database = database;
    this.operations = operations;
    this.watermarks = watermarks;
    this.hints = hints;
    this.clock = clock;
    this.slowLooks = slowLooks;
    this.turns = new Turns<>(database);
    this.singles =
        new CallBatcher<>(
            "enqueue",
            this::enqueueSingles,
            this::enqueueByItself,
            database,
            job -> job.payload().length(),
            NewJob::queue,
            database.places(Lane.ENQUEUEING),
            CallBatcher.PATIENCE);
  }

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    List<NewJob> batch = operations.accepted(jobs);
    database.checkOpen();
    if (batch.isEmpty()) {
      return List.of();
    }
    return batch.size() == 1
        ? List.of(singles.call(batch.get(0)))
        : enqueue(database.on(Lane.OTHERS), batch, () -> LockWait.LONG);
  }

  private List<Enqueued> enqueue(
      Database.Calls calls, List<NewJob> jobs, Supplier<LockWait> waiting) {
    List<Enqueued> enqueued =
        calls.transact("enqueue", session -> operations.enqueue(session, jobs, waiting.get()));
    hints.signal(jobs);
    return enqueued;
  }

  /**
   * Enqueues a job in trips of its own. Jobs of one dedup key, or of one id, do so in turn, so that
   * many that wait for a locked key do not stand in line before those of other keys. Where a brief
   * wait is a limit for the whole statement, a slow insert needs a try without it.
   */
  private Enqueued enqueueByItself(NewJob job, boolean isLocked, Deadline deadline) {
    String key = job.dedupKey();
    Database.Calls calls = database.on(Lane.ENQUEUEING, deadline);
    var tries = new AtomicInteger();
    Supplier<LockWait> waiting =
        () -> tries.incrementAndGet() % TRIES == 0 ? LockWait.LONG : LockWait.SHORT;
    return turns.call(
        "enqueue",
        new RowBatch.Name(job.queue(), key == null ? job.id() : key),
        deadline,
        () -> enqueue(isLocked ? calls.again() : calls, List.of(job), waiting).get(0));
  }

  /**
   * Enqueues the single jobs of several callers in one trip. One job alone needs no transaction.
   */
  private List<Enqueued> enqueueSingles(List<NewJob> jobs) {
    List<Enqueued> enqueued;
    NewJob first = jobs.get(0);
    Database.Calls trip = database.on(Lane.ENQUEUEING).once();
    if (jobs.size() == 1
        && operations.insertsAlone(first)
        && trip.run("enqueue", session -> operations.insertAlone(session, first, LockWait.SHORT))) {
      enqueued = List.of(Enqueued.of(first.id(), true));
    } else {
      enqueued =
          trip.transact("enqueue", session -> operations.enqueue(session, jobs, LockWait.SHORT));
    }
    hints.signal(jobs);
    return enqueued;
  }

  @Override
  public Claim claim(ClaimRequest request) {
    Limits.notNull("request", request);
    database.checkOpen();
    clock.nowAndThen();
    return request.limit() == 0
        ? Claim.empty()
        : new OpenClaim(request, Lane.CLAIMING, database.deadline()).arrive().run();
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration leaseDuration) {
    List<JobLease> batch = Limits.batch("leases", leases);
    Limits.lease("leaseDuration", leaseDuration);
    database.checkOpen();
    if (batch.isEmpty()) {
      return List.of();
    }
    long start = System.nanoTime();
    Database.Calls calls = database.on(Lane.EXTENDING, database.deadline(leaseDuration));
    var extensions =
        new ArrayList<Extension>(
            calls.transact("extend", session -> extend(session, batch, leaseDuration)));
    // The free leases are extended by now, so none of them waits for another lease's lock.
    long end = start + leaseDuration.dividedBy(BUSY_PART).toNanos();
    List<Integer> busy =
        IntStream.range(0, batch.size())
            .filter(i -> extensions.get(i) instanceof Extension.Busy)
            .boxed()
            .toList();
    for (int i = 0; i < busy.size(); i++) {
      int position = busy.get(i);
      Duration wait = Duration.ofNanos((end - System.nanoTime()) / (busy.size() - i));
      extensions.set(position, extendBusy(calls, batch.get(position), leaseDuration, wait));
    }
    return extensions;
  }

  private List<Extension> extend(Session session, List<JobLease> leases, Duration duration)
      throws SQLException {
    return database.statements().extend(session, leases, Micros.of(duration));
  }

  /**
   * Waits for a row in the queue of those that want to lock it. Looking now and then whether it is
   * free might find it locked each time, if one short transaction follows another.
   */
  private Extension extendBusy(
      Database.Calls calls, JobLease lease, Duration duration, Duration wait) {
    Duration bounded = database.shortWait().compareTo(wait) < 0 ? database.shortWait() : wait;
    if (bounded.toMillis() < 1) {
      return Extension.busy();
    }
    try {
      return calls
          .once()
          .transact(
              "extend",
              session -> {
                database.statements().await(session, lease, bounded);
                return extend(session, List.of(lease), duration).get(0);
              });
    } catch (StoreException e) {
      // The worker needs the answer about the other leases, and asks for this one again.
      return Extension.busy();
    }
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    List<Settlement> batch = Settlement.batch(settlements, JobOperations.SETTLEMENTS);
    database.checkOpen();
    return batch.isEmpty() ? List.of() : settle(batch, database.deadline());
  }

  private List<Settlement.Result> settle(List<Settlement> settlements, Deadline deadline) {
    List<Settlement.Result> settled =
        settling("settle", deadline, settlements, () -> (session, results) -> results);
    signal(settlements, settled);
    return settled;
  }

  private List<Settlement.Result> settle(
      Session session, List<Settlement> settlements, LockWait waiting) throws SQLException {
    List<Settlement.Result> results = operations.settle(session, settlements, waiting, true);
    operations.failedAttempts().trim(session, JobOperations.failures(settlements, results));
    return results;
  }

  /** What a transaction does after it has settled. */
  private interface Rest<T> {
    T run(Session session, List<Settlement.Result> settled) throws SQLException;
  }

  /**
   * Runs a transaction that settles. If the settlements meet a locked row, it runs again and skips
   * locked rows, to tell which they are. Other settlements pay nothing for that.
   *
   * @param rests gives what each try does after it has settled
   */
  private <T> T settling(
      String what, Deadline deadline, List<Settlement> settlements, Supplier<Rest<T>> rests) {
    Database.Calls calls = database.on(Lane.SETTLING, deadline).once();
    var settled = new AtomicBoolean();
    try {
      return calls.transact(
          what,
          session -> {
            settled.set(false);
            Rest<T> rest = rests.get();
            List<Settlement.Result> results = settle(session, settlements, LockWait.SHORT);
            settled.set(true);
            return rest.run(session, results);
          });
    } catch (StoreException e) {
      // The rest waits for no row. On MariaDB the same error says there that it was too slow.
      if (settled.get() || !database.isLockTimeout(e)) {
        throw e;
      }
      return calls.transact(
          what,
          session -> {
            Rest<T> rest = rests.get();
            return rest.run(session, settle(session, settlements, LockWait.NONE));
          });
    }
  }

  /** Signals the jobs that are due again at once. Call it after the commit. */
  private void signal(List<Settlement> settlements, List<Settlement.Result> results) {
    release(settlements);
    for (int i = 0; i < settlements.size(); i++) {
      Settlement settlement = settlements.get(i);
      String queue = settlement.lease().queue();
      if (results.get(i) != Settlement.Result.ACCEPTED) {
        continue;
      }
      if (settlement instanceof Settlement.Released released && released.delay().isZero()) {
        hints.signalOlder(queue);
      } else if (settlement instanceof Settlement.Retry retry && retry.delay().isZero()) {
        hints.signal(queue);
      }
    }
  }

  /** Lets the next claims see jobs that were released to their old places in the queue. */
  private void release(List<Settlement> settlements) {
    for (Settlement settlement : settlements) {
      if (settlement instanceof Settlement.Released) {
        watermarks.drop(settlement.lease().queue());
      }
    }
  }

  @Override
  public SettledAndClaimed settleAndClaim(List<Settlement> settlements, ClaimRequest request) {
    List<Settlement> batch = Settlement.batch(settlements, JobOperations.SETTLEMENTS);
    Limits.notNull("request", request);
    if (batch.isEmpty() || request.limit() == 0) {
      return SettledAndClaimed.of(settle(batch), claim(request));
    }
    clock.nowAndThen();
    release(batch);
    Deadline deadline = database.deadline();
    if (watermarks.of(request.queue()).isSliced()) {
      // A look that is cut must not undo the settlements.
      List<Settlement.Result> settled = settle(batch, deadline);
      return new OpenClaim(request, Lane.CLAIMING, deadline).arrive().after(settled, null);
    }
    new OpenClaim(request, Lane.CLAIMING, deadline).arrive();
    var trying = new AtomicReference<@Nullable OpenClaim>();
    Turn turn;
    try {
      turn =
          settling(
              "settle and claim",
              deadline,
              batch,
              () -> {
                // A new claim for each try: one that was rolled back has taken nothing.
                var tried = new OpenClaim(request, Lane.SETTLING, deadline);
                trying.set(tried);
                return (session, settled) -> new Turn(settled, tried, tried.look(session));
              });
    } catch (StoreException e) {
      OpenClaim tried = trying.get();
      if (tried == null) {
        throw e;
      }
      tried.skipOlder(e);
      return tried.after(settle(batch, deadline), null);
    }
    // Again: a look of another thread could not see what was not yet committed.
    signal(batch, turn.settled());
    return turn.answer();
  }

  /** Settlements, and a claim that has looked once. What it met counts once both are committed. */
  private record Turn(List<Settlement.Result> settled, OpenClaim claim, ClaimLook look) {

    SettledAndClaimed answer() {
      return claim.after(settled, look);
    }
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    Limits.notNull("lease", lease);
    Limits.notNull("progress", progress);
    // Soon: a step that tells of it may have the row in a transaction of its own.
    return database
        .brief(Lane.OTHERS)
        .run(
            "write progress",
            session ->
                session
                        .statement(Sql.JOB_PROGRESS)
                        .bind("queue", lease.queue())
                        .bind("id", lease.jobId())
                        .bind("token", lease.token())
                        .bind("percent", progress.percent())
                        .bind("message", progress.message())
                        .update()
                    > 0);
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.text("checkpoint", value);
    return database.transact(
        "write a checkpoint", session -> operations.checkpoint(session, lease, step, value));
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    Limits.notNull("lease", lease);
    var checkpoints = new LinkedHashMap<String, String>();
    int rows =
        database.read(
            "read checkpoints",
            session ->
                session
                    .statement(Sql.CHECKPOINT_LIST)
                    .bind("queue", lease.queue())
                    .bind("id", lease.jobId())
                    .bind("token", lease.token())
                    .list(
                        row -> {
                          String step = row.getString("step");
                          return step == null
                              ? ""
                              : checkpoints.putIfAbsent(step, row.getString("value"));
                        })
                    .size());
    return rows == 0 ? Optional.empty() : Optional.of(Collections.unmodifiableMap(checkpoints));
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return database.read(
        "find a job",
        session ->
            session
                .statement(Sql.JOB_FIND)
                .bind("queue", queue)
                .bind("id", id)
                .first(RowMappers::job));
  }

  @Override
  public Subscription onWork(String queue, Runnable hint) {
    Limits.name("queue", queue);
    Limits.notNull("hint", hint);
    database.checkOpen();
    return hints.subscribe(queue, hint);
  }

  @Override
  public void hint(String queue) {
    Limits.name("queue", queue);
    database.checkOpen();
    hints.signalCommitted(queue);
  }

  /**
   * A claim under way. It looks once, and again if that look finished jobs instead of claiming
   * them, or if a full look has more slices and there is time. It returns fewer jobs than asked for
   * if a look met fewer than it could have, or if it reaches a bound.
   */
  private final class OpenClaim {
    private final ClaimRequest request;
    private final Deadline deadline;
    private final Database.Calls calls;
    // By id: a late look may claim again, or finish, what an earlier look claimed [Q11].
    private final Map<String, ClaimedRow> taken = new LinkedHashMap<>();
    private final List<FinishedJob> finished = new ArrayList<>();
    private Watermarks.Levels from;
    private long lookBegan;
    private long lookTook;
    private long looked;
    private int looks;
    private boolean skipsOlder;
    private @Nullable QueuePosition spent;
    private boolean over;
    private boolean more;

    OpenClaim(ClaimRequest request, Lane lane, Deadline deadline) {
      this.request = request;
      this.deadline = deadline;
      this.calls = database.on(lane, deadline);
      this.from = watermarks.of(request.queue());
    }

    /**
     * Gives slots of keys to what has come or become due since, if a full look begins or somebody
     * has said so.
     */
    OpenClaim arrive() {
      boolean full = from.isFresh();
      if (watermarks.hasArrivals(request.queue()) || full) {
        operations.arrive(calls, request.queue(), full);
      }
      return this;
    }

    Claim run() {
      try {
        while (!over) {
          if (deadline.isOver()) {
            return cutShort();
          }
          QueuePosition behind = spent;
          if (behind != null) {
            spent = null;
            calls
                .run("finish jobs", Sql.JOB_RESET_EXPIRED, session -> finishMore(session, behind))
                .finished()
                .forEach(this::finish);
            // Which of them had keys, the notes tell.
            operations.arrive(calls, request.queue(), false);
            if (finished.size() == Limits.MAX_BATCH) {
              return cutShort();
            }
          }
          take(lookOrSkip());
        }
      } catch (StoreException e) {
        // The worker needs what an earlier look claimed.
        if (taken.isEmpty() && finished.isEmpty()) {
          throw e;
        }
        return cutShort();
      }
      return answer(more);
    }

    /**
     * Runs it, and gives its answer with those to settlements. If it fails it ends early: the
     * caller needs these.
     *
     * @param look its first look; null if it has not looked yet
     */
    SettledAndClaimed after(List<Settlement.Result> settled, @Nullable ClaimLook look) {
      try {
        if (look != null) {
          take(look);
        }
        return SettledAndClaimed.of(settled, run());
      } catch (StoreException | IllegalStateException e) {
        return SettledAndClaimed.of(settled, cutShort());
      }
    }

    /** Looks, and if a time limit cuts a full look, looks again without what is old. */
    private ClaimLook lookOrSkip() {
      lookBegan = 0;
      try {
        return calls.run("claim", Sql.JOB_CLAIM, this::look);
      } catch (StoreException e) {
        skipOlder(e);
        return calls.run("claim", Sql.JOB_CLAIM, this::look);
      }
    }

    /**
     * Notes that a time limit has cut a full look, and lets the next one leave out what is old.
     *
     * @throws StoreException what the look failed with, if that is not so
     */
    void skipOlder(StoreException e) {
      long took = System.nanoTime() - lookBegan;
      boolean cut = lookBegan != 0 && took > database.callTimeout().toNanos() / 2;
      if (!cut || !watermarks.canSkip(from) || deadline.isOver()) {
        throw e;
      }
      slowLooks.noted(request.queue(), took);
      try {
        watermarks.cut(request.queue(), from, storeTime(), lookBegan, took);
      } catch (StoreException again) {
        e.addSuppressed(again);
        throw e;
      }
      if (e.isOutcomeUnknown()) {
        throw e;
      }
      from = watermarks.of(request.queue()).newer();
      skipsOlder = true;
    }

    private long storeTime() {
      return calls.read(
          "read the server's time",
          session ->
              session.statement(Sql.SERVER_TIME).first(row -> row.getLong("as_of")).orElseThrow());
    }

    /** Looks once; may be tried again. */
    ClaimLook look(Session session) throws SQLException {
      lookBegan = System.nanoTime();
      var claiming =
          new ClaimLook.Request(
              request.queue(),
              request.owner(),
              limit(),
              bytesLeft(),
              taken.isEmpty(),
              Micros.of(request.leaseDuration()),
              operations.retention().failed());
      ClaimLook look = database.statements().claim(session, claiming, from);
      // Without the commit, which may wait for a disk or a standby.
      lookTook = System.nanoTime() - lookBegan;
      return look;
    }

    void take(ClaimLook look) {
      List<ClaimedRow> met = look.met();
      boolean full = look.cut() || met.size() == limit();
      met.sort(ClaimedRow.ORDER);
      finishBroken(met.stream().filter(row -> row.brokenToken() != 0).toList());
      for (ClaimedRow row : met) {
        if (row.job() != null) {
          taken.put(row.job().lease().jobId(), row);
        } else if (row.finished() != null) {
          finish(row.finished());
          spent = row.place();
        }
      }
      looks++;
      looked += lookTook;
      if (!full || !met.isEmpty()) {
        watermarks.seen(request.queue(), from, look, full, lookBegan, lookTook, looks == 1);
      }
      from = watermarks.of(request.queue());
      noteSlow();
      boolean further =
          from.isUnfinished() && !skipsOlder && watermarks.hasTimeForMore(from, looked);
      boolean bounded = look.cut() || (full && finished.size() == Limits.MAX_BATCH);
      more = bounded && taken.size() < request.limit();
      over = (!full && !further) || bounded || taken.size() == request.limit();
      if (!look.ended().isEmpty()) {
        // What it finished has left slots, or was waited for: the next look meets what goes then.
        operations.arrive(calls, request.queue(), false);
        over = bounded || taken.size() == request.limit();
      }
    }

    private void noteSlow() {
      long took = watermarks.tooLong(from);
      if (took > 0) {
        slowLooks.noted(request.queue(), took);
      }
    }

    /** Finishes jobs that nobody can work on. If that fails, their leases expire. */
    private void finishBroken(List<ClaimedRow> broken) {
      if (broken.isEmpty()) {
        return;
      }
      for (ClaimedRow row : broken) {
        log.warn(
            "A job of queue {} is FAILED: {}",
            Limits.oneLine(request.queue()),
            Limits.oneLine(String.valueOf(Objects.requireNonNull(row.finished()).error())));
      }
      try {
        calls
            .once()
            .transact(
                "finish broken jobs",
                session -> {
                  operations.finishBroken(session, broken);
                  return broken;
                });
      } catch (StoreException e) {
        log.debug("Cannot finish them, a later claim tries again: {}", Database.reason(e));
      }
    }

    /** How many jobs the next look may meet. */
    private int limit() {
      return Math.min(request.limit() - taken.size(), Limits.MAX_BATCH - finished.size());
    }

    private long bytesLeft() {
      return request.maxBytes()
          - taken.values().stream()
              .mapToLong(row -> row.job() == null ? 0 : row.job().payload().getBytes(UTF_8).length)
              .sum();
    }

    private void finish(FinishedJob job) {
      finished.add(job);
      taken.remove(job.id());
    }

    /** Finishes further spent jobs, a thousand at a time, not one by one. */
    private ResetSlice finishMore(Session session, QueuePosition behind) throws SQLException {
      var resetting =
          new ResetSlice.Request(
              request.queue(),
              operations.retention().failed(),
              true,
              Limits.MAX_BATCH - finished.size(),
              Limits.MAX_BATCH,
              behind);
      return database.statements().reset(session, resetting);
    }

    /** The answer of a claim that left something behind. */
    Claim cutShort() {
      return answer(true);
    }

    private Claim answer(boolean left) {
      Claim claim = Claim.of(jobs(), finished, left);
      return taken.size() < request.limit() && from.isUnfinished() ? claim.asPartial() : claim;
    }

    /** All jobs that it claimed, in order [Q13]. */
    private List<ClaimedJob> jobs() {
      return taken.values().stream()
          .sorted(ClaimedRow.ORDER)
          .map(ClaimedRow::job)
          .filter(Objects::nonNull)
          .toList();
    }
  }
}
