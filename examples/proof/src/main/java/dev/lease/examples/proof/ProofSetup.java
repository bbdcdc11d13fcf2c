package dev.lease.examples.proof;

import dev.lease.examples.shared.StoreName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The fixed settings of a run.
 *
 * @param program the main class of the workers
 * @param store the store of the jobs
 * @param way how effects are made
 * @param strike what is done to the workers
 * @param lease the lease duration
 * @param directory where logs go
 */
record ProofSetup(
    Class<?> program,
    StoreName store,
    ProofWay way,
    ProofStrike strike,
    Duration lease,
    Path directory) {

  List<ProofPoint> points() {
    return way.points(strike, store);
  }

  @Override
  public String toString() {
    return "proof-" + way.name() + "-" + strike.name();
  }
}
