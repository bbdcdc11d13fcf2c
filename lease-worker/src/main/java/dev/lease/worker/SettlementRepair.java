package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.worker.PendingSettlement.Verdict;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lane of settlements that were not accepted with the others. It sends those of one queue
 * together. If that fails, it sends each one alone, again and again, with a pause that grows. It
 * does so until the store answers: a late settlement is better than doing the work again [Q28,
 * W03]. Nothing waits for these settlements, except that each takes a slot of its queue [W23].
 */
final class SettlementRepair {

  private static final Logger log = LoggerFactory.getLogger(SettlementRepair.class);
  private static final String OPERATION = "settle jobs";
  private static final long LONGEST_PAUSE_IN_HURRY = Duration.ofMillis(200).toNanos();

  /** After so many failures in a row the store is to blame, not the single settlements. */
  private static final int FAILURES_OF_A_STORE = 3;

  private final JobQueue jobs;
  private final HeldJobs held;
  private final StoreOutage outage;
  private final Duration maxBackoff;
  private final Signal signal;
  private final Runnable onFree;
  private final ConcurrentLinkedQueue<PendingSettlement> arriving = new ConcurrentLinkedQueue<>();
  private final Set<PendingSettlement> open = ConcurrentHashMap.newKeySet();
  private final Map<String, OfQueue> queues = new HashMap<>();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private volatile boolean hurrying;
  private volatile boolean finishing;

  /**
   * @param signal wakes the lane
   * @param onFree called when a settlement is over and no longer takes a slot
   */
  SettlementRepair(
      JobQueue jobs,
      HeldJobs held,
      StoreOutage outage,
      Duration maxBackoff,
      Signal signal,
      Runnable onFree) {
    this.jobs = jobs;
    this.held = held;
    this.outage = outage;
    this.maxBackoff = maxBackoff;
    this.signal = signal;
    this.onFree = onFree;
  }

  /** Notes that these settlements may have been accepted, unless it is known that they were not. */
  static void markUnknown(List<PendingSettlement> batch, Throwable failure) {
    if (!(failure instanceof StoreException e) || e.isOutcomeUnknown()) {
      batch.forEach(PendingSettlement::setMaybeSettled);
    }
  }

  /** Whether the store is up and refuses this very call. It would do so again. */
  static boolean isRefusal(Throwable failure) {
    return failure instanceof RuntimeException && !(failure instanceof StoreException);
  }

  /** Whether settlements of the queue fail, and the store has not answered one since. */
  boolean isFailing(String queue) {
    return failing.contains(queue);
  }

  void add(List<PendingSettlement> settlements) {
    if (!settlements.isEmpty()) {
      open.addAll(settlements);
      arriving.addAll(settlements);
      signal.raise();
    }
  }

  /** How many settlements wait here. */
  int size() {
    return open.size();
  }

  /** How many settlements of the queue wait here. */
  int size(String queue) {
    return open.isEmpty()
        ? 0
        : (int) open.stream().filter(settlement -> settlement.queue().equals(queue)).count();
  }

  /** The settlement that makes a claimed job DONE but was not accepted in time; null if none. */
  @Nullable PendingSettlement doneButCameBack(ClaimedJob job) {
    for (PendingSettlement settlement : open) {
      if (settlement.isDoneButCameBack(job)) {
        return settlement;
      }
    }
    return null;
  }

  /** Makes pauses short from now on, since the worker stops. */
  void hurry() {
    hurrying = true;
    signal.raise();
  }

  /** Ends the lane when no settlement is left. */
  void finish() {
    finishing = true;
    signal.raise();
  }

  long round() {
    for (PendingSettlement next = arriving.peek(); next != null; next = arriving.peek()) {
      queues.computeIfAbsent(next.queue(), OfQueue::new).add(next);
      arriving.remove();
    }
    long wait = Long.MAX_VALUE;
    for (OfQueue queue : inTurn()) {
      wait = Math.min(wait, queue.round());
      if (queue.isAnswered()) {
        outage.succeeded(queue.name, OPERATION);
      }
      if (queue.isEmpty()) {
        queues.remove(queue.name);
      }
    }
    return finishing && open.isEmpty() ? Loop.END : wait;
  }

