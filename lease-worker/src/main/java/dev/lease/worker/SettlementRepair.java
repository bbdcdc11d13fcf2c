package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.worker.PendingSettlement.Verdict;
import dev.lease.worker.StoreCalls.Call;
import dev.lease.worker.StoreCalls.Kind;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
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

  private final JobQueue jobs;
  private final StoreCalls calls;
  private final HeldJobs held;
  private final StoreOutage outage;
  private final Duration maxBackoff;
  private final Signal signal;
  private final Runnable onFree;
  private final Inbox answers;
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
      StoreCalls calls,
      HeldJobs held,
      StoreOutage outage,
      Duration maxBackoff,
      Signal signal,
      Runnable onFree) {
    this.jobs = jobs;
    this.calls = calls;
    this.held = held;
    this.outage = outage;
    this.maxBackoff = maxBackoff;
    this.signal = signal;
    this.onFree = onFree;
    answers = new Inbox(signal);
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

  /** Call this when the lane has ended. */
  void laneHasEnded() {
    answers.laneHasEnded(() -> {});
  }

  long round() {
    answers.empty();
    for (PendingSettlement next = arriving.peek(); next != null; next = arriving.peek()) {
      queues.computeIfAbsent(next.queue(), OfQueue::new).add(next);
      arriving.remove();
    }
    long wait = Long.MAX_VALUE;
    for (OfQueue queue : List.copyOf(queues.values())) {
      wait = Math.min(wait, queue.round());
      if (queue.isEmpty()) {
        queues.remove(queue.name);
      }
    }
    return finishing && open.isEmpty() ? Loop.END : wait;
  }

  private long longestPause() {
    return hurrying ? LONGEST_PAUSE_IN_HURRY : Long.MAX_VALUE;
  }

  private void end(PendingSettlement settlement, Verdict verdict) {
    if (open.remove(settlement)) {
      held.end(settlement, verdict);
      onFree.run();
    }
  }

  /** The settlements of one queue that wait here. */
  private final class OfQueue {
    private final String name;

    /** First those that were not yet sent alone, then those that were, which may be slow. */
    private final Deque<Tried> waiting = new ArrayDeque<>();

    private final Backoff storeFails = new Backoff(maxBackoff);
    private int sent;

    OfQueue(String name) {
      this.name = name;
    }

    void add(PendingSettlement settlement) {
      waiting.addFirst(new Tried(settlement));
    }

    boolean isEmpty() {
      return waiting.isEmpty() && sent == 0;
    }

    /** Makes one call, if one is due. Then the other queues have their turn. */
    long round() {
      waiting.removeIf(tried -> isOver(tried.settlement));
      if (waiting.stream().noneMatch(tried -> tried.failed) && sent == 0) {
        // A busy row is not a failure.
        outage.succeeded(name, OPERATION);
      }
      long pause = storeFails.nanosLeft(longestPause());
      if (pause > 0) {
        return pause;
      }
      List<Tried> batch = together();
      if (batch.isEmpty()) {
        firstDue().ifPresent(batch::add);
      }
      if (!batch.isEmpty() && isSent(batch)) {
        return 0;
      }
      long wait = Long.MAX_VALUE;
      for (Tried tried : waiting) {
        // What is due has no room: the end of another call wakes this lane.
        wait = tried.isDue() ? wait : Math.min(wait, tried.pause.nanosLeft(longestPause()));
      }
      return wait;
    }

    private boolean isOver(PendingSettlement settlement) {
      boolean isHeld = held.contains(settlement.job());
      if (!isHeld && open.remove(settlement)) {
        onFree.run();
      }
      return !isHeld;
    }

    private Optional<Tried> firstDue() {
      return waiting.stream()
          .filter(tried -> tried.isDue() && calls.hasRoom(tried.kind(), name))
          .findFirst();
    }

    /** Those to send together. Each is sent so once, or a slow one would always delay the rest. */
    private List<Tried> together() {
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

    private boolean isSent(List<Tried> batch) {
      List<PendingSettlement> settlements = batch.stream().map(tried -> tried.settlement).toList();
      PendingSettlement first = settlements.get(0);
      JobLease lease = first.settlement().lease();
      waiting.removeAll(batch);
      sent++;
      var back = new AtomicBoolean();
      // First of all, so that nothing is lost even if a logger throws.
      Runnable bringBack = () -> bringBack(batch, back);
      Consumer<Throwable> failed =
          e -> {
            bringBack.run();
            failed(batch, settlements, e);
          };
      Call<?> call =
          first.isSaidLost()
              ? new Call<>(
                  Kind.FIND,
                  name,
                  () -> jobs.find(name, lease.jobId()),
                  found -> {
                    bringBack.run();
                    found(batch.get(0), found);
                  },
                  failed)
              : new Call<>(
                  Kind.SETTLE,
                  name,
                  () -> jobs.settle(PendingSettlement.settlements(settlements)),
                  results -> {
                    bringBack.run();
                    settled(batch, results);
                  },
                  failed);
      boolean isMade = calls.make(call, answers);
      if (!isMade) {
        bringBack.run();
      }
      return isMade;
    }

    private void bringBack(List<Tried> batch, AtomicBoolean back) {
      if (!back.getAndSet(true)) {
        sent--;
        waiting.addAll(batch);
      }
    }

    private void settled(List<Tried> batch, List<Settlement.Result> results) {
      storeAnswers();
      for (int i = 0; i < batch.size(); i++) {
        Tried tried = batch.get(i);
        tried.alone = true;
        tried.failed = false;
        switch (results.get(i)) {
          case ACCEPTED -> end(tried.settlement, Verdict.SETTLED);
          case LOST -> tried.settlement.setSaidLost();
          case BUSY -> waitForRow(tried);
        }
      }
    }

    /** What the record of a job says of its settlement, which the store calls lost. */
    private void found(Tried tried, Optional<Job> found) {
      storeAnswers();
      tried.failed = false;
      if (tried.settlement.isOnItsWayBack(found)) {
        // The answer to the claim will find the settlement here.
        tried.pause.failed();
      } else {
        end(tried.settlement, tried.settlement.verdict(found));
      }
    }

    private void storeAnswers() {
      storeFails.succeeded();
      failing.remove(name);
    }

    private void failed(List<Tried> batch, List<PendingSettlement> settlements, Throwable failure) {
      markUnknown(settlements, failure);
      boolean refuses = isRefusal(failure);
      if (batch.size() > 1) {
        // Any of them may be to blame: each goes alone now.
        for (Tried tried : batch) {
          tried.alone = true;
          tried.failed = !refuses;
        }
      } else if (refuses) {
        outage.stopIfClosed(failure);
        storeAnswers();
        drop(settlements.get(0), failure);
      } else {
        Tried tried = batch.get(0);
        tried.pause.failed();
        tried.failed = true;
        tried.failedAlone = true;
        storeFails.failed();
        // The store may be to blame: those that did not fail alone go together again.
        waiting.forEach(other -> other.alone = other.failedAlone);
      }
      if (!refuses) {
        failing.add(name);
        outage.failed(name, OPERATION, failure);
      }
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
    private boolean failedAlone;
    private boolean isBusy;

    Tried(PendingSettlement settlement) {
      this.settlement = settlement;
    }

    Kind kind() {
      return settlement.isSaidLost() ? Kind.FIND : Kind.SETTLE;
    }

    boolean isDue() {
      return pause.nanosLeft(longestPause()) == 0;
    }
  }
}
