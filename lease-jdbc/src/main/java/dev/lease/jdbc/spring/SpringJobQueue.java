package dev.lease.jdbc.spring;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.jdbc.JdbcBackend;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The queues of a store, which enqueue in the transaction around the caller if there is one. */
record SpringJobQueue(JdbcBackend backend, JobQueue real, SpringTransaction transaction)
    implements JobQueue {

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    Connection connection = transaction.connection();
    if (connection == null) {
      return real.enqueue(jobs);
    }
    List<Enqueued> enqueued = backend.enqueue(connection, jobs);
    transaction.hint(real, jobs.stream().map(NewJob::queue).collect(Collectors.toSet()));
    return enqueued;
  }

  @Override
  public Claim claim(ClaimRequest request) {
    return real.claim(request);
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration leaseDuration) {
    return real.extend(leases, leaseDuration);
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    return real.settle(settlements);
  }

  @Override
  public SettledAndClaimed settleAndClaim(List<Settlement> settlements, ClaimRequest request) {
    return real.settleAndClaim(settlements, request);
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    return real.progress(lease, progress);
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    return real.checkpoint(lease, step, value);
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    return real.checkpoints(lease);
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    return real.find(queue, id);
  }

  @Override
  public Subscription onWork(String queue, Runnable hint) {
    return real.onWork(queue, hint);
  }

  @Override
  public void hint(String queue) {
    real.hint(queue);
  }
}
