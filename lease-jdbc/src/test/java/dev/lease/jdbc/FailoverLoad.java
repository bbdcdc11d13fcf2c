package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Producers, workers and a holder of a named lease, with a journal of what the store has
 * acknowledged to them. Each job places an order at a service that remembers keys, keeps the number
 * of the order as a checkpoint, and has it as its result.
 */
final class FailoverLoad implements AutoCloseable {

  /**
   * What the store had acknowledged and did not know any more.
   *
   * @param jobs enqueued, and not there
   * @param claims said to be lost within their lease, which was neither settled nor given away
   * @param checkpoints not there when the job was claimed again
   * @param settlements of jobs that were claimed again
   * @param leases named leases that were lost within their time
   * @param over claims of keys whose one slot another claim had, which was neither settled nor
   *     known to be lost, and within its lease
   */
  record Lost(
      Set<String> jobs,
      Set<String> claims,
      Set<String> checkpoints,
      Set<String> settlements,
      Set<Long> leases,
      Queue<Over> over) {

    Lost() {
      this(
          ConcurrentHashMap.newKeySet(),
          ConcurrentHashMap.newKeySet(),
          ConcurrentHashMap.newKeySet(),
          ConcurrentHashMap.newKeySet(),
          ConcurrentHashMap.newKeySet(),
          new ConcurrentLinkedQueue<>());
    }

    boolean nothing() {
      return jobs.isEmpty()
          && claims.isEmpty()
          && checkpoints.isEmpty()
          && settlements.isEmpty()
          && leases.isEmpty()
          && over.isEmpty();
    }

    @Override
    public String toString() {
      return "lost: %d jobs, %d claims, %d checkpoints, %d settlements (these jobs ran again), %d named leases; %d claims over the limits of keys"
          .formatted(
              jobs.size(),
              claims.size(),
              checkpoints.size(),
              settlements.size(),
              leases.size(),
              over.size());
    }
  }

  /** A token, with the places of request and answer in the order of all requests and answers. */
  private record Grant(long token, long asked, long answered) {}

  /** Who has the slot of a key. The place is as in {@link Grant}. */
  private record Holder(String key, JobLease lease, long answered, long start) {
    boolean isWithinLease() {
      return System.nanoTime() - start < LEASE.toNanos();
    }
  }

  /**
   * A claim that got a slot which another one had.
   *
   * @param had the place of the other one's answer
   */
  record Over(String job, long had) {}

  /** What was acknowledged about one job. The places are as in {@link Grant}; 0 if not yet. */
  private static final class Acknowledged {
    final Queue<Grant> claims = new ConcurrentLinkedQueue<>();
    volatile long checkpoint;
    volatile long settlement;
  }

  private static final String QUEUE = "q";
  private static final String STEP = "place";

  /** Long enough for a thread that is kept from its work, short enough to wait for. */
  private static final Duration LEASE = Duration.ofSeconds(5);

  private static final int BATCH = 5;
  private static final int MAX_UNDONE = 100;

  /** Each has one slot. */
  private static final int KEYS = 30;

  private final JobQueue jobs;
  private final LeaseStore leases;
  private final Semaphore room = new Semaphore(MAX_UNDONE);
  private final AtomicLong order = new AtomicLong();
  private final AtomicInteger next = new AtomicInteger();
  private final Set<String> made = ConcurrentHashMap.newKeySet();
  private final Map<String, Acknowledged> acknowledged = new ConcurrentHashMap<>();
  private final Set<Holder> holders = ConcurrentHashMap.newKeySet();
  private final Queue<Grant> leaseGrants = new ConcurrentLinkedQueue<>();
  private final AtomicInteger done = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private final Lost lost = new Lost();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final List<Thread> producers = new ArrayList<>();
  private final List<Thread> workers = new ArrayList<>();

  /** The service: the number of each order by its key. */
  private final Map<String, String> orders = new ConcurrentHashMap<>();

  private final AtomicInteger placed = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private volatile @Nullable StoreException lastFailure;
  private volatile boolean producing = true;
  private volatile boolean working = true;

  FailoverLoad(JdbcBackend backend) {
    jobs = backend.jobQueue();
    leases = backend.leaseStore();
    backend.admission().limit(QUEUE, null, KeyLimit.of(1));
    for (int i = 0; i < 2; i++) {
      producers.add(start("producer", this::produce));
      workers.add(start("worker", this::work));
    }
    workers.add(start("holder", this::hold));
  }

