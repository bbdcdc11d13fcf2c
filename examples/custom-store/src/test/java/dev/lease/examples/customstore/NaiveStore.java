package dev.lease.examples.customstore;

import static java.util.Comparator.comparing;
import static java.util.Comparator.comparingInt;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A typical first version: a file per queue, read before each call and written after it. It works
 * whenever you try it out. It is here for the report of the kit. Do not use it.
 */
final class NaiveStore implements Backend, LeaseStore, JobQueue {

  private final Path directory;
  private final InstantSource clock;

  NaiveStore(Path directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  private synchronized <T> T in(String name, Function<Data, T> operation) {
    File file = directory.resolve(name + ".json").toFile();
    var data = new Data();
    if (file.exists()) {
      data.replay(Log.JSON.readValue(file, Data.Line.class));
    }
    data.begin(clock.instant());
    T answer = operation.apply(data);
    List<StoredLease> leases = data.leases.values().stream().map(StoredLease::of).toList();
    List<StoredJob> jobs = List.copyOf(data.jobs(name).values());
    Log.JSON.writeValue(file, new Data.Line(leases, jobs, Map.of()));
    return answer;
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.LEASES, Capability.JOBS);
  }

  @Override
  public LeaseStore leaseStore() {
    return this;
  }

  @Override
  public JobQueue jobQueue() {
    return this;
  }

  @Override
  public Duration longestCall() {
    return Duration.ofMinutes(1);
  }

  @Override
  public void close() {}

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.lease("leaseDuration", leaseDuration);
    return in(
        "leases",
        data -> {
          Lease last = data.leases.get(name);
          if (last != null && isLive(last, data) && !last.owner().equals(owner)) {
            return Optional.empty();
          }
          long token = last == null ? 1 : last.token() + 1;
          return Optional.of(
              data.put(Lease.of(name, owner, token, data.endOf(leaseDuration), data.now)));
        });
  }

  private static boolean isLive(Lease lease, Data data) {
    return !data.now.isAfter(lease.expiresAt());
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    Limits.notNull("lease", lease);
    Limits.lease("leaseDuration", leaseDuration);
    return in(
        "leases",
        data ->
            Optional.ofNullable(data.leases.get(lease.name()))
                .filter(held -> held.owner().equals(lease.owner()))
                .map(held -> data.put(until(data.endOf(leaseDuration), held, data))));
  }

  private static Lease until(Instant end, Lease lease, Data data) {
    return Lease.of(lease.name(), lease.owner(), lease.token(), end, data.now);
  }

  @Override
  public boolean release(Lease lease) {
    Limits.notNull("lease", lease);
    return in("leases", data -> data.leases.remove(lease.name()) != null);
  }

  @Override
  public Optional<Lease> find(String name) {
    Limits.name("lease name", name);
    return in(
        "leases",
        data ->
            Optional.ofNullable(data.leases.get(name))
                .filter(lease -> isLive(lease, data))
                .map(lease -> until(lease.expiresAt(), lease, data)));
  }

  @Override
  public LeasePage list(String prefix, @Nullable String after, int limit) {
    Limits.limit(limit);
    return in(
        "leases",
        data ->
            LeasePage.upTo(
                limit,
                data.leases.values().stream()
                    .filter(lease -> isLive(lease, data) && lease.name().startsWith(prefix))
                    .filter(lease -> after == null || lease.name().compareTo(after) > 0)
                    .sorted(comparing(Lease::name))
                    .limit(limit)
                    .map(lease -> until(lease.expiresAt(), lease, data))
                    .toList()));
  }

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    return Limits.batch("jobs", jobs).stream()
        .map(job -> in(job.queue(), data -> enqueue(data, job)))
        .toList();
  }

  private static Enqueued enqueue(Data data, NewJob job) {
    for (StoredJob old : data.jobs(job.queue()).values()) {
      boolean sameKey = job.dedupKey() != null && job.dedupKey().equals(old.job.dedupKey());
      if (sameKey || job.id().equals(old.job.id())) {
        return Enqueued.of(old.job.id(), false);
      }
    }
    data.add(job);
    return Enqueued.of(job.id(), true);
  }

  @Override
  public Claim claim(ClaimRequest request) {
    Limits.notNull("request", request);
    return in(
        request.queue(),
        data ->
            Claim.of(
                data.jobs(request.queue()).values().stream()
                    .filter(job -> job.isUpForClaim(data.now))
                    .sorted(
                        comparingInt((StoredJob job) -> -job.job.priority())
                            .thenComparing(job -> job.job.dueAt()))
                    .limit(request.limit())
                    .map(
                        job ->
                            job.claim(
                                request.owner(),
                                job.job.attempts() + 1,
                                data.now,
                                data.endOf(request.leaseDuration())))
                    .toList(),
                List.of(),
                false));
  }

  /** The job is held by the worker that claimed it. */
  private static Optional<StoredJob> held(Data data, JobLease lease) {
    return Optional.ofNullable(data.jobs(lease.queue()).get(lease.jobId()))
        .filter(job -> job.job.lease() != null && job.job.lease().owner().equals(lease.owner()));
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration leaseDuration) {
    Limits.lease("leaseDuration", leaseDuration);
    return Limits.batch("leases", leases).stream()
        .map(lease -> in(lease.queue(), data -> extend(data, lease, data.endOf(leaseDuration))))
        .toList();
  }

  private static Extension extend(Data data, JobLease lease, Instant end) {
    return held(data, lease)
        .map(job -> job.extend(end))
        .<Extension>map(job -> Extension.held(end, false))
        .orElseGet(Extension::lost);
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    return Limits.batch("settlements", settlements).stream()
        .map(each -> in(each.lease().queue(), data -> settle(data, each)))
        .toList();
  }

  private static Settlement.Result settle(Data data, Settlement settlement) {
    return held(data, settlement.lease())
        .map(job -> job.settle(settlement, data.now))
        .map(job -> Settlement.Result.ACCEPTED)
        .orElse(Settlement.Result.LOST);
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    Limits.notNull("lease", lease);
    Limits.notNull("progress", progress);
    return in(
        lease.queue(),
        data -> held(data, lease).map(job -> job.with(it -> it.progress(progress))).isPresent());
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    Limits.notNull("lease", lease);
    Limits.name("step", step);
    Limits.text("checkpoint", value);
    return in(
        lease.queue(),
        data -> held(data, lease).map(job -> job.steps.merge(step, value, (old, now) -> now)));
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    Limits.notNull("lease", lease);
    return in(lease.queue(), data -> held(data, lease).map(job -> job.steps));
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return in(
        queue,
        data -> Optional.ofNullable(data.jobs(queue).get(id)).map(job -> job.asOf(data.now)));
  }
}
