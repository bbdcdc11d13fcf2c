package dev.lease.examples.proof;

import dev.lease.examples.shared.StoreName;
import dev.lease.examples.shared.Table;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The proof that no effect is made twice, on one store. */
record Proof(StoreName store, List<ProofResult> results) {

  /** A run mostly waits for leases to expire. */
  private static final int RUNS_AT_ONCE = 4;

  static Proof run(
      Class<?> program,
      StoreName store,
      List<ProofWay> ways,
      List<ProofStrike> strikes,
      Duration lease,
      Path directory)
      throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(RUNS_AT_ONCE);
    try {
      List<Future<ProofResult>> runs = new ArrayList<>();
      for (ProofWay way : ways) {
        for (ProofStrike strike : strikes) {
          if (way.isStruckBy(strike, store)) {
            StoreName own = beside(store, way.name() + "-" + strike.name());
            runs.add(
                threads.submit(
                    () -> run(new ProofSetup(program, own, way, strike, lease, directory))));
          }
        }
      }
      List<ProofResult> results = new ArrayList<>();
      for (Future<ProofResult> run : runs) {
        results.add(run.get());
      }
      return new Proof(store, results);
    } finally {
      threads.shutdownNow();
    }
  }

  /** A file of its own, so that a run does not wait for the writes of another. */
  private static StoreName beside(StoreName store, String run) {
    return store.isFile() ? new StoreName(store.name().replaceFirst("^[^?]*", "$0-" + run)) : store;
  }

  private static ProofResult run(ProofSetup setup) throws Exception {
    try (ProofRun run = new ProofRun(setup)) {
      return run.strikeEverywhere();
    }
  }

  List<String> failures() {
    return results.stream().flatMap(result -> result.failures().stream()).toList();
  }

  @Override
  public String toString() {
    Table table =
        new Table(
            "way",
            "worker",
            "points",
            "taken over",
            "effects",
            "missing",
            "doubled",
            "stale",
            "disturbed",
            "seconds");
    for (ProofResult result : results) {
      table.row(
          result.way().shown(),
          result.strike().shown(),
          result.points().size(),
          result.taken(),
          result.effects(),
          result.sum(ProofResult.Point::missing),
          result.sum(ProofResult.Point::doubled),
          result.sum(ProofResult.Point::stale),
          result.points().stream().filter(ProofResult.Point::disturbed).count(),
          String.format(Locale.ROOT, "%.1f", result.took().toMillis() / 1000.0));
    }
    return store + "\n" + table;
  }
}
