package dev.lease.testkit;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.OperatorAction.Kind;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.StepValue;
import dev.lease.StoreCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of operators as the contract defines them. Each call checks its arguments and then
 * runs, as one atomic operation, the method of the same name on the data.
 */
class InMemoryJobAdmin implements JobAdmin {

  /** Written out, so that what is added later is not known here [Q83]. */
  private static final Set<ActionQuery.Condition> ACTION_CONDITIONS =
      Set.of(ActionQuery.Condition.QUEUE, ActionQuery.Condition.JOB);

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

  final InMemorySession session;

  InMemoryJobAdmin(InMemorySession session) {
    this.session = session;
  }

  @Override
  public JobAdmin by(Operator operator) {
    return new Recording(session, Limits.notNull("operator", operator));
  }

  @Override
  public ActionPage actions(ActionQuery query) {
    Limits.notNull("query", query).requireKnown(ACTION_CONDITIONS);
    Long lastPlace = query.after() == null ? null : place(query.after());
    return session.run((data, now) -> actions(data, query, lastPlace));
  }

  private static long place(String cursor) {
    try {
      return Long.parseLong(cursor);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("after must come from a page of this store", e);
    }
  }

  ActionPage actions(InMemoryData data, ActionQuery query, @Nullable Long lastPlace) {
    String queue = query.queue();
    String id = query.jobId();
    int limit = query.limit();
    List<Map.Entry<Long, OperatorAction>> rest =
        data.actions.descendingMap().entrySet().stream()
            .filter(action -> lastPlace == null || action.getKey() < lastPlace)
            .filter(action -> queue == null || queue.equals(action.getValue().queue()))
            .filter(action -> id == null || id.equals(action.getValue().id()))
            .limit(limit + 1L)
            .toList();
    List<Map.Entry<Long, OperatorAction>> page = rest.subList(0, Math.min(limit, rest.size()));
    boolean more = rest.size() > limit;
    return ActionPage.of(
        page.stream().map(Map.Entry::getValue).toList(),
        more ? Long.toString(page.get(limit - 1).getKey()) : null);
  }

  @Override
  public int purgeActions(String queue, Duration olderThan, int limit) {
    Limits.name("queue", queue);
    Limits.delay("olderThan", olderThan);
    Limits.limit(limit);
    return session.run((data, now) -> purgeActions(data, queue, now.minus(olderThan), limit));
  }

  int purgeActions(InMemoryData data, String queue, Instant last, int limit) {
    List<Long> old =
        data.actions.entrySet().stream()
            .filter(action -> queue.equals(action.getValue().queue()))
            .limit(limit)
            .filter(action -> !action.getValue().at().isAfter(last))
            .map(Map.Entry::getKey)
            .toList();
    old.forEach(data.actions::remove);
    return old.size();
  }

  @Override
  public JobPage list(JobQuery query) {
    Limits.notNull("query", query);
    requireKnown(query);
    Place after = query.after() == null ? null : Place.of(query.after());
    return session.run((data, now) -> list(data, now, query, after));
  }

  void requireKnown(JobQuery query) {
    query.requireKnown(CONDITIONS, ORDERS);
  }

  JobPage list(InMemoryData data, Instant now, JobQuery query, @Nullable Place after) {
    List<Job> page = new ArrayList<>();
    int examined = 0;
    Place last = null;
    for (InMemoryJob job : inOrder(data, query)) {
      Place place = Place.of(job, query.order());
      if (after != null && after.compareTo(place) * direction(query.order()) >= 0) {
        continue;
      }
      if (last != null && (page.size() == query.limit() || examined == query.examineAtMost())) {
        return JobPage.of(page, last.toString(), examined);
      }
      examined++;
      last = place;
      Job asOf = job.asOf(now);
      if (matches(query.filter(), asOf)) {
        page.add(query.isBrief() ? brief(asOf) : asOf);
      }
    }
    return JobPage.of(page, null, examined);
  }

  private static List<InMemoryJob> inOrder(InMemoryData data, JobQuery query) {
    Comparator<InMemoryJob> byPlace = Comparator.comparing(job -> Place.of(job, query.order()));
    return data.inOrder(query.filter().queue()).stream()
        .filter(job -> query.order() != JobOrder.LAST_FINISHED_FIRST || job.state().isFinished())
        .sorted(direction(query.order()) < 0 ? byPlace.reversed() : byPlace)
        .toList();
  }

