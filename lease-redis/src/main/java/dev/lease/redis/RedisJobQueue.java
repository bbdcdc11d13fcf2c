package dev.lease.redis;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Queues of jobs. A call runs one script for each queue; several scripts are sent together. */
final class RedisJobQueue implements JobQueue {

  private static final Set<Class<? extends Settlement>> KNOWN =
      Set.of(
          Settlement.Done.class,
          Settlement.Retry.class,
          Settlement.Failed.class,
          Settlement.Cancelled.class,
          Settlement.Released.class);

  private final ScriptRunner runner;
  private final QueueNames queues;
  private final Hints hints;
  private final EnqueueBatcher batcher;

  RedisJobQueue(ScriptRunner runner, QueueNames queues, Hints hints) {
    this.runner = runner;
    this.queues = queues;
    this.hints = hints;
    this.batcher = new EnqueueBatcher(runner);
  }

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    List<NewJob> batch = Limits.batch("jobs", jobs);
    runner.checkOpen();
    return runner.inOneCall(() -> store(batch));
  }

  private List<Enqueued> store(List<NewJob> batch) {
    Set<String> names = new HashSet<>();
    for (NewJob job : batch) {
      names.add(job.queue());
    }
    queues.write(names);
    if (batch.size() == 1) {
      List<String> args = new ArrayList<>();
      args(batch.get(0), args);
      Reply reply = batcher.enqueue(batch.get(0).queue(), args, runner.deadline());
      return List.of(enqueued(batch.get(0), reply));
    }
    var batches =
        new ScriptBatches<>(
            Script.ENQUEUE, runner, List.of(), batch, NewJob::queue, RedisJobQueue::args);
    return batches.answers(runner.run("enqueue", batches.calls()), RedisJobQueue::enqueued);
  }

  private static Enqueued enqueued(NewJob job, Reply reply) {
    String there = reply.text();
    return there.isEmpty() ? Enqueued.of(job.id(), true) : Enqueued.of(there, false);
  }

  static void args(NewJob job, List<String> args) {
    String key = job.dedupKey();
    args.add(job.id());
    args.add(job.type());
    args.add(Integer.toString(job.priority()));
    args.add(JobCodec.due(job.due()));
    args.add(Integer.toString(job.maxCrashes()));
    args.add(Integer.toString(Objects.requireNonNullElse(job.maxFailures(), 0)));
    args.add(JobCodec.notAfter(job.notAfter()));
    args.add(key == null ? "" : key);
    args.add(Long.toString(JobCodec.delay(job.dedupFor())));
    args.add(Long.toString(JobCodec.delay(job.keep())));
    args.add(Objects.requireNonNullElse(job.key(), ""));
    args.add(JobCodec.body(job));
  }

  @Override
  public Claim claim(ClaimRequest request) {
    var claiming = new Claiming(runner, request);
    return runner.inOneCall(
        () -> {
          claiming.read(runner.run("claim", claiming.nextCall()));
          return claiming.rest();
        });
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration duration) {
    List<JobLease> batch = Limits.batch("leases", leases);
    Limits.lease("duration", duration);
    var batches =
        new ScriptBatches<>(
            Script.EXTEND,
            runner,
            List.of(Long.toString(Micros.of(duration))),
            batch,
            JobLease::queue,
            (lease, args) -> {
              args.add(lease.jobId());
              args.add(Long.toString(lease.token()));
            });
    return batches.answers(
        runner.keeping(duration, () -> runner.runEach("extend", batches.calls())),
        (lease, reply) -> {
          if (!reply.hasMore()) {
            return Extension.busy();
          }
          long expiry = reply.number();
          boolean cancelRequested = reply.number() == 1;
          return expiry == 0
              ? Extension.lost()
              : Extension.held(Micros.instant(expiry), cancelRequested);
        });
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    ScriptBatches<Settlement> batches = settlementBatches(Script.SETTLE, List.of(), settlements);
    return settled(batches, runner.inOneCall(() -> runner.run("settle", batches.calls())));
  }

  private ScriptBatches<Settlement> settlementBatches(
      Script script, List<String> firstArgs, List<Settlement> settlements) {
    return new ScriptBatches<>(
        script,
        runner,
        firstArgs,
        Settlement.batch(settlements, KNOWN),
        settlement -> settlement.lease().queue(),
        RedisJobQueue::args);
  }

  private static void args(Settlement settlement, List<String> args) {
    if (settlement instanceof Settlement.Done done) {
      String result = done.result();
      add(args, settlement, "done", Duration.ZERO);
      args.add(result == null ? "0" : "1");
      args.add(result == null ? "" : result);
    } else if (settlement instanceof Settlement.Retry retry) {
      add(args, settlement, "retry", retry.delay());
      addError(args, retry.error());
    } else if (settlement instanceof Settlement.Failed failed) {
      add(args, settlement, "failed", Duration.ZERO);
      addError(args, failed.error());
    } else if (settlement instanceof Settlement.Cancelled cancelled) {
      add(args, settlement, "cancelled", Duration.ZERO);
      args.add("");
      args.add(cancelled.reason());
    } else {
      add(args, settlement, "released", ((Settlement.Released) settlement).delay());
      args.add("0");
      args.add("");
    }
  }

  private static void add(List<String> args, Settlement settlement, String kind, Duration delay) {
    args.add(settlement.lease().jobId());
    args.add(Long.toString(settlement.lease().token()));
    args.add(kind);
    args.add(Long.toString(Micros.ofDelay(delay)));
  }

  /**
   * Adds an error: first the short text for the attempt, empty if it is the same, then all of it.
   */
  private static void addError(List<String> args, String error) {
    args.add(
        error.length() <= Limits.MAX_ATTEMPT_ERROR_CHARS ? "" : Limits.attemptErrorText(error));
    args.add(error);
  }

  private static List<Settlement.Result> settled(
      ScriptBatches<Settlement> batches, List<Reply> replies) {
    return batches.answers(
        replies,
        (settlement, reply) ->
            reply.number() == 1 ? Settlement.Result.ACCEPTED : Settlement.Result.LOST);
  }

  @Override
  public SettledAndClaimed settleAndClaim(List<Settlement> settlements, ClaimRequest request) {
    return runner.inOneCall(() -> settledAndClaimed(settlements, request));
  }

  private SettledAndClaimed settledAndClaimed(List<Settlement> settlements, ClaimRequest request) {
    if (runner.confirms()) {
      // If the settlements are not confirmed, the call fails, and nobody would get the jobs.
      return JobQueue.super.settleAndClaim(settlements, request);
    }
    var claiming = new Claiming(runner, request);
    ScriptCall claim = claiming.nextCall();
    ScriptBatches<Settlement> batches =
        settlementBatches(Script.SETTLE_AND_CLAIM, claim.args(), settlements);
    List<ScriptCall> calls = new ArrayList<>(batches.calls());
    if (calls.size() != 1 || !settlements.get(0).lease().queue().equals(request.queue())) {
      // They are of several queues, or too large for one script.
      batches = settlementBatches(Script.SETTLE, List.of(), settlements);
      calls = new ArrayList<>(batches.calls());
      calls.add(claim);
    }
    List<Reply> replies = runner.run("settle and claim", calls);
    List<Settlement.Result> settled = settled(batches, replies);
    claiming.read(replies.get(replies.size() - 1));
    return SettledAndClaimed.of(settled, claiming.rest());
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    Limits.notNull("lease", lease);
    Limits.notNull("progress", progress);
    return runner
            .run(
                "write progress",
                runner.onQueue(
                    lease.queue(),
                    Script.PROGRESS,
                    lease.jobId(),
                    lease.token(),
                    JobCodec.progress(progress)))
            .number()
        == 1;
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.text("checkpoint", value);
    Reply reply =
        runner.run(
            "write a checkpoint",
            runner.onQueue(
                lease.queue(), Script.CHECKPOINT, lease.jobId(), lease.token(), step, value));
    return reply.hasMore() ? Optional.of(reply.text()) : Optional.empty();
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    Limits.notNull("lease", lease);
    runner.checkOpen();
    return runner.inOneCall(() -> checkpointsOf(lease));
  }

  private Optional<Map<String, String>> checkpointsOf(JobLease lease) {
    Map<String, String> checkpoints = new LinkedHashMap<>();
    boolean goesOn = true;
    while (goesOn) {
      Reply reply =
          runner.run(
              "read checkpoints",
              runner.onQueue(
                  lease.queue(),
                  Script.CHECKPOINTS,
                  lease.jobId(),
                  lease.token(),
                  checkpoints.size()));
      if (!reply.hasMore()) {
        return Optional.empty();
      }
      goesOn = reply.number() == 1;
      while (reply.hasMore()) {
        checkpoints.put(reply.text(), reply.text());
      }
    }
    return Optional.of(Collections.unmodifiableMap(checkpoints));
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Reply reply = runner.run("find a job", runner.onQueue(queue, Script.FIND, id));
    long now = reply.number();
    return reply.hasMore() ? Optional.of(JobCodec.job(queue, now, reply.part())) : Optional.empty();
  }

  @Override
  public Subscription onWork(String queue, Runnable hint) {
    Limits.name("queue", queue);
    Limits.notNull("hint", hint);
    runner.checkOpen();
    return hints.subscribe(queue, hint);
  }

  @Override
  public void hint(String queue) {
    Limits.name("queue", queue);
    hints.publish(queue, runner);
  }
}
