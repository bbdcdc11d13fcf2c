package dev.lease.console.guice;

import dev.lease.console.Console;
import dev.lease.worker.guice.WorkerLifecycle;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The console among what a lifecycle starts and stops. */
final class ConsolePart implements WorkerLifecycle.Part {

  private static final Logger LOG = LoggerFactory.getLogger(ConsolePart.class);

  private final Supplier<Console.Builder> builder;
  private volatile @Nullable Console console;

  ConsolePart(Supplier<Console.Builder> builder) {
    this.builder = builder;
  }

  @Override
  public void start() {
    Console started = builder.get().start();
    console = started;
    LOG.info("The console is at {}", started.url());
  }

  @Override
  public void stop() {
    Console started = console();
    console = null;
    started.close();
  }

  Console console() {
    Console started = console;
    if (started == null) {
      throw new IllegalStateException(
          "the console does not run: WorkerLifecycle.start() starts it, and close() ends it");
    }
    return started;
  }

  @Override
  public String toString() {
    return "the console";
  }
}
