package dev.lease.interleaved;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import kotlin.Unit;
import org.pastalab.fray.core.TestRunner;
import org.pastalab.fray.core.command.Configuration;
import org.pastalab.fray.core.command.ExecutionInfo;
import org.pastalab.fray.core.command.LambdaExecutor;
import org.pastalab.fray.core.command.NetworkDelegateType;
import org.pastalab.fray.core.command.SystemTimeDelegateType;
import org.pastalab.fray.core.randomness.ControlledRandomProvider;
import org.pastalab.fray.core.scheduler.POSScheduler;
import org.pastalab.fray.core.scheduler.RandomScheduler;
import org.pastalab.fray.core.scheduler.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a scenario under many schedules of its threads. Fray lets one thread run at a time, and
 * draws at each lock, wait and access to memory which one goes on. Time stands still until nobody
 * can run, and then jumps to the end of the next wait.
 */
public final class Schedules {

  /** A wait that nobody has to sit out: whoever does has missed a wake-up. */
  public static final long HOUR = Duration.ofHours(1).toNanos();

  private static final int COUNT = Integer.getInteger("lease.schedules", 300);
  private static final int LONGEST = (int) TimeUnit.HOURS.toSeconds(2);
  private static final long TICK = TimeUnit.MICROSECONDS.toNanos(100);

  static {
    // A logger is made of locks: the search would spend itself there.
    var loggers = (LoggerContext) LoggerFactory.getILoggerFactory();
    loggers.reset();
    loggers.getLogger(Logger.ROOT_LOGGER_NAME).setLevel(Level.OFF);
  }

  private Schedules() {}

  /** What threads do together. All of them have ended when it returns. */
  public interface Scenario {
    void run() throws Exception;
  }

  /**
   * Fails with the first schedule under which the scenario throws, or its threads wait for each
   * other for ever, or somebody sits out an hour.
   */
  public static void search(String name, Scenario scenario) {
    // At random any order comes up; by priorities, one in which a thread stays behind for long.
    search(name + "-random", scenario, new RandomScheduler());
    search(name + "-priorities", scenario, new POSScheduler());
  }

  private static void search(String name, Scenario scenario, Scheduler scheduler) {
    var report = Path.of("target", "fray", "reports", name);
    var config =
        new Configuration(
            new ExecutionInfo(new LambdaExecutor(() -> runAwake(scenario)), false, true, -1),
            report,
            (COUNT + 1) / 2,
            LONGEST,
            scheduler,
            new ControlledRandomProvider(),
            false,
            false,
            true,
            false,
            false,
            false,
            NetworkDelegateType.NONE,
            SystemTimeDelegateType.MOCK,
            TICK,
            false,
            true,
            false,
            false,
            false,
            false,
            null);
    Throwable failure = new TestRunner(config).run();
    if (failure != null) {
      throw new AssertionError(
          "failed under schedule " + (config.getCurrentIteration() + 1) + "; it is in " + report,
          failure);
    }
  }

  private static Unit runAwake(Scenario scenario) {
    long begun = System.nanoTime();
    try {
      scenario.run();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    if (System.nanoTime() - begun > HOUR / 4) {
      throw new AssertionError("somebody has slept through a wake-up");
    }
    return Unit.INSTANCE;
  }
}
