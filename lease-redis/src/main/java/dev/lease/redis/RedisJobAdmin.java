package dev.lease.redis;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Due;
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
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The calls for operators. */
final class RedisJobAdmin implements JobAdmin {

  /** Written out, so that what is added later is not known here [Q83]. */
  private static final Set<ActionQuery.Condition> ACTION_CONDITIONS =
      Set.of(ActionQuery.Condition.QUEUE, ActionQuery.Condition.JOB);

  /** A call by a filter answers after so many jobs, if its time is half over by then. */
  private static final int FIRST_PAGE = 10;

  /** The answer of delete.lua if it has to run again for the rest. */
  private static final long GOES_ON = 2;

  /** The answer of requeue.lua if it has requeued nothing yet, and has to run again. */
  private static final String REQUEUE_GOES_ON = "GOES_ON";

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

  private static final Set<JobOrder> ORDERS =
      EnumSet.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST, JobOrder.LAST_FINISHED_FIRST);

  /** The conditions for which the sizes of the sets tell how many jobs match. */
  private static final Set<JobFilter.Condition> BY_SIZE =
      EnumSet.of(JobFilter.Condition.QUEUE, JobFilter.Condition.STATE);

  private final ScriptRunner runner;
  private final QueueNames queues;
  private final JobPages pages;
  private final QueueUpkeep upkeep;
  private final Recorder recorder;

  RedisJobAdmin(ScriptRunner runner, QueueNames queues) {
    this(runner, queues, Recorder.NONE);
  }

  private RedisJobAdmin(ScriptRunner runner, QueueNames queues, Recorder recorder) {
    this.runner = runner;
    this.queues = queues;
    this.pages = new JobPages(runner, queues);
    this.upkeep = new QueueUpkeep(runner, queues);
    this.recorder = recorder;
  }

  @Override
  public JobAdmin by(Operator operator) {
    return with(Recorder.of(Limits.notNull("operator", operator)));
  }

  private RedisJobAdmin with(Recorder other) {
    return new RedisJobAdmin(runner, queues, other);
  }

  @Override
  public ActionPage actions(ActionQuery query) {
    Limits.notNull("query", query).requireKnown(ACTION_CONDITIONS);
    String id = Objects.requireNonNullElse(query.jobId(), "");
    var list = new ActionList(runner, queues, id, query.limit());
    ActionList.Cursor from = ActionList.Cursor.of(query.after());
    runner.checkOpen();
    return runner.inOneCall(() -> list.page(query.queue(), from));
  }

  @Override
  public int purgeActions(String queue, Duration olderThan, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    long age = Micros.ofDelay(Limits.delay("olderThan", olderThan));
    return run("purge actions", Script.PURGE_ACTIONS, queue, age, limit).integer();
  }

  @Override
  public JobPage list(JobQuery query) {
    Limits.notNull("query", query);
    query.requireKnown(CONDITIONS, ORDERS);
    runner.checkOpen();
    return runner.inOneCall(() -> pages.page(query));
  }

  @Override
  public JobCount count(JobFilter filter, long most) {
    Limits.notNull("filter", filter);
    filter.requireKnown(CONDITIONS);
    Limits.most(most);
    runner.checkOpen();
    return JobCount.of(runner.inOneCall(() -> counted(filter, most)));
  }

  /** Counts by the sizes of the sets if the filter asks for no more. */
  private long counted(JobFilter filter, long most) {
    if (!BY_SIZE.containsAll(filter.conditions())) {
      return pages.count(filter, most);
    }
    String queue = filter.queue();
    List<QueueCounts> counts = queue == null ? ofAllQueues() : counts(List.of(queue));
    return Math.min(
        most,
        counts.stream()
            .flatMap(it -> it.jobs().entrySet().stream())
            .filter(it -> filter.states().isEmpty() || filter.states().contains(it.getKey()))
            .mapToLong(Map.Entry::getValue)
            .sum());
  }

  @Override
  public List<FailedAttempt> failedAttempts(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Reply reply = run("read failed attempts", Script.FAILED_ATTEMPTS, queue, id);
    return reply.hasMore() ? JobCodec.failedAttempts(reply.text()) : List.of();
  }

  @Override
  public List<StepValue> steps(String queue, String id) {
    return steps(queue, id, UnaryOperator.identity());
  }

  /** A script answers with about 4 MiB of values: no more than that is here at once. */
  @Override
  public List<StepValue> briefSteps(String queue, String id) {
    return steps(queue, id, StepValue::brief);
  }

  private List<StepValue> steps(String queue, String id, UnaryOperator<StepValue> as) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    runner.checkOpen();
    return runner.inOneCall(
        () -> {
          List<StepValue> steps = new ArrayList<>();
          boolean goesOn = true;
          while (goesOn) {
            Reply reply = run("read steps", Script.LIST_STEPS, queue, id, steps.size());
            goesOn = reply.number() == 1;
            JobCodec.steps(reply).stream().map(as).forEach(steps::add);
          }
          return List.copyOf(steps);
        });
  }

  @Override
  public StoreCounts counts() {
    runner.checkOpen();
    return StoreCounts.of(runner.inOneCall(this::ofAllQueues));
  }

  private List<QueueCounts> ofAllQueues() {
    List<String> names = queues.names();
    List<QueueCounts> counts = new ArrayList<>();
    int most = JobPages.QUEUES_AT_ONCE;
    for (int done = 0; done < names.size(); done += most) {
      counts.addAll(counts(names.subList(done, Math.min(done + most, names.size()))));
    }
    return counts;
  }

  private List<QueueCounts> counts(List<String> some) {
    List<Reply> replies =
        runner.run(
            "count jobs",
            some.stream().map(queue -> runner.onQueue(queue, Script.COUNTS)).toList());
    List<QueueCounts> counts = new ArrayList<>();
    for (int i = 0; i < some.size(); i++) {
      QueueCounts ofQueue = counts(some.get(i), replies.get(i));
      if (ofQueue.paused() || !ofQueue.jobs().isEmpty()) {
        counts.add(ofQueue);
      }
    }
    return counts;
  }

  private static QueueCounts counts(String queue, Reply reply) {
    Instant asOf = Micros.instant(reply.number());
    boolean paused = reply.number() == 1;
    Map<JobState, Long> jobs = new EnumMap<>(JobState.class);
    for (JobState state : JobState.values()) {
      long count = reply.number();
      if (count > 0) {
        jobs.put(state, count);
      }
    }
    long expired = reply.number();
    long oldest = reply.number();
    return QueueCounts.builder(queue, asOf)
        .jobs(jobs)
        .expired(expired)
        .heldBack(reply.number())
        .waitingForParts(reply.number())
        .oldestDue(oldest < 0 ? null : Micros.instant(oldest))
        .paused(paused)
        .build();
  }

  @Override
  public Reset resetExpired(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    return runner.inOneCall(
        () -> {
          upkeep.repair(queue);
          return reset(queue, limit);
        });
  }

  private Reset reset(String queue, int limit) {
    Reply reply = run("reset expired jobs", Script.RESET, queue, limit);
    int count = reply.integer();
    boolean goesOn = reply.number() == 1;
    List<FinishedJob> finished = new ArrayList<>(JobCodec.finished(queue, reply.part()));
    while (goesOn) {
      ScriptCall rest = runner.onQueue(queue, Script.RESET, limit - count);
      reply = runner.goOn("reset expired jobs", rest);
      count += reply.integer();
      goesOn = reply.number() == 1;
      finished.addAll(JobCodec.finished(queue, reply.part()));
    }
    return Reset.of(count, finished);
  }

  @Override
  public Cancellation cancel(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return Cancellation.valueOf(
        run("cancel a job", Script.CANCEL, queue, id, recorder.act(Kind.CANCEL, id, "")).text());
  }

  @Override
  public Requeue requeue(String queue, String id, Requeueing how) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    long delay = Micros.of(Limits.notNull("how", how).delay(id));
    String act = recorder.act(Kind.REQUEUE, id, how.toString());
    return runner.inOneCall(
        () -> {
          String answer;
          do {
            answer = run("requeue a job", Script.REQUEUE, queue, id, delay, act).text();
          } while (answer.equals(REQUEUE_GOES_ON));
          return Requeue.valueOf(answer);
        });
  }

  @Override
  public Change change(String queue, String id, JobChange change) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Limits.notNull("change", change);
    Due due = change.due();
    List<Object> args = new ArrayList<>();
    args.add(id);
    args.add(due == null ? "" : JobCodec.due(due));
    args.add(Objects.requireNonNullElse(change.priority(), ""));
    args.add(Objects.requireNonNullElse(change.crashesLeft(), ""));
    args.add(Objects.requireNonNullElse(change.failuresLeft(), ""));
    args.add(change.notAfter() == null ? "" : JobCodec.due(change.notAfter()));
    args.add(recorder.change(id));
    if (change.payload() != null) {
      args.add(change.payload());
    }
    return Change.valueOf(run("change a job", Script.CHANGE, queue, args.toArray()).text());
  }

  @Override
  public JobPiece cancel(JobFilter filter, @Nullable String after, int limit) {
    JobAdmin piece = inPiece(String.valueOf(filter));
    return inPages(
        filter,
        after,
        limit,
        job ->
            switch (piece.cancel(job.queue(), job.id())) {
              case CANCELLED, REQUESTED -> true;
              default -> false;
            });
  }

  @Override
  public JobPiece requeue(JobFilter filter, Requeueing how, @Nullable String after, int limit) {
    Limits.notNull("how", how);
    JobAdmin piece = inPiece(filter + ", " + how);
    return inPages(
        filter, after, limit, job -> piece.requeue(job.queue(), job.id(), how) == Requeue.REQUEUED);
  }

  @Override
  public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
    JobAdmin piece = inPiece(String.valueOf(filter));
    return inPages(filter, after, limit, job -> piece.delete(job.queue(), job.id()));
  }

  private JobAdmin inPiece(String which) {
    return with(recorder.inPiece(which));
  }

  /**
   * Changes jobs one by one, and goes on from page to page while half of the call's time is left,
   * since each job costs a trip. Then it answers with what was done: a server that is far away
   * would never get past the first jobs otherwise.
   *
   * @param change changes a job, and tells whether it did
   */
  private JobPiece inPages(
      JobFilter filter, @Nullable String after, int limit, Predicate<Job> change) {
    Limits.notNull("filter", filter).requireKnown(CONDITIONS);
    Limits.limit(limit);
    runner.checkOpen();
    Deadline deadline = runner.deadline();
    return runner.inOneCall(
        () -> {
          int changed = 0;
          int looked = 0;
          @Nullable String next = after;
          do {
            // Half of those before it: twice the time that they need is left, and pages are few.
            int size = Math.min(limit - looked, looked == 0 ? FIRST_PAGE : looked / 2);
            try {
              JobPage page = pages.piece(JobQuery.of(filter).after(next).limit(size).brief());
              for (Job job : page.jobs()) {
                changed += change.test(job) ? 1 : 0;
              }
              next = page.next();
            } catch (StoreException e) {
              if (looked == 0 || e.isOutcomeUnknown()) {
                throw ScriptRunner.afterAPart(e);
              }
              // The caller needs the number, and meets this again in the same page.
              return JobPiece.of(changed, next);
            }
            looked += size;
          } while (next != null && looked < limit && !deadline.isHalfOver());
          return JobPiece.of(changed, next);
        });
  }

  @Override
  public boolean delete(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return runner.inOneCall(() -> deleted(queue, id));
  }

  private boolean deleted(String queue, String id) {
    String act = recorder.act(Kind.DELETE, id, "");
    long answer = run("delete a job", Script.DELETE, queue, id, act).number();
    while (answer == GOES_ON) {
      // The first script has changed the job, and recorded it.
      ScriptCall rest = runner.onQueue(queue, Script.DELETE, id, "");
      answer = runner.goOn("delete a job", rest).number();
    }
    return answer == 1;
  }

  @Override
  public void pause(String queue) {
    Limits.name("queue", queue);
    runner.checkOpen();
    runner.inOneCall(
        () -> {
          queues.write(List.of(queue));
          return run("pause a queue", Script.PAUSE, queue, recorder.act(Kind.PAUSE, "", ""));
        });
  }

  @Override
  public void resume(String queue) {
    Limits.name("queue", queue);
    run("resume a queue", Script.RESUME, queue, recorder.act(Kind.RESUME, "", ""));
  }

  @Override
  public int purge(String queue, Duration olderThan, int limit) {
    Limits.name("queue", queue);
    Limits.delay("olderThan", olderThan);
    Limits.limit(limit);
    String act = recorder.act(Kind.PURGE, "", "older than " + olderThan);
    return runner.inOneCall(() -> upkeep.purge(queue, limit, olderThan, act));
  }

  @Override
  public int purge(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    return runner.inOneCall(() -> upkeep.purge(queue, limit));
  }

  private Reply run(String what, Script script, String queue, Object... args) {
    return runner.run(what, runner.onQueue(queue, script, args));
  }
}
