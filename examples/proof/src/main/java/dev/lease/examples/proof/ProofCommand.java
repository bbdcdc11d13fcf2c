package dev.lease.examples.proof;

import dev.lease.examples.orderbot.Cli;
import dev.lease.examples.orderbot.StoreOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a proof and prints it. */
@Command(
    name = "proof",
    description = {
      "Kills workers, and stops them for longer than their lease, at every step of a job, before and"
          + " after each effect and each checkpoint, and fails unless each effect is made once.",
      "Without steps and keys it has to find effects that were made twice."
    },
    footer = "Exit codes: 0 all is well, 1 it is not, 2 the command is not understood.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
public final class ProofCommand implements Callable<Integer> {

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "show this help")
  @SuppressWarnings("unused") // picocli reads it.
  private boolean help;

  @Mixin private StoreOptions store;

  @Option(
      names = "--way",
      paramLabel = "WAY",
      split = ",",
      description = "some of ${COMPLETION-CANDIDATES}; without it all that the store has")
  private List<ProofWay> ways = List.of(ProofWay.values());

  @Option(
      names = "--strike",
      paramLabel = "STRIKE",
      split = ",",
      description = "some of ${COMPLETION-CANDIDATES}; without it all")
  private List<ProofStrike> strikes = List.of(ProofStrike.values());

  @Option(
      names = "--lease",
      paramLabel = "TIME",
      defaultValue = "1s",
      description = "how long leases last (${DEFAULT-VALUE})")
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
          spec.commandLine(), "nothing is proven by striking so in this way on this store");
    }
    Path directory = Files.createTempDirectory("lease-proof-");
    System.err.println("Logs of the workers: " + directory);
    Proof proof =
        Proof.run(ProofWorkerCommand.class, store.name(), ways, strikes, lease, directory);
    System.out.print(proof);
    proof.failures().forEach(failure -> System.err.println("FAILED: " + failure));
    return proof.failures().isEmpty() ? 0 : 1;
  }

  private boolean isStruck(ProofWay way) {
    return strikes.stream().anyMatch(strike -> way.isStruckBy(strike, store.name()));
  }
}
