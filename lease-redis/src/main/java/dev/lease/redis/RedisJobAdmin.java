package dev.lease.redis;

import dev.lease.ActionPage;
import dev.lease.Due;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.Operator;
import dev.lease.OperatorAction.Kind;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The calls for operators. */
final class RedisJobAdmin implements JobAdmin {

  /** A call by a filter answers after so many jobs, if its time is half over by then. */
  private static final int FIRST_PAGE = 20;

  /** The answer of delete.lua if it has to run again for the rest. */
  private static final long GOES_ON = 2;

  /** The most queues that a trip to the server is about, so that a call can be about many. */
  private static final int QUEUES_AT_ONCE = 500;

  private final ScriptRunner runner;
  private final QueueNames queues;
  private final QueueUpkeep upkeep;
  private final Recorder recorder;

  RedisJobAdmin(ScriptRunner runner, QueueNames queues) {
    this(runner, queues, Recorder.NONE);
  }

  private RedisJobAdmin(ScriptRunner runner, QueueNames queues, Recorder recorder) {
    this.runner = runner;
    this.queues = queues;
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
  public ActionPage actions(
      @Nullable String queue, @Nullable String id, @Nullable String after, int limit) {
    Limits.actionsOf(queue, id);
    Limits.limit(limit);
    var list = new ActionList(runner, queues, id == null ? "" : id, limit);
    ActionList.Cursor from = ActionList.Cursor.of(after);
    runner.checkOpen();
    return runner.inOneCall(() -> list.page(queue, from));
  }

  @Override
  public int purgeActions(String queue, Duration olderThan, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    long age = Micros.ofDelay(Limits.delay("olderThan", olderThan));
    return run("purge actions", Script.PURGE_ACTIONS, queue, age, limit).integer();
  }

  /**
   * Goes through the queues, and in each queue through the sorted sets: every job is in one of
   * them. It stops when the page is full, or when a script has looked at as many jobs as it may,
   * whether they match the filter or not.
   */
  @Override
  public JobPage list(JobFilter filter, JobOrder order, @Nullable String after, int limit) {
    Limits.notNull("filter", filter);
    Limits.notNull("order", order);
    Limits.limit(limit);
    ListCursor from = ListCursor.of(after, order);
    runner.checkOpen();
    return runner.inOneCall(() -> page(filter, order, from, limit));
  }

  private JobPage page(JobFilter filter, JobOrder order, @Nullable ListCursor from, int limit) {
    List<String> sets = inOrder(order, Keys.setsOf(filter.states()));
    List<Job> jobs = new ArrayList<>();
    List<String> all = queues(filter, order, from);
    for (int done = 0; done < all.size(); done += QUEUES_AT_ONCE) {
      List<String> some = all.subList(done, Math.min(done + QUEUES_AT_ONCE, all.size()));
      ListCursor next = read(filter, order, from, sets, some, limit, jobs);
      if (next != null) {
        return JobPage.of(jobs, next.text());
      }
    }
    return JobPage.of(jobs, null);
  }

  /** Adds jobs of some queues. Returns where it stopped, or null if they have no more. */
  private @Nullable ListCursor read(
      JobFilter filter,
      JobOrder order,
      @Nullable ListCursor from,
      List<String> sets,
      List<String> some,
      int limit,
      List<Job> jobs) {
    for (String queue : some.size() == 1 ? some : queues.havingAny(sets, some)) {
      ListCursor at =
          from != null && queue.equals(from.queue())
              ? from
              : ListCursor.before(order, queue, sets.get(0));
      ListCursor next = read(filter, at, sets, limit - jobs.size(), jobs);
      if (next != null) {
        return next;
      }
    }
    return null;
  }

  private static List<String> inOrder(JobOrder order, List<String> oldestFirst) {
    List<String> inOrder = new ArrayList<>(oldestFirst);
    if (order == JobOrder.NEWEST_FIRST) {
      Collections.reverse(inOrder);
    }
    return inOrder;
  }

  /** The queues of a list, beginning with the one where its last page ended. */
  private List<String> queues(JobFilter filter, JobOrder order, @Nullable ListCursor from) {
    String only = filter.queue();
    List<String> names = inOrder(order, only == null ? queues.names() : List.of(only));
    if (from == null) {
      return names;
    }
    Comparator<String> way =
        order == JobOrder.NEWEST_FIRST ? QueueNames.UTF8_ORDER.reversed() : QueueNames.UTF8_ORDER;
    return names.stream().filter(queue -> way.compare(queue, from.queue()) >= 0).toList();
  }

  /** Adds jobs of a queue. Returns where it stopped, or null if the queue has no more. */
  private @Nullable ListCursor read(
      JobFilter filter, ListCursor from, List<String> sets, int limit, List<Job> jobs) {
    List<Object> args = new ArrayList<>();
    args.add(from.order() == JobOrder.NEWEST_FIRST ? -1 : 1);
    args.add(from.score());
    args.add(from.seq());
    args.add(limit);
    args.add(waitingWanted(filter.states()));
    args.add(Objects.requireNonNullElse(filter.type(), ""));
    args.add(Objects.requireNonNullElse(filter.idPrefix(), ""));
    args.add(Objects.requireNonNullElse(filter.errorText(), ""));
    args.add(bound(filter.createdFrom()));
    args.add(bound(filter.createdBefore()));
    args.add(bound(filter.finishedFrom()));
    args.add(bound(filter.finishedBefore()));
    args.addAll(sets.subList(from.placeIn(sets), sets.size()));
    Reply reply =
        runner.run("list jobs", runner.onQueue(from.queue(), Script.LIST, args.toArray()));
    long now = reply.number();
    boolean goesOn = reply.number() == 1;
    var to = from.at(reply.text(), reply.text(), reply.number());
    while (reply.hasMore()) {
      jobs.add(JobCodec.job(from.queue(), now, reply.part()));
    }
    return goesOn ? to : null;
  }

  /** A bound of the filter, rounded up, because the times of jobs are whole microseconds. */
  private static String bound(@Nullable Instant instant) {
    if (instant == null) {
      return "";
    }
    Instant near = instant.isBefore(Limits.MIN_DUE) ? Limits.MIN_DUE : instant;
    near = near.isAfter(Limits.MAX_DUE) ? Limits.MAX_DUE : near;
    return Long.toString(Micros.notBefore(near));
  }

  private static String waitingWanted(Set<JobState> states) {
    if (states.contains(JobState.PENDING) == states.contains(JobState.RETRY)) {
      return "";
    }
    return states.contains(JobState.PENDING) ? "pending" : "retry";
  }

  @Override
  public List<FailedAttempt> failedAttempts(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Reply reply = run("read failed attempts", Script.FAILED_ATTEMPTS, queue, id);
    return reply.hasMore() ? JobCodec.failedAttempts(reply.text()) : List.of();
  }

  @Override
  public List<QueueCounts> counts() {
    runner.checkOpen();
    return runner.inOneCall(this::ofAllQueues);
  }

  private List<QueueCounts> ofAllQueues() {
    List<String> names = queues.names();
    List<QueueCounts> counts = new ArrayList<>();
    for (int done = 0; done < names.size(); done += QUEUES_AT_ONCE) {
      addCounts(names.subList(done, Math.min(done + QUEUES_AT_ONCE, names.size())), counts);
    }
    return List.copyOf(counts);
  }

  private void addCounts(List<String> some, List<QueueCounts> counts) {
    List<Reply> replies =
        runner.run(
            "count jobs",
            some.stream().map(queue -> runner.onQueue(queue, Script.COUNTS)).toList());
    for (int i = 0; i < some.size(); i++) {
      QueueCounts ofQueue = counts(some.get(i), replies.get(i));
      if (ofQueue.paused() || !ofQueue.jobs().isEmpty()) {
        counts.add(ofQueue);
      }
    }
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
          Reply reply = run("reset expired jobs", Script.RESET, queue, limit);
          return Reset.of(reply.integer(), JobCodec.finished(queue, reply.part()));
        });
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
    return Requeue.valueOf(run("requeue a job", Script.REQUEUE, queue, id, delay, act).text());
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
    RedisJobAdmin piece = inPiece(String.valueOf(filter));
    return inPages(after, limit, (from, most) -> piece.cancelPage(filter, from, most));
  }

  private JobPiece cancelPage(JobFilter filter, @Nullable String from, int most) {
    return JobAdmin.super.cancel(filter, from, most);
  }

  @Override
  public JobPiece requeue(JobFilter filter, Requeueing how, @Nullable String after, int limit) {
    Limits.notNull("how", how);
    RedisJobAdmin piece = inPiece(filter + ", " + how);
    return inPages(after, limit, (from, most) -> piece.requeuePage(filter, how, from, most));
  }

  private JobPiece requeuePage(JobFilter filter, Requeueing how, @Nullable String from, int most) {
    return JobAdmin.super.requeue(filter, how, from, most);
  }

  @Override
  public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
    RedisJobAdmin piece = inPiece(String.valueOf(filter));
    return inPages(after, limit, (from, most) -> piece.deletePage(filter, from, most));
  }

  private JobPiece deletePage(JobFilter filter, @Nullable String from, int most) {
    return JobAdmin.super.delete(filter, from, most);
  }

  private RedisJobAdmin inPiece(String which) {
    return with(recorder.inPiece(which));
  }

  private interface Page {
    JobPiece of(@Nullable String from, int most);
  }

  /**
   * Goes on from page to page while half of the call's time is left, since each job costs a trip.
   * Then it answers with what was done: a server that is far away would never get past the first
   * jobs otherwise.
   */
  private JobPiece inPages(@Nullable String after, int limit, Page page) {
    Limits.limit(limit);
    Deadline deadline = runner.deadline();
    return runner.inOneCall(
        () -> {
          int size = Math.min(limit, FIRST_PAGE);
          JobPiece done = first(page, after, size);
          for (int looked = size;
              done.next() != null && looked < limit && !deadline.isHalfOver();
              looked += size) {
            // As many as all before it: so much time is left, and on a quick server pages are few.
            size = Math.min(limit - looked, looked);
            try {
              JobPiece more = page.of(done.next(), size);
              done = JobPiece.of(done.changed() + more.changed(), more.next());
            } catch (StoreException e) {
              // The caller needs the answer about the pages before, and meets this again.
              return done;
            }
          }
          return done;
        });
  }

  private static JobPiece first(Page page, @Nullable String after, int limit) {
    try {
      return page.of(after, limit);
    } catch (StoreException e) {
      throw ScriptRunner.afterAPart(e);
    }
  }

  @Override
  public boolean delete(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return runner.inOneCall(() -> deleted(queue, id));
  }

  private boolean deleted(String queue, String id) {
    ScriptCall call = runner.onQueue(queue, Script.DELETE, id, recorder.act(Kind.DELETE, id, ""));
    long answer = runner.run("delete a job", call).number();
    while (answer == GOES_ON) {
      answer = runner.goOn("delete a job", call).number();
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