  private static int direction(JobOrder order) {
    return order == JobOrder.OLDEST_FIRST ? 1 : -1;
  }

  Job brief(Job job) {
    return job.brief();
  }

  /**
   * A place in a list.
   *
   * @param finished when the job finished, in microseconds; 0 if the order does not go by that
   * @param number its place in the order of enqueueing
   */
  record Place(long finished, long number) implements Comparable<Place> {

    static Place of(InMemoryJob job, JobOrder order) {
      InMemoryJob.Finish finish = order == JobOrder.LAST_FINISHED_FIRST ? job.finish : null;
      return new Place(finish == null ? 0 : InMemoryData.micros(finish.at()), job.place());
    }

    static Place of(String cursor) {
      try {
        String[] parts = cursor.split(":", 2);
        return new Place(Long.parseLong(parts[0]), Long.parseLong(parts[1]));
      } catch (NumberFormatException | IndexOutOfBoundsException e) {
        throw new IllegalArgumentException(
            "after must come from a page of this store, was " + cursor, e);
      }
    }

    @Override
    public int compareTo(Place other) {
      return Comparator.comparingLong(Place::finished)
          .thenComparingLong(Place::number)
          .compare(this, other);
    }

    @Override
    public String toString() {
      return finished + ":" + number;
    }
  }

  boolean matches(JobFilter filter, Job job) {
    return filter.matches(job);
  }

  @Override
  public List<FailedAttempt> failedAttempts(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return session.run((data, now) -> failedAttempts(data, queue, id));
  }

  List<FailedAttempt> failedAttempts(InMemoryData data, String queue, String id) {
    return data.job(queue, id).map(job -> List.copyOf(job.failedAttempts)).orElse(List.of());
  }

  @Override
  public List<StepValue> steps(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return session.run((data, now) -> steps(data, queue, id));
  }

  List<StepValue> steps(InMemoryData data, String queue, String id) {
    return data.job(queue, id).map(job -> job.checkpoints).orElse(Map.of()).entrySet().stream()
        .map(step -> StepValue.of(step.getKey(), step.getValue(), null))
        .toList();
  }

  @Override
  public StoreCounts counts() {
    return StoreCounts.of(session.run(this::counts));
  }

  List<QueueCounts> counts(InMemoryData data, Instant now) {
    Set<String> queues = new TreeSet<>(Utf8.ORDER);
    queues.addAll(data.queueNames());
    queues.addAll(data.pausedQueues);
    return queues.stream().map(queue -> counts(data, now, queue)).toList();
  }

  QueueCounts counts(InMemoryData data, Instant now, String queue) {
    Map<JobState, Long> states = new EnumMap<>(JobState.class);
    long expired = 0;
    long heldBack = 0;
    long waiting = 0;
    Instant oldestDue = null;
    for (InMemoryJob job : data.jobs(queue)) {
      states.merge(job.state(), 1L, Long::sum);
      if (job.isExpired(now)) {
        expired++;
      }
      if (job.jobKey() != null && job.isHeldBack(now)) {
        heldBack++;
      }
      if (job.waits) {
        waiting++;
      }
      if (job.isUpForClaim(now) && (oldestDue == null || job.turn().isBefore(oldestDue))) {
        oldestDue = job.turn();
      }
    }
    boolean paused = data.pausedQueues.contains(queue);
    return QueueCounts.builder(queue, now)
        .jobs(states)
        .expired(expired)
        .heldBack(heldBack)
        .waitingForParts(waiting)
        .oldestDue(oldestDue)
        .paused(paused)
        .build();
  }

  @Override
  public Reset resetExpired(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    return session.run((data, now) -> resetExpired(data, now, queue, limit));
  }

  Reset resetExpired(InMemoryData data, Instant now, String queue, int limit) {
    List<InMemoryJob> expired = some(data, queue, limit, job -> job.isExpired(now));
    expired.forEach(job -> job.loseHold(now));
    expired.forEach(job -> data.admit(job, now));
    data.wake(queue);
    return Reset.of(
        expired.size(),
        expired.stream()
            .filter(job -> job.state().isFinished())
            .map(InMemoryJob::finished)
            .toList());
  }

  @Override
  public Cancellation cancel(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return session.run(
        (data, now) ->
            data.job(queue, id).map(job -> cancel(data, now, job)).orElse(Cancellation.NOT_FOUND));
  }

