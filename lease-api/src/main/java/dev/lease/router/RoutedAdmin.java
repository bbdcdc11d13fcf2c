package dev.lease.router;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.FailedAttempt;
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
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.QueueCounts;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.StepValue;
import dev.lease.StoreCounts;
import dev.lease.router.MergedPages.Page;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What operators do with the jobs of all stores. */
final class RoutedAdmin implements JobAdmin {

  private static final Comparator<String> UTF8_ORDER =
      Comparator.comparing(name -> name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private final Parts<JobAdmin> admins;

  RoutedAdmin(Parts<JobAdmin> admins) {
    this.admins = admins;
  }

  @Override
  public JobPage list(JobQuery query) {
    Limits.notNull("query", query);
    String queue = query.filter().queue();
    if (queue != null) {
      return admins.at(queue, admin -> admin.list(query));
    }
    var places = new Places(admins.stores(), query.after());
    Page<Job> page =
        new MergedPages<>(
                places,
                order(query.order()),
                limits ->
                    admins.inEach(
                        limits.keySet(),
                        (store, admin) ->
                            page(
                                admin.list(
                                    query
                                        .after(places.after(store))
                                        .limit(Objects.requireNonNull(limits.get(store)))))))
            .read(query.limit());
    return JobPage.of(page.items(), page.next(), page.examined()).withMissing(page.missing());
  }

  private static Page<Job> page(JobPage page) {
    return new Page<>(page.jobs(), page.next(), page.examined(), page.missing());
  }

  /** The order of a list; what no store knows is refused by each of them. */
  private static Comparator<Job> order(JobOrder order) {
    Comparator<Job> oldest = Comparator.comparing(Job::createdAt);
    return switch (order) {
      case NEWEST_FIRST -> oldest.reversed();
      case LAST_FINISHED_FIRST ->
          Comparator.comparing(
              Job::finishedAt, Comparator.nullsLast(Comparator.<Instant>reverseOrder()));
      default -> oldest;
    };
  }

  @Override
  public JobCount count(JobFilter filter, long most) {
    Limits.notNull("filter", filter);
    Limits.most(most);
    String queue = filter.queue();
    if (queue != null) {
      return admins.at(queue, admin -> admin.count(filter, most));
    }
    Answers<JobCount> answers =
        admins.inEach(admins.stores(), (store, admin) -> admin.count(filter, most)).orThrowIfNone();
    Set<String> missing = new LinkedHashSet<>(answers.missing());
    long jobs = 0;
    for (JobCount count : answers.values().values()) {
      jobs = Math.min(most, jobs + count.jobs());
      missing.addAll(count.missing());
    }
    return JobCount.of(jobs).withMissing(List.copyOf(missing));
  }

  @Override
  public StoreCounts counts() {
    Answers<StoreCounts> answers =
        admins.inEach(admins.stores(), (store, admin) -> admin.counts()).orThrowIfNone();
    Set<String> missing = new LinkedHashSet<>(answers.missing());
    Map<String, QueueCounts> all = new TreeMap<>(UTF8_ORDER);
    answers
        .values()
        .forEach(
            (store, counts) -> {
              missing.addAll(counts.missing());
              for (QueueCounts queue : counts.queues()) {
                boolean isItsStore = admins.storeOf(queue.queue()) == store;
                all.merge(
                    queue.queue(),
                    queue,
                    (one, other) -> isItsStore ? sum(other, one) : sum(one, other));
              }
            });
    return StoreCounts.of(List.copyOf(all.values())).withMissing(List.copyOf(missing));
  }

  /** The counts of a queue, with jobs that an earlier map has left in another store. */
  private static QueueCounts sum(QueueCounts queue, QueueCounts left) {
    Map<JobState, Long> jobs = new EnumMap<>(JobState.class);
    jobs.putAll(queue.jobs());
    left.jobs().forEach((state, count) -> jobs.merge(state, count, Long::sum));
    Instant due = queue.oldestDue();
    Instant dueThere = left.oldestDue();
    return queue.toBuilder()
        .jobs(jobs)
        .expired(queue.expired() + left.expired())
        .heldBack(queue.heldBack() + left.heldBack())
        .waitingForParts(queue.waitingForParts() + left.waitingForParts())
        .oldestDue(due == null || (dueThere != null && dueThere.isBefore(due)) ? dueThere : due)
        .build();
  }

  @Override
  public List<FailedAttempt> failedAttempts(String queue, String id) {
    return admins.at(queue, admin -> admin.failedAttempts(queue, id));
  }

  @Override
  public List<StepValue> steps(String queue, String id) {
    return admins.at(queue, admin -> admin.steps(queue, id));
  }

  @Override
  public List<StepValue> briefSteps(String queue, String id) {
    return admins.at(queue, admin -> admin.briefSteps(queue, id));
  }

  @Override
  public Reset resetExpired(String queue, int limit) {
    return admins.at(queue, admin -> admin.resetExpired(queue, limit));
  }

  @Override
  public Cancellation cancel(String queue, String id) {
    return admins.at(queue, admin -> admin.cancel(queue, id));
  }

  @Override
  public Requeue requeue(String queue, String id, Requeueing how) {
    return admins.at(queue, admin -> admin.requeue(queue, id, how));
  }

  @Override
  public Change change(String queue, String id, JobChange change) {
    return admins.at(queue, admin -> admin.change(queue, id, change));
  }

  @Override
  public boolean delete(String queue, String id) {
    return admins.at(queue, admin -> admin.delete(queue, id));
  }

  @Override
  public JobPiece cancel(JobFilter filter, @Nullable String after, int limit) {
    return piece(filter, after, (admin, from) -> admin.cancel(filter, from, limit));
  }

  @Override
  public JobPiece requeue(JobFilter filter, Requeueing how, @Nullable String after, int limit) {
    return piece(filter, after, (admin, from) -> admin.requeue(filter, how, from, limit));
  }

  @Override
  public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
    return piece(filter, after, (admin, from) -> admin.delete(filter, from, limit));
  }

