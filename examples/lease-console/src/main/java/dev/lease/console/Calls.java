package dev.lease.console;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What viewers ask of the store: two at once, each for as long as the store says that a call lasts
 * at most. What lasts longer is given up, so that it holds no other page; its own page is refused
 * until it ends. When more than two hang, all pages are: so at most four ever do.
 */
final class Calls implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

  /** Viewers must not take the connections that workers in the same program need. */
  private static final int AT_ONCE = 2;

  private static final int PATIENCE_SECONDS = 20;

  private final Duration longest;
  private final Semaphore permits = new Semaphore(AT_ONCE, true);
  private final Set<Hanging> hanging = ConcurrentHashMap.newKeySet();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "lease-console-store");
            thread.setDaemon(true);
            return thread;
          });

  /** A call that was given up, and may still return. */
  private record Hanging(Route route, Future<?> call) {}

  Calls(Duration longest) {
    this.longest = longest;
  }

  /** Answers on a thread that may be left behind. */
  void answer(Route route, Visit visit) {
    check(route);
    try {
      if (!permits.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new Refusal(503, "Too many are looking. Load the page again.");
      }
      try {
        // Those before it may have been given up meanwhile.
        check(route);
        await(route, visit, threads.submit(() -> route.answer(visit)));
      } finally {
        permits.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refusal(503, "The console is being stopped.");
    }
  }

  private void check(Route route) {
    hanging.removeIf(each -> each.call().isDone());
    if (hanging.stream().anyMatch(each -> each.route().equals(route))) {
      throw new Refusal(
          503, "The store has not answered this page for long. Others may work; try again later.");
    }
    if (hanging.size() > AT_ONCE) {
      throw new Refusal(503, "The store has not answered several pages for long. Try again later.");
    }
  }

  private void await(Route route, Visit visit, Future<?> call) throws InterruptedException {
    try {
      call.get(longest.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      hanging.add(new Hanging(route, call));
      LOG.warn(
          "The store has not answered {} of {} for {} s: it is given up",
          route.path(),
          visit.viewer().name(),
          longest.toSeconds());
      throw new Refusal(
          503,
          route.access() == Access.CHANGE
              ? "The store does not answer. It is not known whether this was done, or will be."
              : "The store does not answer. Load the page again later.");
    } catch (InterruptedException e) {
      hanging.add(new Hanging(route, call));
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException thrown) {
        throw thrown;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** What hangs is left behind. */
  @Override
  public void close() {
    threads.shutdown();
  }
}
