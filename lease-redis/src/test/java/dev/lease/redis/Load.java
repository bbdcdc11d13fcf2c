package dev.lease.redis;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Producers and workers on one queue. They repeat what failed, as their likes do, until it is
 * answered: a job counts as made or as done when the store has said so.
 */
final class Load implements AutoCloseable {

  /** Long enough for a thread that is kept from its work, short enough to wait for. */
  private static final Duration LEASE = Duration.ofSeconds(5);

  private static final int BATCH = 5;
  private static final int MAX_UNDONE = 200;

  private final JobQueue jobs;
  private final String queue;
  private final Semaphore room = new Semaphore(MAX_UNDONE);
  private final AtomicInteger next = new AtomicInteger();
  private final Set<String> made = ConcurrentHashMap.newKeySet();

  /** Those of which the store said that they are not there. */
  private final Set<String> refused = ConcurrentHashMap.newKeySet();

  /** With which each job was claimed. */
  private final Map<String, Set<Long>> tokens = new ConcurrentHashMap<>();

  /** The token under which each job was done. */
  private final Map<String, Long> done = new ConcurrentHashMap<>();

  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final LongAccumulator longest = new LongAccumulator(Math::max, 0);
  private final List<Thread> producers = new ArrayList<>();
  private final List<Thread> workers = new ArrayList<>();
  private volatile @Nullable StoreException lastFailure;
  private volatile boolean producing = true;
  private volatile boolean working = true;

  Load(JobQueue jobs, String queue) {
    this.jobs = jobs;
    this.queue = queue;
    for (int i = 0; i < 2; i++) {
      producers.add(start("producer", this::produce));
      workers.add(start("worker", this::work));
    }
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
      if (acquired()) {
        String id = "load-" + next.incrementAndGet();
        make(NewJob.builder(queue, id, "t", payload(id)).maxCrashes(100).build());
      }
    }
  }

  private static String payload(String id) {
    return "payload of " + id;
  }

  /** Sends a job until an answer comes; not again if it is known not to be there. */
  private void make(NewJob job) {
    boolean unknown = false;
    while (working) {
      try {
        timed(() -> jobs.enqueue(List.of(job)));
        made.add(job.id());
        return;
      } catch (StoreException e) {
        failed(e);
        unknown |= e.isOutcomeUnknown();
        if (!unknown) {
          refused.add(job.id());
          room.release();
          return;
        }
      }
    }
  }

  private boolean acquired() {
    try {
      return room.tryAcquire(10, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void work() {
    while (working) {
      try {
        settle(timed(() -> jobs.claim(ClaimRequest.of(queue, "w", BATCH, LEASE)).jobs()));
      } catch (StoreException e) {
        failed(e);
      }
    }
  }

  private void settle(List<ClaimedJob> claimed) {
    for (ClaimedJob job : claimed) {
      String id = job.lease().jobId();
      if (!job.payload().equals(payload(id))) {
        wrong.add(id + " has another payload");
      }
      if (!tokens
          .computeIfAbsent(id, i -> ConcurrentHashMap.newKeySet())
          .add(job.lease().token())) {
        wrong.add(id + " was given twice with one token");
      }
    }
    List<Settlement> settlements =
        claimed.stream().<Settlement>map(job -> Settlement.done(job.lease())).toList();
    while (working && !settlements.isEmpty()) {
      try {
        note(settlements, timed(() -> jobs.settle(settlements)));
        return;
      } catch (StoreException e) {
        failed(e);
      }
    }
  }

  private void note(List<Settlement> settlements, List<Settlement.Result> results) {
    for (int i = 0; i < results.size(); i++) {
      if (results.get(i) == Settlement.Result.ACCEPTED) {
        String id = settlements.get(i).lease().jobId();
        Long before = done.putIfAbsent(id, settlements.get(i).lease().token());
        if (before != null) {
          wrong.add(id + " was done twice");
        }
        room.release();
      }
    }
  }

  private <T> T timed(Supplier<T> call) {
    long start = System.nanoTime();
    try {
      return call.get();
    } finally {
      longest.accumulate(System.nanoTime() - start);
    }
  }

  private void failed(StoreException e) {
    failures.incrementAndGet();
    lastFailure = e;
  }

  int failures() {
    return failures.get();
  }

  Duration longestCall() {
    return Duration.ofNanos(longest.get());
  }

  /** Waits until so many more jobs are done. */
  void awaitDone(int more) {
    int wanted = done.size() + more;
    await(() -> done.size() >= wanted, wanted + " to be done");
  }

  void awaitFailure() {
    int before = failures.get();
    await(() -> failures.get() > before, "a failure");
  }

  private void await(BooleanSupplier condition, String what) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "waited for %s, is at %d of %d; last failure: %s"
                .formatted(what, done.size(), made.size(), lastFailure),
            lastFailure);
      }
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Makes no more jobs, and waits until all are done. Returns how many. */
  int finish() {
    producing = false;
    await(() -> producers.stream().noneMatch(Thread::isAlive), "the producers to end");
    await(() -> done.keySet().containsAll(made), "all to be done");
    close();
    done.forEach(
        (id, token) -> {
          if (!token.equals(Collections.max(tokens.get(id)))) {
            wrong.add(id + " was claimed again when it was done");
          }
        });
    for (String id : refused) {
      if (tokens.containsKey(id) || jobs.find(queue, id).isPresent()) {
        wrong.add(id + " is there, though its enqueue was said to be not done");
      }
    }
    if (!wrong.isEmpty()) {
      throw new AssertionError(String.join("\n", wrong));
    }
    return done.size();
  }

  @Override
  public void close() {
    producing = false;
    working = false;
    join(producers);
    join(workers);
  }

  private static void join(List<Thread> threads) {
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
