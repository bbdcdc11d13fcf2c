package dev.lease.worker;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/** A store around which a test puts what goes wrong; each call is recorded. */
final class FaultyQueue implements JobQueue {

  /** What happens instead of a call. */
  interface Fault<A, R> {
    R around(A argument, Supplier<R> call) throws Exception;
  }

  private final JobQueue real;

  volatile Fault<List<NewJob>, List<Enqueued>> onEnqueue = (jobs, call) -> call.get();
  volatile Fault<String, Claim> onClaim = (queue, call) -> call.get();
  volatile Fault<List<JobLease>, List<Extension>> onExtend = (leases, call) -> call.get();
  volatile Fault<List<Settlement>, List<Settlement.Result>> onSettle = (all, call) -> call.get();
  volatile Fault<Progress, Boolean> onProgress = (progress, call) -> call.get();
  volatile Fault<JobLease, Optional<Map<String, String>>> onCheckpoints =
      (lease, call) -> call.get();
  volatile Fault<String, Optional<String>> onCheckpoint = (step, call) -> call.get();

  volatile Fault<String, Optional<Job>> onFind = (id, call) -> call.get();
  volatile Fault<String, Subscription> onSubscribe = (queue, call) -> call.get();

  final List<Integer> claims = new CopyOnWriteArrayList<>();
  final List<List<String>> extended = new CopyOnWriteArrayList<>();
  final List<List<Settlement>> settled = new CopyOnWriteArrayList<>();
  final List<Progress> progressed = new CopyOnWriteArrayList<>();
  final List<String> checkpointed = new CopyOnWriteArrayList<>();
  final List<Thread> extenders = new CopyOnWriteArrayList<>();

  FaultyQueue(JobQueue real) {
    this.real = real;
  }

  private static <A, R> R around(Fault<A, R> fault, A argument, Supplier<R> call) {
    try {
      return fault.around(argument, call);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    return around(onEnqueue, jobs, () -> real.enqueue(jobs));
  }

  @Override
  public Claim claim(ClaimRequest request) {
    claims.add(request.limit());
    return around(onClaim, request.queue(), () -> real.claim(request));
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration duration) {
    extended.add(leases.stream().map(JobLease::jobId).toList());
    extenders.add(Thread.currentThread());
    return around(onExtend, leases, () -> real.extend(leases, duration));
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    settled.add(settlements);
    return around(onSettle, settlements, () -> real.settle(settlements));
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    progressed.add(progress);
    return around(onProgress, progress, () -> real.progress(lease, progress));
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    checkpointed.add(step);
    return around(onCheckpoint, step, () -> real.checkpoint(lease, step, value));
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    return around(onCheckpoints, lease, () -> real.checkpoints(lease));
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    return around(onFind, id, () -> real.find(queue, id));
  }

  @Override
  public Subscription onWork(String queue, Runnable hint) {
    return around(onSubscribe, queue, () -> real.onWork(queue, hint));
  }

  @Override
  public void hint(String queue) {
    real.hint(queue);
  }
}
