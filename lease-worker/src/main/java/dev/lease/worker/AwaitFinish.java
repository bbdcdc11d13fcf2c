package dev.lease.worker;

import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.JobQueue.Subscription;
import dev.lease.Limits;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.NoSuchElementException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a job has finished. It reads the job when a hint comes, if the job asks for one, and
 * from time to time, since hints may be lost.
 */
final class AwaitFinish {

  private static final long FIRST_PAUSE = Duration.ofMillis(10).toNanos();

  private final JobQueue jobs;
  private final long longestPause;

  AwaitFinish(JobQueue jobs, Duration longestPause) {
    this.jobs = jobs;
    this.longestPause = longestPause.toNanos();
  }

  Job of(String queue, String id, Duration timeout) throws InterruptedException, TimeoutException {
    Limits.between("timeout", timeout, Duration.ZERO, Limits.MAX_DELAY);
    long begun = System.nanoTime();
    var hinted = new Semaphore(0);
    StoreException failure = null;
    try (var subscription = new Hints(hinted)) {
      for (long pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, longestPause)) {
        try {
          Job job = find(queue, id);
          if (job.state().isFinished()) {
            return job;
          }
          if (subscription.begin(job)) {
            // The job may have finished before, so it is read again at once.
            continue;
          }
          failure = null;
        } catch (StoreException e) {
          failure = e;
        }
        long left = timeout.toNanos() - (System.nanoTime() - begun);
        if (left <= 0) {
          throw timeout(queue, id, timeout, failure);
        }
        if (hinted.tryAcquire(
            Math.min(left, subscription.isOn() ? longestPause : pause), TimeUnit.NANOSECONDS)) {
          hinted.drainPermits();
        }
      }
    }
  }

  private Job find(String queue, String id) {
    return jobs.find(queue, id)
        .orElseThrow(
            () -> new NoSuchElementException("there is no job " + id + " in queue " + queue));
  }

  private static TimeoutException timeout(
      String queue, String id, Duration timeout, @Nullable StoreException failure) {
    var exception =
        new TimeoutException(
            "job "
                + id
                + " of queue "
                + queue
                + " had not finished after "
                + Limits.shown(timeout));
    if (failure != null) {
      exception.initCause(failure);
    }
    return exception;
  }

  /** The subscription to hints that the job has finished, if the job asks for one. */
  private final class Hints implements AutoCloseable {
    private final Semaphore hinted;
    private @Nullable Subscription subscription;

    Hints(Semaphore hinted) {
      this.hinted = hinted;
    }

    /** Whether it has just begun. */
    boolean begin(Job job) {
      String hintQueue = OwnHeaders.hintQueueOf(job.headers());
      if (subscription != null || hintQueue == null) {
        return false;
      }
      subscription = jobs.onWork(hintQueue, hinted::release);
      return true;
    }

    boolean isOn() {
      return subscription != null;
    }

    @Override
    public void close() {
      if (subscription != null) {
        subscription.close();
      }
    }
  }
}
