package dev.lease.worker;

import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a named lease, in whose note the worker reports itself [W33]: one call every 10 seconds,
 * which nobody waits for. A call that fails or hangs costs the report only.
 */
final class Reporter {

  private static final Logger log = LoggerFactory.getLogger(Reporter.class);
  private static final long PERIOD = Duration.ofSeconds(10).toNanos();

  /** What comes after the name of the worker, since two workers may have the same. */
  private static final int SUFFIX = 1 + Integer.BYTES * 2;

  private final LeaseStore store;
  private final StoreCalls calls;
  private final Executor lane;
  private final String owner;
  private final String name;
  private final Supplier<ReportNote> note;
  private final LongSupplier nanoTime;
  private long nextAt;
  private volatile @Nullable Lease lease;
  private volatile boolean failing;
  private volatile boolean stopped;

  /**
   * @param lane where a call that took long ends
   * @param owner the name of the worker
   * @param note what the worker has to say now
   * @param nanoTime the monotonic clock
   */
  Reporter(
      LeaseStore store,
      StoreCalls calls,
      Executor lane,
      String owner,
      Supplier<ReportNote> note,
      LongSupplier nanoTime) {
    this.store = store;
    this.calls = calls;
    this.lane = lane;
    this.owner = owner;
    this.name = leaseName(owner);
    this.note = note;
    this.nanoTime = nanoTime;
    this.nextAt = nanoTime.getAsLong();
  }

  /** No two workers have the same, and those of one owner stand together in a list. */
  private static String leaseName(String owner) {
    String named = WorkerReport.PREFIX + owner;
    while (named.getBytes(StandardCharsets.UTF_8).length > Limits.MAX_NAME_BYTES - SUFFIX) {
      named = named.substring(0, named.offsetByCodePoints(named.length(), -1));
    }
    return "%s/%08x".formatted(named, ThreadLocalRandom.current().nextInt());
  }

  long round() {
    long wait = nextAt - nanoTime.getAsLong();
    if (wait > 0) {
      return wait;
    }
    nextAt = nanoTime.getAsLong() + PERIOD;
    if (!calls.isUnderWay(StoreCalls.Kind.REPORT, name)) {
      calls.make(
          StoreCalls.Call.of(StoreCalls.Kind.REPORT, name, this::report, this::failed), lane);
    }
    return PERIOD;
  }

  private void report() {
    String text = note.get().text();
    Lease held = lease;
    Optional<Lease> kept =
        held == null ? Optional.empty() : store.renew(held, WorkerReport.LASTS, text);
    if (kept.isEmpty() && !stopped) {
      kept = store.acquire(name, owner, WorkerReport.LASTS, text);
    }
    lease = kept.orElse(null);
    // Looked at last: either this sees that the worker has stopped, or the stop sees the lease.
    if (stopped) {
      kept.ifPresent(store::release);
    }
    failing = false;
  }

  private void failed(Throwable failure) {
    if (failing) {
      log.debug("Worker {} still cannot report itself", Limits.oneLine(owner), failure);
    } else {
      failing = true;
      log.info(
          "Worker {} could not report itself: {}; it tries again every 10 s, and works meanwhile",
          Limits.oneLine(owner),
          ErrorText.line(failure));
    }
  }

  /** Releases the lease, as far as the store answers. Call this when there are no more rounds. */
  void stop() {
    stopped = true;
    Lease held = lease;
    if (held != null) {
      calls.make(
          StoreCalls.Call.of(
              StoreCalls.Kind.REPORT,
              name,
              () -> store.release(held),
              e ->
                  log.debug(
                      "The report of worker {} stays until it expires", Limits.oneLine(owner), e)),
          Runnable::run);
    }
  }
}
