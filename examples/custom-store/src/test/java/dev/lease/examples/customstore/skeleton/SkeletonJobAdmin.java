package dev.lease.examples.customstore.skeleton;

import dev.lease.FailedAttempt;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.Limits;
import dev.lease.Requeueing;
import dev.lease.Reset;
import dev.lease.StepValue;
import dev.lease.StoreCounts;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;

/** Finds no job. */
final class SkeletonJobAdmin implements JobAdmin {

  /** All of these are needed. One that a later version of Lease adds is refused [Q83]. */
  private static final EnumSet<JobFilter.Condition> CONDITIONS =
      EnumSet.range(JobFilter.Condition.QUEUE, JobFilter.Condition.FINISHED);

  private static final EnumSet<JobOrder> ORDERS =
      EnumSet.of(JobOrder.OLDEST_FIRST, JobOrder.NEWEST_FIRST, JobOrder.LAST_FINISHED_FIRST);

  @Override
  public JobPage list(JobQuery query) {
    Limits.notNull("query", query).requireKnown(CONDITIONS, ORDERS);
    return JobPage.of(List.of(), null, 0);
  }

  @Override
  public List<FailedAttempt> failedAttempts(String queue, String id) {
    check(queue, id);
    return List.of();
  }

  @Override
  public List<StepValue> steps(String queue, String id) {
    check(queue, id);
    return List.of();
  }

  @Override
  public StoreCounts counts() {
    return StoreCounts.of(List.of());
  }

  @Override
  public Reset resetExpired(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    return Reset.of(0, List.of());
  }

  @Override
  public Cancellation cancel(String queue, String id) {
    check(queue, id);
    return Cancellation.NOT_FOUND;
  }

  @Override
  public Requeue requeue(String queue, String id, Requeueing how) {
    check(queue, id);
    Limits.notNull("how", how);
    return Requeue.NOT_FOUND;
  }

  @Override
  public Change change(String queue, String id, JobChange change) {
    check(queue, id);
    Limits.notNull("change", change);
    return Change.NOT_FOUND;
  }

  @Override
  public boolean delete(String queue, String id) {
    check(queue, id);
    return false;
  }

  @Override
  public void pause(String queue) {
    Limits.name("queue", queue);
  }

  @Override
  public void resume(String queue) {
    Limits.name("queue", queue);
  }

  @Override
  public int purge(String queue, Duration olderThan, int limit) {
    Limits.name("queue", queue);
    Limits.delay("olderThan", olderThan);
    Limits.limit(limit);
    return 0;
  }

  @Override
  public int purge(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    return 0;
  }

  private static void check(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
  }
}
