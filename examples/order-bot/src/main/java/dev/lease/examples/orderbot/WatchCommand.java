package dev.lease.examples.orderbot;

import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the status again and again. */
@Command(name = "watch", description = "Shows the status again and again.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class WatchCommand implements Callable<Integer> {

  private static final String CLEAR_SCREEN = "\033[H\033[2J";

  @Mixin private QueueOptions options;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      defaultValue = "1s",
      description = "how often (${DEFAULT-VALUE})")
  private Duration every;

  @Option(names = "--until-done", description = "end when all jobs are finished")
  private boolean untilDone;

  @Override
  public Integer call() throws InterruptedException {
    try (Store store = Store.openToLook(options.name())) {
      Jobs jobs = options.jobs(store);
      boolean screen = Ansi.AUTO.enabled();
      do {
        System.out.println((screen ? CLEAR_SCREEN : "") + Views.status(jobs));
        Thread.sleep(every.toMillis());
      } while (!untilDone || Jobs.unfinished(jobs.counts()) > 0);
      System.out.println(Views.status(jobs));
    }
    return 0;
  }
}
