package dev.lease.worker;

import dev.lease.Limits;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls to the store for a handler that waits for them, on its own thread. */
final class PatientCalls {

  private static final Logger log = LoggerFactory.getLogger(PatientCalls.class);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final StoreCalls calls;
  private final HeldJob job;

  PatientCalls(StoreCalls calls, HeldJob job) {
    this.calls = calls;
    this.job = job;
  }

  /**
   * A call.
   *
   * @param <E> what it throws beside runtime exceptions
   */
  interface Call<T, E extends Exception> {
    T make() throws E;
  }

  /** Reads something. Nothing is lost by it, so a handler that was told to stop gives up. */
  <T> T read(String what, Supplier<T> call) {
    return make(what, e -> !job.isToldToStop(), () -> here(call));
  }

  <T> T here(Supplier<T> call) {
    return calls.here(StoreCalls.Kind.STEP, job.lease().queue(), call);
  }

  /**
   * Calls the store until it answers, for as long as the lease lasts: a step with an effect whose
   * value is not kept would run again. An interrupt of the handler must not make the call fail, so
   * the thread is interrupted again only afterwards.
   *
   * @param what what the call does, such as "read the steps"
   * @param again whether to call again after a failure
   */
  <T, E extends Exception> T make(String what, Predicate<StoreException> again, Call<T, E> call)
      throws E {
    boolean interrupted = false;
    var pause = new Backoff(LONGEST_PAUSE);
    try {
      for (int tries = 1; ; tries++) {
        // Nothing is sent after the local deadline [W02].
        job.checkNotLost();
        interrupted |= Thread.interrupted();
        try {
          return call.make();
        } catch (StoreException e) {
          if (!again.test(e)) {
            throw e;
          }
          if (tries == 1) {
            log.warn(
                "Could not {} of job {}; this is tried again while its lease lasts",
                Limits.oneLine(what),
                job,
                e);
          }
        }
        pause.failed();
        interrupted |= !paused(pause.pause());
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static boolean paused(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }
}