  private Thread start(String role, Runnable task) {
    var thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (RuntimeException | Error e) {
                wrong.add(role + " ended: " + e);
              }
            },
            "load-" + role);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void produce() {
    while (producing) {
      // Jobs that are lost never make room: after a while it goes on without.
      acquire(room, Duration.ofMillis(100));
      make("job-" + next.incrementAndGet());
    }
  }

  /** Enqueues a job until the store has said that it is there. */
  private void make(String id) {
    String key = "key-" + Math.floorMod(id.hashCode(), KEYS);
    NewJob job = NewJob.builder(QUEUE, id, "t", "p").maxCrashes(100).key(key).build();
    if (untilAnswered(() -> jobs.enqueue(List.of(job))) != null) {
      made.add(id);
    }
  }

  private void work() {
    while (working) {
      long asked = order.incrementAndGet();
      long start = System.nanoTime();
      List<ClaimedJob> claimed = answer(() -> jobs.claim(request()).jobs());
      Set<Holder> mine = new HashSet<>();
      for (ClaimedJob job : claimed == null ? List.<ClaimedJob>of() : claimed) {
        mine.add(noteHolder(job, start));
      }
      for (ClaimedJob job : claimed == null ? List.<ClaimedJob>of() : claimed) {
        Acknowledged known = known(job.lease().jobId());
        known.claims.add(new Grant(job.lease().token(), asked, order.incrementAndGet()));
        if (known.settlement != 0 && known.settlement < asked) {
          lost.settlements().add(job.lease().jobId());
        }
        run(job.lease(), known, asked, start);
      }
      holders.removeAll(mine);
    }
  }

  /** Notes who has the slot of a job's key, and whether another one has it too. */
  private Holder noteHolder(ClaimedJob job, long start) {
    var holder = new Holder(String.valueOf(job.key()), job.lease(), order.incrementAndGet(), start);
    synchronized (holders) {
      for (Holder other : holders) {
        if (other.key.equals(holder.key) && other.isWithinLease() && holder.isWithinLease()) {
          lost.over().add(new Over(job.lease().jobId(), other.answered));
        }
      }
      holders.add(holder);
    }
    return holder;
  }

  /** Called before a settlement is sent: the answer to that may come after others have the slot. */
  private void letGo(JobLease lease) {
    holders.removeIf(holder -> holder.lease.equals(lease));
  }

  /** The place of what happens now. */
  long now() {
    return order.incrementAndGet();
  }

  private static ClaimRequest request() {
    return ClaimRequest.of(QUEUE, "w", BATCH, LEASE);
  }

  private Acknowledged known(String id) {
    return acknowledged.computeIfAbsent(id, i -> new Acknowledged());
  }

  private void run(JobLease lease, Acknowledged known, long asked, long start) {
    Optional<Map<String, String>> steps = untilAnswered(() -> jobs.checkpoints(lease));
    if (steps == null || steps.isEmpty()) {
      noteLost(steps != null, lease, start);
      return;
    }
    String number = steps.get().get(STEP);
    if (number == null) {
      if (known.checkpoint != 0 && known.checkpoint < asked) {
        lost.checkpoints().add(lease.jobId());
      }
      String placed = place(key(lease.jobId()));
      Optional<String> kept = untilAnswered(() -> jobs.checkpoint(lease, STEP, placed));
      if (kept == null || kept.isEmpty()) {
        noteLost(kept != null, lease, start);
        return;
      }
      known.checkpoint = order.incrementAndGet();
      number = kept.get();
    }
    settle(Settlement.done(lease, number), known, start);
  }

  /** The same for all attempts [policy 11]. */
  private static String key(String id) {
    return QUEUE + ":" + id + ":" + STEP;
  }

  private String place(String key) {
    requests.incrementAndGet();
    return orders.computeIfAbsent(key, k -> "order-" + placed.incrementAndGet());
  }

  private void settle(Settlement.Done settlement, Acknowledged known, long start) {
    letGo(settlement.lease());
    boolean unknown = false;
    while (working) {
      try {
        Settlement.Result result = jobs.settle(List.of(settlement)).get(0);
        if (result == Settlement.Result.ACCEPTED) {
          known.settlement = order.incrementAndGet();
          done.incrementAndGet();
          room.release();
        } else if (result == Settlement.Result.LOST) {
          // After an unknown outcome it may be lost because it was done.
          noteLost(!unknown, settlement.lease(), start);
        }
        if (result != Settlement.Result.BUSY) {
          return;
        }
      } catch (StoreException e) {
        failed(e);
        unknown |= e.isOutcomeUnknown();
      }
    }
  }

  private void noteLost(boolean isSure, JobLease lease, long start) {
    letGo(lease);
    if (isSure && System.nanoTime() - start < LEASE.toNanos()) {
      lost.claims().add(lease.jobId());
    }
  }

  /** Takes a named lease again and again. */
  private void hold() {
    while (working) {
      long asked = order.incrementAndGet();
      long start = System.nanoTime();
      Optional<Lease> lease = answer(() -> leases.acquire("n", "o", LEASE));
      if (lease == null || lease.isEmpty()) {
        // A grant whose answer was lost: its time has to pass.
        pause();
        continue;
      }
      leaseGrants.add(new Grant(lease.get().token(), asked, order.incrementAndGet()));
      Optional<Lease> renewed = untilAnswered(() -> leases.renew(lease.get(), LEASE));
      if (renewed != null && renewed.isEmpty() && System.nanoTime() - start < LEASE.toNanos()) {
        lost.leases().add(lease.get().token());
      }
      untilAnswered(() -> leases.release(lease.get()));
    }
  }

  private <T> @Nullable T answer(Supplier<T> call) {
    try {
      return call.get();
    } catch (StoreException e) {
      failed(e);
      return null;
    }
  }

  private void failed(StoreException e) {
    failures.incrementAndGet();
    lastFailure = e;
    pause();
  }

  /** Null only when the load has ended. */
  private <T> @Nullable T untilAnswered(Supplier<T> call) {
    while (working) {
      T answer = answer(call);
      if (answer != null) {
        return answer;
      }
    }
    return null;
  }

  /** Waits until so many more jobs are done. */
  void awaitDone(int more) {
    int wanted = done.get() + more;
    await(() -> done.get() >= wanted, wanted + " to be done");
  }

  void awaitFailure() {
    int before = failures.get();
    await(() -> failures.get() > before, "a failure");
  }

  /**
   * Makes no more jobs, makes those anew that are lost, waits until all are done, and checks what
   * holds whatever was lost: tokens grow, and each job has the one order of its key.
   */
  Lost finish() {
    producing = false;
    await(() -> producers.stream().noneMatch(Thread::isAlive), "the producers to end");
    for (String id : made) {
      if (find(id).isEmpty()) {
        lost.jobs().add(id);
        make(id);
      }
    }
    for (String id : made) {
      await(
          () -> {
            Job job = find(id).orElseThrow();
            return job.state() == JobState.DONE
                && String.valueOf(job.result()).equals(orders.get(key(id)));
          },
          id + " to be done, with the order of its key");
    }
    close();
    assertThat(orders).as("one for each job").hasSameSizeAs(made);
    acknowledged.forEach((id, known) -> checkTokens(id, List.copyOf(known.claims)));
    checkTokens("the named lease", List.copyOf(leaseGrants));
    assertThat(wrong).isEmpty();
    return lost;
  }

  private Optional<Job> find(String id) {
    Optional<Job> job = untilAnswered(() -> jobs.find(QUEUE, id));
    assertThat(job).as("an answer").isNotNull();
    return job == null ? Optional.empty() : job;
  }

  /** A grant that was asked for after another was answered has the larger token. */
  private void checkTokens(String of, List<Grant> grants) {
    long largest = 0;
    int answered = 0;
    List<Grant> byAnswer =
        grants.stream().sorted((a, b) -> Long.compare(a.answered(), b.answered())).toList();
    List<Grant> byRequest =
        grants.stream().sorted((a, b) -> Long.compare(a.asked(), b.asked())).toList();
    for (Grant grant : byRequest) {
      for (; byAnswer.get(answered).answered() < grant.asked(); answered++) {
        largest = Math.max(largest, byAnswer.get(answered).token());
      }
      if (grant.token() <= largest) {
        wrong.add("%s: token %d came after %d".formatted(of, grant.token(), largest));
      }
    }
    if (grants.stream().map(Grant::token).distinct().count() < grants.size()) {
      wrong.add(of + ": a token was given twice");
    }
  }

  private void await(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "waited for %s, is at %d of %d; wrong: %s; last failure: %s"
                .formatted(what, done.get(), made.size(), wrong, lastFailure),
            lastFailure);
      }
      pause();
    }
  }

  private static void pause() {
    acquire(new Semaphore(0), Duration.ofMillis(5));
  }

  private static void acquire(Semaphore semaphore, Duration atMost) {
    try {
      var unused = semaphore.tryAcquire(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    producing = false;
    working = false;
    for (Thread thread : Stream.concat(producers.stream(), workers.stream()).toList()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Override
  public String toString() {
    return "%d jobs made, %d orders by %d requests, %d failed calls; %s"
        .formatted(made.size(), orders.size(), requests.get(), failures.get(), lost);
  }
}
