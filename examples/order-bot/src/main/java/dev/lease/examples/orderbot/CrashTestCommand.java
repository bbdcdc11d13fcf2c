package dev.lease.examples.orderbot;

import dev.lease.examples.shared.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a crash test. */
@Command(
    name = "crash-test",
    description = {
      "Kills and suspends workers while they place orders. Fails unless every order is placed once"
          + " and no job was handed out twice.",
      "The last line is JSON, and the only line on standard output."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class CrashTestCommand implements Callable<Integer> {

  @Mixin private StoreOptions store;

  @Option(
      names = "--jobs",
      converter = Counts.OneOrMore.class,
      paramLabel = "N",
      defaultValue = "200",
      description = "how many orders (${DEFAULT-VALUE})")
  private int jobs;

  @Option(
      names = "--kills",
      converter = Counts.OneOrMore.class,
      paramLabel = "K",
      defaultValue = "20",
      description = "how many workers to kill (${DEFAULT-VALUE})")
  private int kills;

  @Option(
      names = "--suspensions",
      converter = Counts.NoneOrMore.class,
      paramLabel = "N",
      defaultValue = "0",
      description = "how many workers to suspend, for longer than a lease (${DEFAULT-VALUE})")
  private int suspensions;

  @Option(
      names = "--customers",
      converter = Counts.NoneOrMore.class,
      paramLabel = "N",
      defaultValue = "0",
      description =
          "how many customers the orders are of, each of whose orders are placed one at a time, as"
              + " they were enqueued; 0 for no limit (${DEFAULT-VALUE})")
  private int customers;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "decides the orders, and which worker is hit when (${DEFAULT-VALUE})")
  private long seed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("order-bot-crash-test-");
    System.err.println("Logs, requests and book are in " + directory);
    CrashReport report =
        new CrashTest(
                store.name(),
                new CrashPlan(jobs, kills, suspensions, customers, CrashPlan.IN_ORDER, seed),
                CrashTest.SHORT_LEASE,
                spec.root().userObject().getClass(),
                directory,
                System.err,
                k -> {})
            .run();
    report.failures().forEach(failure -> System.err.println("FAILED: " + failure));
    System.out.println(Json.MAPPER.writeValueAsString(report.counts()));
    return report.failures().isEmpty() ? 0 : 1;
  }
}