  Cancellation cancel(InMemoryData data, Instant now, InMemoryJob job) {
    if (job.state().isFinished()) {
      return Cancellation.FINISHED;
    }
    if (job.state() == JobState.PROCESSING) {
      job.requestCancel();
      return Cancellation.REQUESTED;
    }
    job.cancel(now);
    data.admit(job, now);
    return Cancellation.CANCELLED;
  }

  @Override
  public Requeue requeue(String queue, String id, Requeueing how) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Duration delay = Limits.notNull("how", how).delay(id);
    return session.run(
        (data, now) ->
            data.job(queue, id)
                .map(job -> requeue(data, now, now.plus(delay), job))
                .orElse(Requeue.NOT_FOUND));
  }

  Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
    if (job.state() != JobState.FAILED && job.state() != JobState.CANCELLED) {
      return Requeue.NOT_FAILED;
    }
    if (!data.isKeyFree(job, now)) {
      return Requeue.CONFLICT;
    }
    job.requeue(due);
    data.admit(job, now);
    data.wake(job.queue());
    return Requeue.REQUEUED;
  }

  @Override
  public Change change(String queue, String id, JobChange change) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    Limits.notNull("change", change);
    return session.run(
        (data, now) ->
            data.job(queue, id)
                .map(job -> change(data, now, job, change))
                .orElse(Change.NOT_FOUND));
  }

  Change change(InMemoryData data, Instant now, InMemoryJob job, JobChange change) {
    if (job.state().isFinished()) {
      return Change.FINISHED;
    }
    if (job.state() == JobState.PROCESSING) {
      return Change.HELD;
    }
    job.change(change, now);
    if (change.due() != null) {
      job.putOff(data.limits(job.queue()).isInOrder(job));
    }
    data.admit(job, now);
    data.wake(job.queue());
    return Change.CHANGED;
  }

  @Override
  public boolean delete(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return session.run((data, now) -> delete(data, queue, id));
  }

  boolean delete(InMemoryData data, String queue, String id) {
    Optional<InMemoryJob> job = data.job(queue, id);
    job.ifPresent(data::remove);
    job.ifPresent(removed -> data.admit(removed, data.now()));
    data.freeKey(queue, id);
    return job.isPresent();
  }

  @Override
  public void pause(String queue) {
    Limits.name("queue", queue);
    session.run((data, now) -> data.pausedQueues.add(queue));
  }

  @Override
  public void resume(String queue) {
    Limits.name("queue", queue);
    session.run(
        (data, now) -> {
          data.wake(queue);
          return data.pausedQueues.remove(queue);
        });
  }

  @Override
  public int purge(String queue, Duration olderThan, int limit) {
    Limits.name("queue", queue);
    Limits.delay("olderThan", olderThan);
    Limits.limit(limit);
    return session.run(
        (data, now) -> purge(data, queue, limit, job -> job.isFinishedSince(olderThan, now)));
  }

  @Override
  public int purge(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    return session.run(
        (data, now) -> {
          int old = purge(data, queue, limit, job -> job.isKeptNoLonger(now));
          return old + data.graphs(queue).purge(now, limit - old);
        });
  }

  int purge(InMemoryData data, String queue, int limit, Predicate<InMemoryJob> isOld) {
    InMemoryGraphs graphs = data.graphs(queue);
    List<InMemoryJob> old = some(data, queue, limit, job -> isOld.test(job) && !graphs.needs(job));
    old.forEach(data::remove);
    data.freeKeys(queue);
    return old.size();
  }

  static List<InMemoryJob> some(
      InMemoryData data, String queue, int limit, Predicate<InMemoryJob> condition) {
    return data.jobs(queue).stream().filter(condition).limit(limit).toList();
  }

  /**
   * The calls of an operator whose acts are recorded [Q88]. Each runs the plain call and records
   * what it changed, as one atomic operation.
   */
  static class Recording extends InMemoryJobAdmin {

    private final Operator operator;

    /** The piece that is being worked on, if there is one. Guarded by the data. */
    private @Nullable Piece piece;

    Recording(InMemorySession session, Operator operator) {
      super(session);
      this.operator = operator;
    }

    /**
     * A piece of an act on many jobs.
     *
     * @param what which jobs
     * @param places the place of its record, by queue
     */
    private record Piece(String what, Map<String, Long> places) {}

    /** Records that an act changed one job, or one queue. */
    private void record(Kind kind, String queue, @Nullable String id, String what) {
      record(kind, queue, id, 1, what);
    }

    void record(Kind kind, String queue, @Nullable String id, int changed, String what) {
      session.run(
          (data, now) -> {
            OperatorAction.Builder action =
                OperatorAction.builder(now, operator, kind, queue)
                    .id(id)
                    .changed(changed)
                    .what(what);
            if (piece == null) {
              return data.actions.put(data.nextPlaceOfAction(), action.build());
            }
            Long place = piece.places.get(queue);
            OperatorAction before = place == null ? null : data.actions.get(place);
            if (place == null || before == null) {
              place = data.nextPlaceOfAction();
              piece.places.put(queue, place);
              return data.actions.put(place, action.id(null).what(piece.what).build());
            }
            return data.actions.put(
                place,
                OperatorAction.builder(before.at(), operator, kind, queue)
                    .changed(before.changed() + changed)
                    .what(piece.what)
                    .build());
          });
    }

    @Override
    public Cancellation cancel(String queue, String id) {
      Limits.name("queue", queue);
      Limits.name("job id", id);
      return session.run(
          (data, now) -> {
            boolean wasRequested =
                data.job(queue, id).filter(job -> job.asOf(now).cancelRequested()).isPresent();
            Cancellation answer = super.cancel(queue, id);
            if (answer == Cancellation.CANCELLED
                || (answer == Cancellation.REQUESTED && !wasRequested)) {
              record(Kind.CANCEL, queue, id, "");
            }
            return answer;
          });
    }

    @Override
    public Requeue requeue(String queue, String id, Requeueing how) {
      return session.run(
          (data, now) -> {
            Requeue answer = super.requeue(queue, id, how);
            if (answer == Requeue.REQUEUED) {
              record(Kind.REQUEUE, queue, id, how.toString());
            }
            return answer;
          });
    }

    @Override
    public Change change(String queue, String id, JobChange change) {
      Limits.name("queue", queue);
      Limits.name("job id", id);
      return session.run(
          (data, now) -> {
            Optional<Job> before = data.job(queue, id).map(job -> job.asOf(now));
            Change answer = super.change(queue, id, change);
            if (answer == Change.CHANGED) {
              Job after = data.job(queue, id).orElseThrow().asOf(now);
              String what = JobChange.difference(before.orElseThrow(), after);
              if (!what.isEmpty()) {
                record(Kind.CHANGE, queue, id, what);
              }
            }
            return answer;
          });
    }

    @Override
    public boolean delete(String queue, String id) {
      Limits.name("queue", queue);
      Limits.name("job id", id);
      return session.run(
          (data, now) -> {
            boolean freesKey = data.keepsKey(queue, id, now);
            boolean deleted = super.delete(queue, id);
            if (deleted || freesKey) {
              record(Kind.DELETE, queue, id, "");
            }
            return deleted;
          });
    }

    @Override
    public JobPiece cancel(JobFilter filter, @Nullable String after, int limit) {
      return inPiece(filter, "", () -> super.cancel(filter, after, limit));
    }

    @Override
    public JobPiece requeue(JobFilter filter, Requeueing how, @Nullable String after, int limit) {
      return inPiece(filter, ", " + how, () -> super.requeue(filter, how, after, limit));
    }

    @Override
    public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
      return inPiece(filter, "", () -> super.delete(filter, after, limit));
    }

    private JobPiece inPiece(JobFilter filter, String how, Supplier<JobPiece> work) {
      String what = Limits.notNull("filter", filter) + how;
      return session.run(
          (data, now) -> {
            piece = new Piece(what, new HashMap<>());
            try {
              return work.get();
            } finally {
              piece = null;
            }
          });
    }

    @Override
    public void pause(String queue) {
      Limits.name("queue", queue);
      session.run(
          (data, now) -> {
            boolean wasPaused = data.pausedQueues.contains(queue);
            super.pause(queue);
            if (!wasPaused) {
              record(Kind.PAUSE, queue, null, "");
            }
            return wasPaused;
          });
    }

    @Override
    public void resume(String queue) {
      Limits.name("queue", queue);
      session.run(
          (data, now) -> {
            boolean wasPaused = data.pausedQueues.contains(queue);
            super.resume(queue);
            if (wasPaused) {
              record(Kind.RESUME, queue, null, "");
            }
            return wasPaused;
          });
    }

    @Override
    public int purge(String queue, Duration olderThan, int limit) {
      return session.run(
          (data, now) -> {
            int purged = super.purge(queue, olderThan, limit);
            if (purged > 0) {
              record(Kind.PURGE, queue, null, purged, "older than " + olderThan);
            }
            return purged;
          });
    }
  }
}
