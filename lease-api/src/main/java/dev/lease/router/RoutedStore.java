package dev.lease.router;

import dev.lease.Backend;
import dev.lease.Limits;
import dev.lease.StoreException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** One of the stores of a router. */
final class RoutedStore {

  /** So many calls that are made for several stores at once; further ones wait for their turn. */
  private static final int MOST_THREADS = 16;

  private static final int KEPT_SECONDS = 10;

  private final String name;
  private final Backend backend;
  private final ThreadPoolExecutor threads;
  private volatile boolean closed;

  RoutedStore(String name, Backend backend) {
    this.name = name;
    this.backend = backend;
    var number = new AtomicInteger();
    this.threads =
        new ThreadPoolExecutor(
            MOST_THREADS,
            MOST_THREADS,
            KEPT_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              var thread =
                  new Thread(
                      task,
                      "lease-router-" + Limits.oneLine(name) + "-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  String name() {
    return name;
  }

  Backend backend() {
    return backend;
  }

  /**
   * Makes a call. If somebody else has closed the store, that is no end of the router: its other
   * stores go on, and so does a worker, which would stop at a {@link
   * dev.lease.StoreClosedException}.
   */
  <T> T call(Supplier<T> call) {
    try {
      return call.get();
    } catch (IllegalStateException e) {
      if (closed) {
        throw e;
      }
      throw StoreException.notDone("the store " + this + " takes no calls: " + e.getMessage(), e);
    }
  }

  /** Begins a call on another thread, so that it costs the others nothing if it hangs. */
  <T> FutureTask<T> begin(Supplier<T> call) {
    var task = new FutureTask<>(call::get);
    try {
      threads.execute(task);
    } catch (RejectedExecutionException e) {
      // The router is closed, and the store says so.
      task.run();
    }
    return task;
  }

  /** Gives up a call that lasts too long: whether it is carried out is not known. */
  void giveUp(FutureTask<?> call) {
    call.cancel(true);
    threads.remove(call);
  }

  void close() {
    closed = true;
    threads.shutdown();
    backend.close();
  }

  @Override
  public String toString() {
    return Limits.oneLine(name);
  }
}