  /** The queues, those whose calls fail last: their calls may hang. */
  private List<OfQueue> inTurn() {
    List<OfQueue> inTurn = new ArrayList<>(queues.values());
    inTurn.sort(Comparator.comparing((OfQueue queue) -> failing.contains(queue.name)));
    return inTurn;
  }

  private long longestPause() {
    return hurrying ? LONGEST_PAUSE_IN_HURRY : Long.MAX_VALUE;
  }

  private void end(PendingSettlement settlement, Verdict verdict) {
    open.remove(settlement);
    held.end(settlement, verdict);
    onFree.run();
  }

  /** The settlements of one queue that wait here. */
  private final class OfQueue {
    private final String name;

    /** First those that were not yet sent alone, then those that were, which may be slow. */
    private final Deque<Tried> waiting = new ArrayDeque<>();

    private final Backoff storeFails = new Backoff(maxBackoff);
    private int failuresInRow;

    OfQueue(String name) {
      this.name = name;
    }

    void add(PendingSettlement settlement) {
      waiting.addFirst(new Tried(settlement));
    }

    boolean isEmpty() {
      return waiting.isEmpty();
    }

    /** Whether none of them failed when it was last sent. A busy row is not a failure. */
    boolean isAnswered() {
      return waiting.stream().noneMatch(tried -> tried.failed);
    }

    /** Sends what is due, up to the first failure. Then the other queues have their turn. */
    long round() {
      long pause = storeFails.nanosLeft(longestPause());
      if (pause > 0) {
        return pause;
      }
      waiting.removeIf(tried -> !isHeld(tried.settlement));
      List<Tried> batch = batch();
      if (batch.size() > 1 && (!sendTogether(batch) || batch.size() == Limits.MAX_BATCH)) {
        return 0;
      }
      for (Tried next = firstDue(); next != null; next = firstDue()) {
        if (!sendAlone(next)) {
          if (failuresInRow >= FAILURES_OF_A_STORE) {
            storeFails.failed();
            waiting.forEach(tried -> tried.alone = false);
          }
          return 0;
        }
      }
      long wait = Long.MAX_VALUE;
      for (Tried tried : waiting) {
        wait = Math.min(wait, tried.pause.nanosLeft(longestPause()));
      }
      return wait;
    }

    private boolean isHeld(PendingSettlement settlement) {
      boolean isHeld = held.contains(settlement.job());
      if (!isHeld && open.remove(settlement)) {
        onFree.run();
      }
      return isHeld;
    }

    private @Nullable Tried firstDue() {
      for (Tried tried : waiting) {
        if (tried.isDue()) {
          return tried;
        }
      }
      return null;
    }

    /** Those to send together. Each is sent so once, or a slow one would always delay the rest. */
    private List<Tried> batch() {
      List<Tried> batch = new ArrayList<>();
      for (Tried tried : waiting) {
        if (!tried.alone && !tried.settlement.isSaidLost() && tried.isDue()) {
          batch.add(tried);
        }
        if (batch.size() == Limits.MAX_BATCH) {
          break;
        }
      }
      return batch;
    }

    /** Sends a batch; false if that failed, and one of the batch may be to blame. */
    private boolean sendTogether(List<Tried> batch) {
      List<PendingSettlement> settlements = batch.stream().map(tried -> tried.settlement).toList();
      batch.forEach(tried -> tried.alone = true);
      try {
        List<Settlement.Result> results = jobs.settle(PendingSettlement.settlements(settlements));
        storeAnswers();
        for (int i = 0; i < batch.size(); i++) {
          answered(batch.get(i), results.get(i));
        }
        waiting.removeIf(tried -> !open.contains(tried.settlement));
        return true;
      } catch (Throwable e) {
        markUnknown(settlements, e);
        if (!isRefusal(e)) {
          batch.forEach(tried -> tried.failed = true);
          failed(e);
        }
        return false;
      }
    }

