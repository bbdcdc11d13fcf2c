package dev.lease.worker;

import dev.lease.FinishedJob;
import dev.lease.worker.JobEvent.End;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the listeners of a worker what happens, counts it, and hints to whoever awaits that a job
 * finishes. Where nobody wants to know, it does nothing.
 */
final class Events {

  private final List<Listening> listeners;
  private final Consumer<String> hint;
  private final Rates rates;

  /**
   * @param hint gives a hint of a queue, for which nobody waits
   * @param rates counts what happens
   */
  Events(List<Listening> listeners, Consumer<String> hint, Rates rates) {
    this.listeners = listeners;
    this.hint = hint;
    this.rates = rates;
  }

  void start() {
    listeners.forEach(Listening::start);
  }

  /** Ends the threads of the listeners, once they have told what waits. */
  void end() {
    listeners.forEach(Listening::end);
  }

  boolean awaitEnd(long nanos) throws InterruptedException {
    long begun = System.nanoTime();
    boolean ended = true;
    for (Listening listener : listeners) {
      ended &= listener.awaitEnd(Math.max(1, nanos - (System.nanoTime() - begun)));
    }
    return ended;
  }

  void claimed(HeldJob job) {
    rates.claimed(job.lease().queue(), waited(job));
    tell(WorkerListener::claimed, job, null, Duration.ZERO);
  }

  void started(HeldJob job) {
    tell(WorkerListener::started, job, null, Duration.ZERO);
  }

  void stuck(HeldJob job) {
    tell(WorkerListener::stuck, job, null, Duration.ZERO);
  }

  void lost(HeldJob job) {
    tell(WorkerListener::attemptEnded, job, End.LOST, Duration.ZERO);
  }

  /** Tells how the store has ended the worker's hold on a job. */
  void settled(PendingSettlement settlement) {
    rates.ended(settlement.queue(), settlement.state());
    tell(WorkerListener::attemptEnded, settlement.job(), settlement.end(), settlement.delay());
    String hinted = OwnHeaders.hintQueueOf(settlement.job().claimed().headers());
    if (hinted != null && settlement.finishesJob()) {
      hint.accept(hinted);
    }
  }

  void spent(FinishedJob job) {
    rates.ended(job.queue(), job.state());
    String error = job.error();
    tell(listener -> listener.spent(job), error == null ? 0 : error.length());
  }

  /** Whether there are listeners, so that what only they want to know is worth a look. */
  boolean areHeard() {
    return !listeners.isEmpty();
  }

  void extended(String worker, String queue, Duration lag) {
    tell(listener -> listener.extended(worker, queue, lag), 0);
  }

  void outageBegan(String worker, String queue, Throwable failure) {
    tell(listener -> listener.outageBegan(worker, queue, failure), ErrorText.chars(failure));
  }

  void outageEnded(String worker, Duration length) {
    tell(listener -> listener.outageEnded(worker, length), 0);
  }

  private void tell(
      BiConsumer<WorkerListener, JobEvent> what, HeldJob job, @Nullable End end, Duration delay) {
    if (areHeard()) {
      var event = new JobEvent(job.claimed(), end, waited(job), job.ran(), job.failure(), delay);
      tell(listener -> what.accept(listener, event), event.chars());
    }
  }

  private void tell(Consumer<WorkerListener> event, int chars) {
    for (Listening listener : listeners) {
      listener.tell(event, chars);
    }
  }

  private Duration waited(HeldJob job) {
    Duration waited = Duration.between(job.claimed().dueAt(), job.claimed().claimedAt());
    return waited.isNegative() ? Duration.ZERO : waited;
  }
}
