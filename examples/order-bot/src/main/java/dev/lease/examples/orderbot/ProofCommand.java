package dev.lease.examples.orderbot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
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
    })
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class ProofCommand implements Callable<Integer> {

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

  @Override
  public Integer call() throws IOException, InterruptedException, ExecutionException {
    if (ways.stream().noneMatch(this::isStruck)) {
      throw new ParameterException(
          spec.commandLine(), "nothing is proven by striking so in this way on this store");
    }
    Path directory = Files.createTempDirectory("order-bot-proof-");
    System.err.println("Logs of the workers: " + directory);
    Proof proof = Proof.run(OrderBot.class, store.name(), ways, strikes, lease, directory);
    System.out.print(proof);
    proof.failures().forEach(failure -> System.err.println("FAILED: " + failure));
    return proof.failures().isEmpty() ? 0 : 1;
  }

  private boolean isStruck(ProofWay way) {
    return strikes.stream().anyMatch(strike -> way.isStruckBy(strike, store.name()));
  }
}
