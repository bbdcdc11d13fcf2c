package dev.lease.examples.proof;

import dev.lease.examples.shared.Cli;
import dev.lease.examples.shared.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Runs a proof and prints it. */
@Command(
    name = "proof",
    description = {
      "Kills workers, and suspends them for longer than their lease, at every point of a job."
          + " Fails unless each effect is made once.",
      "Without steps and keys it has to find effects that were made twice, or it fails as well."
    },
    footer = "Exit codes: 0 success, 1 failure, 2 wrong usage.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
public final class ProofCommand implements Callable<Integer> {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "show this help")
  @SuppressWarnings("unused") // picocli reads it.
  private boolean help;

  @Mixin private StoreOptions store;

  @Option(
      names = "--way",
      paramLabel = "WAY",
      split = ",",
      description = "some of ${COMPLETION-CANDIDATES}; by default all that the store has")
  private List<ProofWay> ways = List.of(ProofWay.values());

  @Option(
      names = "--strike",
      paramLabel = "STRIKE",
      split = ",",
      description = "some of ${COMPLETION-CANDIDATES}; by default all")
  private List<ProofStrike> strikes = List.of(ProofStrike.values());

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      scope = ScopeType.INHERIT,
      defaultValue = "1s",
      description = "the lease duration (${DEFAULT-VALUE})")
  private Duration lease;

  @Spec private CommandSpec spec;

  private ProofCommand() {}

  /**
   * Runs the proof and exits.
   *
   * @param args the options
   */
  public static void main(String[] args) {
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return Cli.of(new ProofCommand());
  }

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    if (ways.stream().noneMatch(this::isStruck)) {
      throw new ParameterException(
          spec.commandLine(),
          "nothing is proven: none of these ways is struck like that on this store");
    }
    Proof proof = Proof.run(ProofWorkerCommand.class, store.name(), ways, strikes, lease, logs());
    return print(proof, proof.failures());
  }

  @Command(
      name = "graph",
      description =
          "Stores a graph of many orders and one statement that adds them up, and kills its"
              + " producer and its workers. Fails unless each order has its effect, no job is held by"
              + " two workers at once, and the statement begins after all orders and has the right"
              + " sum.")
  int graph(
      @Option(
              names = "--orders",
              paramLabel = "N",
              defaultValue = "10000",
              description = "how many orders, more than 1000 (${DEFAULT-VALUE})")
          int orders,
      @Option(
              names = "--kills",
              paramLabel = "N",
              defaultValue = "20",
              description = "how many workers are killed, 2 or more (${DEFAULT-VALUE})")
          int kills,
      @Option(
              names = "--workers",
              paramLabel = "N",
              defaultValue = "3",
              description = "how many workers run at the same time (${DEFAULT-VALUE})")
          int workers)
      throws IOException, InterruptedException, TimeoutException {
    GraphPlan plan = plan(orders, kills);
    try (GraphRun run = new GraphRun(GraphWorkerCommand.class, store.name(), plan, lease, logs())) {
      GraphResult result = run.run(workers);
      return print(result, result.failures());
    }
  }

  private GraphPlan plan(int orders, int kills) {
    try {
      return GraphPlan.of(orders, kills);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private static Path logs() throws IOException {
    Path directory = Files.createTempDirectory("lease-proof-");
    System.err.println("The logs of the workers are in " + directory);
    return directory;
  }

  private static int print(Object result, List<String> failures) {
    System.out.print(result);
    failures.forEach(failure -> System.err.println("FAILED: " + failure));
    return failures.isEmpty() ? 0 : 1;
  }

  private boolean isStruck(ProofWay way) {
    return strikes.stream().anyMatch(strike -> way.isStruckBy(strike, store.name()));
  }
}
