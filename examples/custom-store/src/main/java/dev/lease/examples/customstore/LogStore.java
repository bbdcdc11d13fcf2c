package dev.lease.examples.customstore;

import static dev.lease.Limits.MAX_BATCH;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Instant.EPOCH;
import static java.util.Comparator.comparingInt;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.FinishedJob;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.NameRange;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Leases and jobs in an append-only file, for the processes of one machine. */
public final class LogStore implements Backend, LeaseStore, JobQueue {

  private final Log log;

  /**
   * Opens a store.
   *
   * @param file the log; its directory must exist. All stores of a JVM must use the same path for
   *     it
   * @param clock the clock of the machine, which decides every expiry
   */
  public LogStore(Path file, InstantSource clock) {
    this.log = new Log(file, clock);
  }

  /** Closes this object. It releases no lease and keeps the file. */
  @Override
  public void close() {
    log.close();
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.LEASES, Capability.JOBS, Capability.ADMIN, Capability.HINTS);
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
  public JobAdmin jobAdmin() {
    return new LogAdmin(log);
  }

  /** A call waits for those of other processes, each of which writes a line. */
  @Override
  public Duration longestCall() {
    return StoredJob.LONGEST_CALL;
  }

  @Override
  public Optional<Lease> acquire(String name, String owner, Duration leaseDuration) {
    Limits.name("lease name", name);
    Limits.name("owner", owner);
    Limits.lease("leaseDuration", leaseDuration);
    return log.run(
        data -> {
          Optional<Lease> last = Optional.ofNullable(data.leases.get(name));
          if (last.filter(lease -> isLive(lease, data)).isPresent()) {
            return Optional.empty();
          }
          long token = data.nextToken(last.map(Lease::token).orElse(0L));
          Instant end = data.endOf(leaseDuration);
          return Optional.of(data.put(Lease.of(name, owner, token, end, data.now)));
        });
  }

  @Override
  public Optional<Lease> renew(Lease lease, Duration leaseDuration) {
    Limits.notNull("lease", lease);
    Limits.lease("leaseDuration", leaseDuration);
    return log.run(
        data ->
            held(data, lease).map(it -> data.put(it.until(data.endOf(leaseDuration), data.now))));
  }

  @Override
  public boolean release(Lease lease) {
    Limits.notNull("lease", lease);
    return log.run(
        data -> held(data, lease).map(held -> data.put(held.until(EPOCH, data.now))).isPresent());
  }

  @Override
  public Optional<Lease> find(String name) {
    Limits.name("lease name", name);
    return log.run(
        data ->
            Optional.ofNullable(data.leases.get(name))
                .filter(lease -> isLive(lease, data))
                .map(lease -> lease.until(lease.expiresAt(), data.now)));
  }

  @Override
  public LeasePage list(String prefix, @Nullable String after, int limit) {
    NameRange range = NameRange.of(prefix, after);
    Limits.limit(limit);
    return log.run(
        data ->
            LeasePage.upTo(
                limit,
                data.leases.subMap(range.from(), range.end()).values().stream()
                    .filter(lease -> isLive(lease, data))
                    .limit(limit)
                    .map(lease -> lease.until(lease.expiresAt(), data.now))
                    .toList()));
  }

  private static Optional<Lease> held(Data data, Lease lease) {
    return Optional.ofNullable(data.leases.get(lease.name()))
        .filter(last -> last.token() == lease.token() && last.owner().equals(lease.owner()))
        .filter(last -> isLive(last, data));
  }

  private static boolean isLive(Lease lease, Data data) {
    return data.now.isBefore(lease.expiresAt());
  }

  @Override
  public List<Enqueued> enqueue(List<NewJob> jobs) {
    List<NewJob> batch = NewJob.requireNoKeys(Limits.batch("jobs", jobs));
    return log.run(data -> batch.stream().map(job -> enqueue(data, job)).toList());
  }

  private static Enqueued enqueue(Data data, NewJob job) {
    return Optional.ofNullable(data.jobs(job.queue()).get(job.id()))
        .filter(it -> !it.gone || it.isKeyKept(data.now))
        .or(() -> data.holdersOf(job.queue(), job.dedupKey()).findFirst())
        .map(existing -> Enqueued.of(existing.job.id(), false))
        .orElseGet(() -> Enqueued.of(data.add(job).job.id(), true));
  }

