package dev.lease.examples.orderbot;

import dev.lease.examples.shared.StoreName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a soak. */
@Command(
    name = "soak",
    description = {
      "Lets workers place orders while, at random, workers are killed and suspended, connections"
          + " are cut, slowed and silenced, jobs are locked, clocks are wrong by an hour, and the"
          + " server is killed. The slots of customers change meanwhile.",
      "Fails unless every order is placed once, no living worker loses a lease that it could have"
          + " kept, and no due job of any queue waits longer than a bound.",
      "The last line is JSON, and the only line on standard output."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class SoakCommand implements Callable<Integer> {

  @Option(
      names = "--store",
      required = true,
      paramLabel = "STORE",
      defaultValue = "${env:" + StoreName.VARIABLE + "}",
      description =
          "as for the other commands, but with one host and a port; or redis, which starts a server"
              + " for this soak, and kills and restarts it as well; postgresql and mariadb do the"
              + " same in the tests, which have the servers")
  private String store;

  @Option(
      names = "--customers",
      converter = Counts.NoneOrMore.class,
      paramLabel = "N",
      defaultValue = "0",
      description =
          "how many customers have orders, too, at most as many at once as their slots, which"
              + " change; 0 for none (${DEFAULT-VALUE})")
  private int customers;

  @Option(
      names = "--minutes",
      converter = Counts.OneOrMore.class,
      paramLabel = "N",
      defaultValue = "1",
      description = "how long it runs (${DEFAULT-VALUE})")
  private int minutes;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "decides the orders, and which fault hits which worker (${DEFAULT-VALUE})")
  private long seed;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException, SQLException {
    Path directory = Files.createTempDirectory("order-bot-soak-");
    System.err.println("Logs, requests and book are in " + directory);
    try (SoakServer server = server()) {
      SoakReport report =
          new Soak(
                  server,
                  customers,
                  minutes,
                  seed,
                  spec.root().userObject().getClass(),
                  directory,
                  System.err)
              .run();
      report.failures().forEach(failure -> System.err.println("FAILED: " + failure));
      System.out.println(Json.MAPPER.writeValueAsString(report.counts()));
      return report.failures().isEmpty() ? 0 : 1;
    }
  }

  private SoakServer server() throws IOException, SQLException {
    try {
      return SoakServer.of(store);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
