package dev.lease.examples.customstore.skeleton;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Keeps no job. */
final class SkeletonJobQueue implements JobQueue {

  private static final Set<Class<? extends Settlement>> SETTLEMENTS =
      Set.of(
          Settlement.Done.class,
          Settlement.Retry.class,
          Settlement.Failed.class,
          Settlement.Cancelled.class,
          Settlement.Released.class);

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    List<NewJob> batch = NewJob.requireNoKeys(Limits.batch("jobs", jobs));
    return batch.stream().map(job -> Enqueued.of(job.id(), false)).toList();
  }

  @Override
  public Claim claim(ClaimRequest request) {
    Limits.notNull("request", request);
    return Claim.empty();
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration leaseDuration) {
    List<JobLease> batch = Limits.batch("leases", leases);
    Limits.lease("leaseDuration", leaseDuration);
    return batch.stream().<Extension>map(lease -> Extension.lost()).toList();
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    List<Settlement> batch = Settlement.batch(settlements, SETTLEMENTS);
    return batch.stream().map(settlement -> Settlement.Result.LOST).toList();
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    Limits.notNull("lease", lease);
    Limits.notNull("progress", progress);
    return false;
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.text("checkpoint", value);
    return Optional.empty();
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    Limits.notNull("lease", lease);
    return Optional.empty();
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return Optional.empty();
  }
}
