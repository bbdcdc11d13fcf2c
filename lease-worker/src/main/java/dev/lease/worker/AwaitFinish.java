package dev.lease.worker;

import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.JobQueue.Subscription;
import dev.lease.Limits;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits until a job has finished. It reads the job when a hint comes, if the job asks for one, and
 * from time to time, since hints may be lost. All calls to the store are made on threads of their
 * own, which are left alone if the store hangs.
 */
final class AwaitFinish {

  private static final Logger log = LoggerFactory.getLogger(AwaitFinish.class);

  private static final ExecutorService LOOKS = HandlerThreads.onDemand("lease-await-");

  private static final long FIRST_PAUSE = Duration.ofMillis(10).toNanos();

  /** So long a look may take, also at the end of the time. */
  private static final long LEAST_PATIENCE = Duration.ofSeconds(1).toNanos();

  private final JobQueue jobs;
  private final long longestPause;

  AwaitFinish(JobQueue jobs, Duration longestPause) {
    this.jobs = jobs;
    this.longestPause = longestPause.toNanos();
  }

  Job of(String queue, String id, Duration timeout) throws InterruptedException, TimeoutException {
    Limits.between("timeout", timeout, Duration.ZERO, Limits.MAX_DELAY);
    if (Thread.interrupted()) {
      // As in the calls of java.util.concurrent that wait, whatever the answer would be.
      throw new InterruptedException();
    }
    long begun = System.nanoTime();
    var hinted = new Semaphore(0);
    var subscription = new Hints(hinted);
    try {
      StoreException failure = null;
      for (long pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, longestPause)) {
        try {
          Job job =
              LOOKS
                  .submit(() -> look(queue, id, subscription))
                  .get(Math.max(LEAST_PATIENCE, left(timeout, begun)), TimeUnit.NANOSECONDS)
                  .orElseThrow(
                      () ->
                          new NoSuchElementException(
                              "there is no job " + id + " in queue " + queue));
          if (job.state().isFinished()) {
            return job;
          }
          failure = null;
        } catch (ExecutionException e) {
          failure = storeException(Objects.requireNonNull(e.getCause()));
        } catch (TimeoutException e) {
          throw timeout(queue, id, timeout, "; the store did not answer", failure);
        }
        long left = left(timeout, begun);
        if (left <= 0) {
          throw timeout(queue, id, timeout, "", failure);
        }
        if (hinted.tryAcquire(
            Math.min(left, subscription.isOn() ? longestPause : pause), TimeUnit.NANOSECONDS)) {
          hinted.drainPermits();
        }
      }
    } finally {
      subscription.end();
    }
  }

  private static long left(Duration timeout, long begun) {
    return timeout.toNanos() - (System.nanoTime() - begun);
  }

  private Optional<Job> look(String queue, String id, Hints subscription) {
    Optional<Job> found = jobs.find(queue, id);
    found.filter(job -> !job.state().isFinished()).ifPresent(subscription::begin);
    return found;
  }

  /** Anything else ends the wait. */
  private static StoreException storeException(Throwable failure) {
    if (failure instanceof StoreException e) {
      return e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
    throw (RuntimeException) failure;
  }

  private static TimeoutException timeout(
      String queue, String id, Duration timeout, String reason, @Nullable StoreException failure) {
    var exception =
        new TimeoutException(
            "job "
                + id
                + " of queue "
                + queue
                + " had not finished after "
                + Limits.shown(timeout)
                + reason);
    exception.initCause(failure);
    return exception;
  }

  /** The subscription to hints that the job has finished, if the job asks for one. */
  private final class Hints {
    private final Semaphore hinted;

    // Guarded by this.
    private @Nullable Subscription subscription;
    private boolean begins;
    private boolean isOver;

    Hints(Semaphore hinted) {
      this.hinted = hinted;
    }

    /**
     * Begins it, on another thread: the hints may be in a store that hangs while that of the job
     * answers. If it cannot begin, the next look tries again.
     */
    synchronized void begin(Job job) {
      String hintQueue = OwnHeaders.hintQueueOf(job.headers());
      if (hintQueue != null && !begins && !isOver) {
        begins = true;
        LOOKS.execute(() -> subscribe(hintQueue));
      }
    }

    private void subscribe(String hintQueue) {
      try {
        set(jobs.onWork(hintQueue, hinted::release));
        // It may have finished before the subscription began.
        hinted.release();
      } catch (RuntimeException e) {
        log.debug("No hint tells that a job has finished; it is read from time to time", e);
        set(null);
      }
    }

    private synchronized void set(@Nullable Subscription begun) {
      subscription = begun;
      begins = begun != null;
      if (isOver) {
        end();
      }
    }

    synchronized boolean isOn() {
      return subscription != null;
    }

    /** It ends on another thread, since that may be a call to the store. */
    synchronized void end() {
      isOver = true;
      if (subscription != null) {
        LOOKS.execute(subscription::close);
      }
    }
  }
}
