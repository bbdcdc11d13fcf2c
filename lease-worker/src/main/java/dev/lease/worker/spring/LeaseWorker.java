package dev.lease.worker.spring;

import dev.lease.Limits;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.WorkerStatus;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.SmartLifecycle;

/**
 * The worker of an application, which runs while the application does. It starts after everything
 * else, and stops before everything else: before the web server ends its requests, and before the
 * pool of connections closes. Each start makes a new {@link Worker}, since one starts only once.
 * Safe for use by many threads.
 */
public final class LeaseWorker implements SmartLifecycle, DisposableBean {

  /** What a stop may take beyond the grace, see {@link Worker#stop}. */
  private static final Duration BEYOND_GRACE = Duration.ofSeconds(15);

  /** Higher than a web server's: this starts after it, and stops before it ends its requests. */
  private static final int PHASE = DEFAULT_PHASE - 512;

  private static final Duration LONGEST_DEFAULT_GRACE = Duration.ofSeconds(8);

  private final Supplier<Worker.Builder> builder;
  private final Consumer<Worker> started;
  private final String stopping;
  private volatile @Nullable Worker worker;

  /**
   * @param builder makes a builder of the worker for each start
   * @param started is called after each start
   * @param timeout how long the application waits for the stop
   */
  LeaseWorker(
      Supplier<Worker.Builder> builder,
      Consumer<Worker> started,
      WorkerConfig config,
      Duration timeout) {
    if (config.stopGrace().plus(BEYOND_GRACE).compareTo(timeout) > 0) {
      throw new InvalidConfigurationPropertyValueException(
          "lease.worker.stop-grace",
          seconds(config.stopGrace()),
          ("It must be at least 15 s shorter than spring.lifecycle.timeout-per-shutdown-phase,"
                  + " since a stop takes up to 15 s longer than the grace, was %s of %s: a later stop would find the pool of"
                  + " connections closed. Raise the time-out, or lower the grace.")
              .formatted(seconds(config.stopGrace()), seconds(timeout)));
    }
    if (config.shutdownHook()) {
      throw new IllegalArgumentException(
          "the bean of type WorkerConfig must have shutdownHook(false): the application stops its worker, and a hook beside it would find the pool of connections closed");
    }
    this.builder = builder;
    this.started = started;
    this.stopping = config.name() + "-context-stop";
  }

  /** The grace for a time-out, where none is set. */
  static Duration grace(Duration timeout) {
    Duration fits = timeout.minus(BEYOND_GRACE);
    return fits.isNegative()
        ? Duration.ZERO
        : Collections.min(List.of(fits, LONGEST_DEFAULT_GRACE));
  }

  private static String seconds(Duration time) {
    return time.toMillis() / 1_000.0 + " s";
  }

  /**
   * The worker that runs now, or ran last.
   *
   * @return the worker
   * @throws IllegalStateException if it has not been started yet
   */
  public Worker worker() {
    Worker now = worker;
    if (now == null) {
      throw new IllegalStateException(
          "the worker is not there yet: it starts after all beans were made");
    }
    return now;
  }

  boolean wasStarted() {
    return worker != null;
  }

  @Override
  public synchronized void start() {
    if (!isRunning()) {
      Worker next = builder.get().build();
      next.start();
      worker = next;
      started.accept(next);
    }
  }

  @Override
  public void stop() {
    Worker now = worker;
    if (now != null) {
      now.stop();
    }
  }

  /** Does what {@link #stop()} does, on a thread of its own, since the context limits its wait. */
  @Override
  public void stop(Runnable callback) {
    Limits.notNull("callback", callback);
    new Thread(
            () -> {
              try {
                stop();
              } finally {
                callback.run();
              }
            },
            stopping)
        .start();
  }

  /** For a start that failed elsewhere: then Spring destroys the beans, and stops none before. */
  @Override
  public void destroy() {
    stop();
  }

  /**
   * Whether there is something to stop: also while the worker stops, and while one of its threads
   * is dead, for then handlers may still run.
   */
  @Override
  public boolean isRunning() {
    Worker now = worker;
    return now != null && now.status().state() != WorkerStatus.State.STOPPED;
  }

  @Override
  public int getPhase() {
    return PHASE;
  }
}