    private void failed(Throwable failure) {
      failing.add(name);
      outage.failed(name, OPERATION, failure);
    }

    private void storeAnswers() {
      failuresInRow = 0;
      storeFails.succeeded();
      failing.remove(name);
    }

    private void answered(Tried tried, Settlement.Result result) {
      tried.failed = false;
      switch (result) {
        case ACCEPTED -> end(tried.settlement, Verdict.SETTLED);
        case LOST -> tried.settlement.setSaidLost();
        case BUSY -> waitForRow(tried);
      }
    }

    /** Sends one alone; false if it must be sent again later. */
    private boolean sendAlone(Tried tried) {
      boolean done = false;
      waiting.remove(tried);
      try {
        done = trySend(tried);
        return done;
      } finally {
        if (!done) {
          // Even if a logger threw: a settlement in no list would be held for ever.
          waiting.addLast(tried);
        }
      }
    }

    private boolean trySend(Tried tried) {
      PendingSettlement settlement = tried.settlement;
      tried.alone = true;
      Settlement.Result result = Settlement.Result.LOST;
      Verdict verdict = Verdict.SETTLED;
      boolean comesBack = false;
      try {
        if (!settlement.isSaidLost()) {
          result = jobs.settle(List.of(settlement.settlement())).get(0);
        }
        if (result == Settlement.Result.LOST) {
          settlement.setSaidLost();
          JobLease lease = settlement.settlement().lease();
          Optional<Job> found = jobs.find(lease.queue(), lease.jobId());
          comesBack = settlement.isOnItsWayBack(found);
          verdict = settlement.verdict(found);
        }
      } catch (Throwable e) {
        return failedAlone(tried, e);
      }
      storeAnswers();
      tried.failed = false;
      if (result == Settlement.Result.BUSY) {
        waitForRow(tried);
        return false;
      }
      if (comesBack) {
        // The answer to the claim will find the settlement here.
        tried.pause.failed();
        return false;
      }
      end(settlement, verdict);
      return true;
    }

    /** Handles a failed call; false if the settlement must be sent again. */
    private boolean failedAlone(Tried tried, Throwable failure) {
      markUnknown(List.of(tried.settlement), failure);
      if (isRefusal(failure)) {
        outage.stopIfClosed(failure);
        storeAnswers();
        drop(tried.settlement, failure);
        return true;
      }
      tried.pause.failed();
      tried.failed = true;
      failuresInRow++;
      failed(failure);
      return false;
    }

    /** The store is up; only the row of this job is locked for now [Q39]. */
    private void waitForRow(Tried tried) {
      tried.pause.failed();
      if (!tried.isBusy) {
        tried.isBusy = true;
        log.warn(
            "Job {} cannot be settled as {} yet: another transaction holds its row; the worker"
                + " tries again until that transaction ends",
            tried.settlement.job(),
            tried.settlement.kind());
      }
    }

    private void drop(PendingSettlement settlement, Throwable refusal) {
      open.remove(settlement);
      held.leave(settlement.job());
      onFree.run();
      log.error(
          "Job {} cannot be settled as {}: the store refuses it; the job can be claimed again when"
              + " its lease expires",
          settlement.job(),
          settlement.kind(),
          refusal);
    }
  }

  /** A settlement, and when it may be sent again. */
  private final class Tried {
    private final PendingSettlement settlement;
    private final Backoff pause = new Backoff(maxBackoff);

    /** Whether it must be sent alone: it was sent with others, and was not accepted. */
    private boolean alone;

    private boolean failed;
    private boolean isBusy;

    Tried(PendingSettlement settlement) {
      this.settlement = settlement;
    }

    boolean isDue() {
      return pause.nanosLeft(longestPause()) == 0;
    }
  }
}
