package dev.lease.jdbc;

import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jdbi.v3.core.Handle;

/** Jobs: one table, in which a finished job keeps its row outside the index of those that wait. */
final class JdbcJobQueue implements JobQueue {

  /** Waiting for busy leases takes a call at most this part of what it grants [Q22]. */
  private static final int BUSY_PART = 12;

  private final Database database;
  private final JobStatements statements;
  private final Watermarks watermarks;
  private final Wakeups wakeups;

  JdbcJobQueue(
      Database database, JobStatements statements, Watermarks watermarks, Wakeups wakeups) {
    this.database = database;
    this.statements = statements;
    this.watermarks = watermarks;
    this.wakeups = wakeups;
  }

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    List<NewJob> batch = Limits.batch("jobs", jobs);
    database.checkOpen();
    if (batch.isEmpty()) {
      return List.of();
    }
    List<Enqueued> enqueued =
        database.transact("enqueue", handle -> statements.enqueue(handle, batch));
    JobStatements.dueNow(batch).forEach(wakeups::signal);
    return enqueued;
  }

  @Override
  public List<ClaimedJob> claim(String queue, String worker, int limit, Duration duration) {
    var claim = new Claim(queue, worker, limit, duration);
    database.checkOpen();
    return limit == 0 ? List.of() : claim.run();
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration duration) {
    List<JobLease> batch = Limits.batch("leases", leases);
    Limits.lease("duration", duration);
    database.checkOpen();
    if (batch.isEmpty()) {
      return List.of();
    }
    long start = System.nanoTime();
    var extensions =
        new ArrayList<Extension>(
            database.transactReserved("extend", handle -> extend(handle, batch, duration)));
    // The others are extended by now: nobody's lease waits for another's lock.
    long end = start + duration.dividedBy(BUSY_PART).toNanos();
    List<Integer> busy =
        IntStream.range(0, batch.size())
            .filter(i -> extensions.get(i) instanceof Extension.Busy)
            .boxed()
            .toList();
    for (int i = 0; i < busy.size(); i++) {
      int position = busy.get(i);
      Duration wait = Duration.ofNanos((end - System.nanoTime()) / (busy.size() - i));
      extensions.set(position, extendBusy(batch.get(position), duration, wait));
    }
    return extensions;
  }

  private List<Extension> extend(Handle handle, List<JobLease> leases, Duration duration) {
    return database.dialect().extend(database, handle, leases, Micros.of(duration));
  }

  /**
   * Waits for a row in the queue of those who want to lock it. Who just looks now and then whether
   * it is free may find it locked each time, where one short transaction follows another.
   */
  private Extension extendBusy(JobLease lease, Duration duration, Duration wait) {
    Duration bounded = database.shortWait().compareTo(wait) < 0 ? database.shortWait() : wait;
    if (bounded.toMillis() < 1) {
      return new Extension.Busy();
    }
    try {
      return database.transactReserved(
          "extend",
          handle -> {
            database.dialect().await(database, handle, lease, bounded);
            return extend(handle, List.of(lease), duration).get(0);
          });
    } catch (StoreException e) {
      // The answer about the others has to reach the worker, which asks for this one again.
      return new Extension.Busy();
    }
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    List<Settlement> batch = Limits.batch("settlements", settlements);
    database.checkOpen();
    return batch.isEmpty()
        ? List.of()
        : database.transactReserved("settle", handle -> statements.settle(handle, batch));
  }

  @Override
  public SettledAndClaimed settleAndClaim(
      List<Settlement> settlements, String queue, String worker, int limit, Duration duration) {
    List<Settlement> batch = Limits.batch("settlements", settlements);
    var claim = new Claim(queue, worker, limit, duration);
    if (batch.isEmpty() || limit == 0) {
      return new SettledAndClaimed(settle(batch), limit == 0 ? List.of() : claim.run());
    }
    return database
        .transactReserved(
            "settle and claim",
            handle -> {
              // A claim of its own for each try: one that was rolled back took nothing.
              Claim tried = new Claim(queue, worker, limit, duration);
              List<Settlement.Result> settled = statements.settle(handle, batch);
              tried.take(tried.meet(handle));
              return new Turn(settled, tried);
            })
        .answer();
  }

  /** Settlements that are stored, and a claim that has looked once. */
  private record Turn(List<Settlement.Result> settled, Claim claim) {

    /** What fails from here on makes the claim shorter: the settlements have to be answered. */
    SettledAndClaimed answer() {
      try {
        return new SettledAndClaimed(settled, claim.run());
      } catch (StoreException | IllegalStateException e) {
        return new SettledAndClaimed(settled, claim.claimed);
      }
    }
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    Limits.notNull("lease", lease);
    Limits.notNull("progress", progress);
    return database.run(
        "keep progress",
        handle ->
            handle
                    .createUpdate(database.text(Sql.JOB_PROGRESS))
                    .bind("queue", lease.queue())
                    .bind("id", lease.jobId())
                    .bind("token", lease.token())
                    .bind("percent", progress.percent())
                    .bind("message", progress.message())
                    .execute()
                > 0);
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.text("checkpoint", value);
    return database.transact(
        "keep a checkpoint", handle -> statements.checkpoint(handle, lease, step, value));
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    Limits.notNull("lease", lease);
    var checkpoints = new LinkedHashMap<String, String>();
    int rows =
        database.read(
            "read checkpoints",
            handle ->
                handle
                    .createQuery(database.text(Sql.CHECKPOINT_LIST))
                    .bind("queue", lease.queue())
                    .bind("id", lease.jobId())
                    .bind("token", lease.token())
                    .map(
                        (row, context) -> {
                          String step = row.getString("step");
                          return step == null
                              ? ""
                              : checkpoints.putIfAbsent(step, row.getString("value"));
                        })
                    .list()
                    .size());
    return rows == 0 ? Optional.empty() : Optional.of(Collections.unmodifiableMap(checkpoints));
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return database.read(
        "find a job",
        handle ->
            handle
                .createQuery(database.text(Sql.JOB_FIND))
                .bind("queue", queue)
                .bind("id", id)
                .map((row, context) -> JobRows.job(row))
                .findOne());
  }

  @Override
  public Subscription onWork(String queue, Runnable hint) {
    Limits.name("queue", queue);
    Limits.notNull("hint", hint);
    database.checkOpen();
    return wakeups.subscribe(queue, hint);
  }

  /**
   * A claim under way: it looks from the watermark, and again without it before it answers short.
   */
  private final class Claim {
    private final String queue;
    private final String worker;
    private final int limit;
    private final Duration duration;
    private final List<ClaimedJob> claimed = new ArrayList<>();
    private final long start = System.nanoTime();
    private Watermarks.Levels from;
    private boolean exhausted;
    private boolean ended;

    Claim(String queue, String worker, int limit, Duration duration) {
      this.queue = Limits.name("queue", queue);
      this.worker = Limits.name("worker", worker);
      this.limit = Limits.claimLimit(limit);
      this.duration = Limits.lease("duration", duration);
      this.from = watermarks.of(queue);
    }

    List<ClaimedJob> run() {
      try {
        while (true) {
          if (exhausted) {
            exhausted = false;
            database.run("end jobs", Sql.JOB_RESET_EXPIRED, this::resetExhausted);
          }
          if (ended) {
            return claimed;
          }
          take(database.run("claim", Sql.JOB_CLAIM, this::meet));
        }
      } catch (StoreException e) {
        // What an earlier look took has to reach the worker.
        if (claimed.isEmpty()) {
          throw e;
        }
        return claimed;
      }
    }

    /** One look, which may be tried again. */
    List<JobRows.Claimed> meet(Handle handle) {
      var claiming =
          new Dialect.Claiming(
              queue,
              worker,
              limit - claimed.size(),
              Micros.of(duration),
              statements.retention().ended());
      return database.dialect().claim(handle, database.text(Sql.JOB_CLAIM), claiming, from);
    }

    void take(List<JobRows.Claimed> met) {
      boolean full = met.size() == limit - claimed.size();
      met.sort(JobRows.CLAIM_ORDER);
      for (JobRows.Claimed row : met) {
        if (row.job() != null) {
          claimed.add(row.job());
        } else {
          // There may be many more that have no attempt left: not one by one.
          exhausted = true;
        }
      }
      if (full) {
        watermarks.claimed(queue, from, met, start);
        from = watermarks.of(queue);
        ended = claimed.size() == limit;
      } else {
        watermarks.drop(queue);
        ended = from.isStart();
        from = watermarks.start();
      }
    }

    private int resetExhausted(Handle handle) {
      var resetting =
          new Dialect.Resetting(queue, statements.retention().ended(), true, Limits.MAX_BATCH);
      return database.dialect().reset(handle, database.text(Sql.JOB_RESET_EXPIRED), resetting);
    }
  }
}
