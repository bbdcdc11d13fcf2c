package dev.lease.worker.guice;

import dev.lease.Backend;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.WorkerStatus;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts and stops what {@link WorkerModule} provides, in the right order: first each {@link Part},
 * then the worker. The stop is the reverse, and closes the store last. Safe for use by many
 * threads.
 *
 * <pre>{@code
 * injector.getInstance(WorkerLifecycle.class).start();
 * }</pre>
 *
 * <p>Unless {@link WorkerConfig#shutdownHook} is off, it also closes by itself when the JVM shuts
 * down, for example on SIGTERM.
 */
public final class WorkerLifecycle implements AutoCloseable {

  /**
   * What starts before the worker, and stops after it: a pool, a web server, meters. Bind any
   * number with a {@code Multibinder}. Users implement this; a lifecycle calls it, once each.
   */
  public interface Part {

    /**
     * Starts it.
     *
     * @throws Exception if it cannot start; the lifecycle then stops what it has started, but not
     *     this part
     */
    void start() throws Exception;

    /**
     * Stops it.
     *
     * @throws Exception if that fails; it is logged, and the rest is stopped all the same
     */
    void stop() throws Exception;
  }

  private enum State {
    NEW,
    STARTED,
    STOPPED
  }

  /** Stops one thing. */
  @FunctionalInterface
  private interface Stop {
    void run() throws Exception;
  }

  private static final Logger log = LoggerFactory.getLogger(WorkerLifecycle.class);

  private final Backend backend;
  private final @Nullable Worker worker;
  private final Collection<Part> parts;
  private final @Nullable Thread shutdownHook;
  private final CountDownLatch closed = new CountDownLatch(1);

  /** Guarded by this. No part starts or stops under this lock: the hook of the JVM needs it. */
  private State state = State.NEW;

  private final Deque<Part> running = new ArrayDeque<>(); // Guarded by this; the last one first.
  private @Nullable Thread closing; // Guarded by this.

  WorkerLifecycle(
      Backend backend, @Nullable Worker worker, Collection<Part> parts, boolean shutdownHook) {
    this.backend = backend;
    this.worker = worker;
    this.parts = List.copyOf(parts);
    this.shutdownHook = shutdownHook ? new Thread(this::close, "lease-lifecycle-hook") : null;
  }

  /**
   * Starts all parts, in the order in which they were bound, and then the worker. If one of them
   * throws, what has started is stopped, and the store is closed.
   *
   * @throws IllegalStateException if it was started or closed before, is closed meanwhile, a part
   *     cannot start, or the JVM is shutting down
   */
  public void start() {
    begin();
    try {
      if (shutdownHook != null) {
        Runtime.getRuntime().addShutdownHook(shutdownHook);
      }
      for (Part part : parts) {
        start(part);
      }
      if (worker != null) {
        worker.start();
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private synchronized void begin() {
    if (state != State.NEW) {
      throw new IllegalStateException(
          "this lifecycle was "
              + (state == State.STARTED ? "started" : "closed")
              + " before: it starts once; make another injector");
    }
    state = State.STARTED;
  }

  private void start(Part part) {
    try {
      part.start();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the start of " + part + " was interrupted", e);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("cannot start " + part + ": " + e.getMessage(), e);
    }
    if (!noteRunning(part)) {
      stop(part.toString(), part::stop);
      throw new IllegalStateException("this lifecycle was closed while it started");
    }
  }

  /** Answers false if nobody will stop the part, since all others are stopped already. */
  private synchronized boolean noteRunning(Part part) {
    if (state == State.STARTED) {
      running.push(part);
    }
    return state == State.STARTED;
  }

  /**
   * Stops the worker as {@link Worker#stop} does, then the parts, the last one first, and closes
   * the store. What fails is logged, and the rest is stopped all the same. Returns when all that is
   * done; a part whose start is under way stops when that returns. Called from inside a handler,
   * this returns at once, and the rest follows on another thread. An interrupt of the caller ends
   * the grace of the handlers; if another thread is closing, this then returns at once. Calling it
   * twice, or before the start, is harmless.
   */
  @Override
  public void close() {
    boolean isFirst = beginClose();
    if (worker != null) {
      stop("the worker", worker::close);
    }
    boolean hasStopped = worker == null || worker.status().state() == WorkerStatus.State.STOPPED;
    if (!isFirst) {
      // The worker waits for a handler that closes this, so such a handler waits for nobody.
      if (hasStopped) {
        awaitClosed();
      }
    } else if (hasStopped) {
      stopTheRest();
    } else {
      // A handler that closes this goes on, and may need the parts and the store.
      Thread rest = new Thread(this::stopTheRest, "lease-lifecycle-stop");
      rest.setDaemon(false);
      rest.start();
    }
  }

  private synchronized boolean beginClose() {
    if (state == State.STOPPED) {
      return false;
    }
    state = State.STOPPED;
    closing = Thread.currentThread();
    return true;
  }

  /** Waits for another thread that closes this; a part that does so while it stops does not. */
  private void awaitClosed() {
    synchronized (this) {
      if (closing == Thread.currentThread()) {
        return;
      }
    }
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopTheRest() {
    if (worker != null) {
      // From inside a handler the worker stops elsewhere. Here this waits for it.
      stop("the worker", worker::close);
    }
    List<Part> left;
    synchronized (this) {
      closing = Thread.currentThread();
      left = List.copyOf(running);
    }
    left.forEach(part -> stop(part.toString(), part::stop));
    stop("the store", backend::close);
    closed.countDown();
    removeShutdownHook();
  }

  private static void stop(String what, Stop stop) {
    try {
      stop.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      log.warn("The stop of {} was interrupted; the rest is stopped", what);
    } catch (Throwable e) {
      log.error("Cannot stop {}; the rest is stopped", what, e);
    }
  }

  private void removeShutdownHook() {
    if (shutdownHook != null) {
      try {
        Runtime.getRuntime().removeShutdownHook(shutdownHook);
      } catch (IllegalStateException e) {
        // The JVM is shutting down: the hook runs, or has run already.
      }
    }
  }
}