  /** Changes a piece of the jobs of a store. */
  private interface PieceCall {
    JobPiece of(JobAdmin admin, @Nullable String after);
  }

  /** A piece is of one store, since no more jobs may be changed than the limit says [Q92]. */
  private JobPiece piece(JobFilter filter, @Nullable String after, PieceCall call) {
    Limits.notNull("filter", filter);
    String queue = filter.queue();
    if (queue != null) {
      return admins.at(queue, admin -> call.of(admin, after));
    }
    var places = new Places(admins.stores(), after);
    RoutedStore next = places.unread().get(0);
    Answers<JobPiece> answers =
        admins.inEach(List.of(next), (store, admin) -> call.of(admin, places.after(store)));
    places.leaveOut(answers.failed());
    if (places.isNothingLeft()) {
      answers.orThrow();
    }
    int changed = 0;
    Set<String> missing = new LinkedHashSet<>(places.missing());
    for (JobPiece piece : answers.values().values()) {
      places.goOn(next, piece.next());
      changed = piece.changed();
      missing.addAll(piece.missing());
    }
    return JobPiece.of(changed, places.next()).withMissing(List.copyOf(missing));
  }

  @Override
  public void pause(String queue) {
    admins.run(queue, admin -> admin.pause(queue));
  }

  @Override
  public void resume(String queue) {
    admins.run(queue, admin -> admin.resume(queue));
  }

  @Override
  public int purge(String queue, Duration olderThan, int limit) {
    return admins.at(queue, admin -> admin.purge(queue, olderThan, limit));
  }

  @Override
  public int purge(String queue, int limit) {
    return admins.at(queue, admin -> admin.purge(queue, limit));
  }

  @Override
  public JobAdmin by(Operator operator) {
    return new RoutedAdmin(admins.map(admin -> admin.by(operator)));
  }

  @Override
  public ActionPage actions(ActionQuery query) {
    Limits.notNull("query", query);
    String queue = query.queue();
    if (queue != null) {
      return admins.at(queue, admin -> admin.actions(query));
    }
    var places = new Places(admins.stores(), query.after());
    Page<OperatorAction> page =
        new MergedPages<>(
                places,
                Comparator.comparing(OperatorAction::at).reversed(),
                limits ->
                    admins.inEach(
                        limits.keySet(),
                        (store, admin) ->
                            page(
                                admin.actions(
                                    query
                                        .after(places.after(store))
                                        .limit(Objects.requireNonNull(limits.get(store)))))))
            .read(query.limit());
    return ActionPage.of(page.items(), page.next()).withMissing(page.missing());
  }

  private static Page<OperatorAction> page(ActionPage page) {
    return new Page<>(page.actions(), page.next(), 0, page.missing());
  }

  @Override
  public int purgeActions(String queue, Duration olderThan, int limit) {
    return admins.at(queue, admin -> admin.purgeActions(queue, olderThan, limit));
  }
}
