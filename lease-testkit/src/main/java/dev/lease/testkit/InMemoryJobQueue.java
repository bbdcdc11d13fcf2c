package dev.lease.testkit;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Job queues as the contract defines them, Q01 to Q95. Each call checks its arguments and then
 * runs, as one atomic operation, the method of the same name on the data. The changes of a job are
 * in {@link InMemoryJob}.
 */
class InMemoryJobQueue implements JobQueue {

  private static final Set<Class<? extends Settlement>> KNOWN =
      Set.of(
          Settlement.Done.class,
          Settlement.Retry.class,
          Settlement.Failed.class,
          Settlement.Cancelled.class,
          Settlement.Released.class);

  final InMemorySession session;

  InMemoryJobQueue(InMemorySession session) {
    this.session = session;
  }

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    List<NewJob> batch = Limits.batch("jobs", jobs);
    return session.run(
        (data, now) -> {
          List<Enqueued> answers = batch.stream().map(job -> enqueue(data, now, job)).toList();
          for (NewJob job : batch) {
            data.job(job.queue(), job.id()).ifPresent(made -> data.admit(made, now));
          }
          for (NewJob job : batch) {
            data.job(job.queue(), job.id()).ifPresent(InMemoryJob::stored);
          }
          return answers;
        });
  }

  Enqueued enqueue(InMemoryData data, Instant now, NewJob job) {
    Optional<String> taken = taken(data, now, job);
    if (taken.isPresent()) {
      return Enqueued.of(taken.get(), false);
    }
    InMemoryJob made = data.newJob(job, now);
    data.add(made);
    data.keepKey(made);
    data.wake(job.queue());
    return Enqueued.of(job.id(), true);
  }

  /** The id of the job that has the id or the dedup key of a new one [Q02-Q05, Q82]. */
  static Optional<String> taken(InMemoryData data, Instant now, NewJob job) {
    String dedupKey = job.dedupKey();
    if (data.job(job.queue(), job.id()).isPresent()) {
      return Optional.of(job.id());
    }
    Optional<InMemoryJob> holder =
        dedupKey == null ? Optional.empty() : data.holderOf(job.queue(), dedupKey);
    if (holder.isPresent()) {
      return holder.map(InMemoryJob::id);
    }
    if (data.keepsKey(job.queue(), job.id(), now)) {
      return Optional.of(job.id());
    }
    return dedupKey == null ? Optional.empty() : data.keeperOf(job.queue(), dedupKey, now);
  }

  @Override
  public Claim claim(ClaimRequest request) {
    Limits.notNull("request", request);
    return session.run((data, now) -> claim(data, now, request));
  }

  Claim claim(InMemoryData data, Instant now, ClaimRequest request) {
    if (request.limit() == 0) {
      return Claim.empty();
    }
    data.admitAll(request.queue(), now);
    List<ClaimedJob> claimed = new ArrayList<>();
    List<FinishedJob> finished = new ArrayList<>();
    boolean more = claim(data, now, request, claimed, finished);
    return Claim.of(claimed, finished, more);
  }

  /** Claims, and finishes what is spent. Returns whether a bound stopped it. */
  private boolean claim(
      InMemoryData data,
      Instant now,
      ClaimRequest request,
      List<ClaimedJob> claimed,
      List<FinishedJob> finished) {
    long bytes = 0;
    List<InMemoryJob> rest = new ArrayList<>(upForClaim(data, now, request.queue()));
    while (!rest.isEmpty()) {
      if (claimed.size() == request.limit() || finished.size() == Limits.MAX_BATCH) {
        return true;
      }
      InMemoryJob job = rest.remove(0);
      if (job.finishesWhenMet(now)) {
        job.finishSpent(now);
        finished.add(job.finished());
        data.admit(job, now).forEach(opened -> insert(rest, opened));
        continue;
      }
      bytes += job.payloadBytes();
      if (!claimed.isEmpty() && bytes > request.maxBytes()) {
        return true;
      }
      if (job.isExpired(now)) {
        job.loseHold(now);
      }
      claimed.add(
          job.claim(request.owner(), data.nextJobToken(job, now), request.leaseDuration(), now));
    }
    return false;
  }

  /** Behind those that are before it in the order of claims. */
  private static void insert(List<InMemoryJob> rest, InMemoryJob opened) {
    int place = 0;
    while (place < rest.size() && InMemoryJob.CLAIM_ORDER.compare(rest.get(place), opened) <= 0) {
      place++;
    }
    rest.add(place, opened);
  }

  List<InMemoryJob> upForClaim(InMemoryData data, Instant now, String queue) {
    if (data.pausedQueues.contains(queue)) {
      return List.of();
    }
    return data.jobs(queue).stream()
        .filter(job -> job.isUpForClaim(now))
        .sorted(InMemoryJob.CLAIM_ORDER)
        .toList();
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration duration) {
    List<JobLease> batch = Limits.batch("leases", leases);
    Limits.lease("duration", duration);
    return session.run(
        (data, now) -> batch.stream().map(lease -> extend(data, now, lease, duration)).toList());
  }

  Extension extend(InMemoryData data, Instant now, JobLease lease, Duration duration) {
    return held(data, lease).map(job -> job.extend(duration, now)).orElseGet(Extension::lost);
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    List<Settlement> batch = Settlement.batch(settlements, KNOWN);
    return session.run(
        (data, now) -> batch.stream().map(settlement -> settle(data, now, settlement)).toList());
  }

  Settlement.Result settle(InMemoryData data, Instant now, Settlement settlement) {
    Optional<InMemoryJob> held = held(data, settlement.lease());
    if (held.isEmpty()) {
      return Settlement.Result.LOST;
    }
    InMemoryJob job = held.get();
    if (settlement instanceof Settlement.Done done) {
      job.done(done.result(), now);
    } else if (settlement instanceof Settlement.Failed failed) {
      job.fail(failed.error(), now);
    } else if (settlement instanceof Settlement.Cancelled cancelled) {
      job.giveUp(cancelled.reason(), now);
    } else if (settlement instanceof Settlement.Retry retry) {
      job.retry(retry.delay(), retry.error(), now);
      putOff(data, job, retry.delay());
    } else if (settlement instanceof Settlement.Released released) {
      job.release(released.delay(), now);
      putOff(data, job, released.delay());
    }
    data.admit(job, now);
    if (!job.state().isFinished()) {
      data.wake(job.queue());
    }
    return Settlement.Result.ACCEPTED;
  }

  private static void putOff(InMemoryData data, InMemoryJob job, Duration delay) {
    if (!delay.isZero()) {
      job.putOff(data.limits(job.queue()).isInOrder(job));
    }
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    Limits.notNull("lease", lease);
    Limits.notNull("progress", progress);
    return session.run((data, now) -> progress(data, lease, progress));
  }

  boolean progress(InMemoryData data, JobLease lease, Progress progress) {
    Optional<InMemoryJob> held = held(data, lease);
    held.ifPresent(job -> job.progress(progress));
    return held.isPresent();
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.text("checkpoint", value);
    return session.run((data, now) -> checkpoint(data, lease, step, value));
  }

  Optional<String> checkpoint(InMemoryData data, JobLease lease, String step, String value) {
    return held(data, lease).map(job -> job.checkpoint(step, value));
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    Limits.notNull("lease", lease);
    return session.run((data, now) -> checkpoints(data, lease));
  }

  Optional<Map<String, String>> checkpoints(InMemoryData data, JobLease lease) {
    return held(data, lease)
        .map(job -> Collections.unmodifiableMap(new LinkedHashMap<>(job.checkpoints)));
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return session.run((data, now) -> find(data, now, queue, id));
  }

  Optional<Job> find(InMemoryData data, Instant now, String queue, String id) {
    return data.job(queue, id).map(job -> job.asOf(now));
  }

  @Override
  public Subscription onWork(String queue, Runnable hint) {
    Limits.name("queue", queue);
    Limits.notNull("hint", hint);
    return session.hints().add(queue, hint);
  }

  @Override
  public void hint(String queue) {
    Limits.name("queue", queue);
    session.run(
        (data, now) -> {
          data.wake(queue);
          return queue;
        });
  }

  Optional<InMemoryJob> held(InMemoryData data, JobLease lease) {
    return data.job(lease.queue(), lease.jobId()).filter(job -> job.isHeldBy(lease));
  }
}