  @Override
  public Claim claim(ClaimRequest request) {
    Limits.notNull("request", request);
    return log.run(
        data -> {
          List<ClaimedJob> claimed = new ArrayList<>();
          List<FinishedJob> finished = new ArrayList<>();
          long bytes = 0;
          for (StoredJob job : upForClaim(data, request)) {
            boolean isSpent = job.isSpent(data.now);
            bytes += isSpent ? 0 : job.job.payload().getBytes(UTF_8).length;
            boolean isTooMuch = !claimed.isEmpty() && bytes > request.maxBytes();
            if (claimed.size() == request.limit() || isTooMuch || finished.size() == MAX_BATCH) {
              return Claim.of(claimed, finished, true);
            }
            if (isSpent) {
              finished.add(FinishedJob.of(job.loseHold(data.now).job));
            } else {
              Instant end = data.endOf(request.leaseDuration());
              long token = data.nextToken(job.job.token());
              claimed.add(job.loseHold(data.now).claim(request.owner(), token, data.now, end));
            }
            data.put(job);
          }
          return Claim.of(claimed, finished, false);
        });
  }

  /** The jobs in the order of claims [Q13]. */
  private static List<StoredJob> upForClaim(Data data, ClaimRequest request) {
    boolean gives = request.limit() > 0 && !data.paused.contains(request.queue());
    return data.present(request.queue())
        .filter(job -> gives && job.isUpForClaim(data.now))
        .sorted(
            comparingInt((StoredJob job) -> -job.job.priority())
                .thenComparing(job -> job.job.dueAt())
                .thenComparing(job -> job.number))
        .toList();
  }

  @Override
  public List<Extension> extend(List<JobLease> leases, Duration leaseDuration) {
    List<JobLease> batch = Limits.batch("leases", leases);
    Limits.lease("leaseDuration", leaseDuration);
    return log.run(
        data -> batch.stream().map(l -> extend(data, l, data.endOf(leaseDuration))).toList());
  }

  private static Extension extend(Data data, JobLease lease, Instant end) {
    return held(data, lease)
        .filter(job -> !job.isExpired(data.now))
        .map(job -> data.put(job.extend(end)))
        .<Extension>map(job -> Extension.held(end, job.job.cancelRequested()))
        .orElseGet(Extension::lost);
  }

  @Override
  public List<Settlement.Result> settle(List<Settlement> settlements) {
    List<Settlement> batch = Settlement.batch(settlements, StoredJob.SETTLEMENTS);
    return log.run(data -> batch.stream().map(each -> settle(data, each)).toList());
  }

  private static Settlement.Result settle(Data data, Settlement settlement) {
    return held(data, settlement.lease())
        .map(job -> data.put(job.settle(settlement, data.now)))
        .map(job -> Settlement.Result.ACCEPTED)
        .orElse(Settlement.Result.LOST);
  }

  @Override
  public boolean progress(JobLease lease, Progress progress) {
    Limits.notNull("progress", progress);
    return onHeld(lease, (data, job) -> data.put(job.with(it -> it.progress(progress))))
        .isPresent();
  }

  @Override
  public Optional<String> checkpoint(JobLease lease, String step, String value) {
    Limits.name("step", step);
    Limits.text("checkpoint", value);
    return onHeld(lease, (data, job) -> data.put(job).steps.computeIfAbsent(step, it -> value));
  }

  @Override
  public Optional<Map<String, String>> checkpoints(JobLease lease) {
    return onHeld(lease, (data, job) -> new LinkedHashMap<>(job.steps));
  }

  private <T> Optional<T> onHeld(JobLease lease, BiFunction<Data, StoredJob, T> operation) {
    Limits.notNull("lease", lease);
    return log.run(data -> held(data, lease).map(job -> operation.apply(data, job)));
  }

  @Override
  public Optional<Job> find(String queue, String id) {
    Limits.name("queue", queue);
    Limits.name("job id", id);
    return log.run(data -> data.job(queue, id).map(job -> job.asOf(data.now)));
  }

  @Override
  public Subscription onWork(String queue, Runnable hint) {
    Limits.name("queue", queue);
    Limits.notNull("hint", hint);
    Runnable mine = () -> ForkJoinPool.commonPool().execute(hint); // apart from all others
    List<Runnable> ofQueue = log.hints.computeIfAbsent(queue, q -> new CopyOnWriteArrayList<>());
    log.run(data -> ofQueue.add(mine));
    return () -> ofQueue.remove(mine);
  }

  @Override
  public void hint(String queue) {
    Limits.name("queue", queue);
    log.run(data -> data.withWork.add(queue));
  }

  /** The token is the credential. It is good until the next claim, even after expiry [Q28]. */
  private static Optional<StoredJob> held(Data data, JobLease lease) {
    return data.job(lease.queue(), lease.jobId())
        .filter(job -> job.job.lease() != null && job.job.token() == lease.token());
  }
}
