package dev.lease.testkit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class RealTimeJobQueueContractTest extends JobQueueContract {

  /** Tests that would take minutes or a year, or that set the clock back, are skipped. */
  @RegisterExtension
  static final SkipsOnly SKIPS =
      new SkipsOnly(
          "Q01 type, payload, headers and dedup key are exact at each attempt",
          "Q14 a job with a long delay is not given a unit too early, and then is given",
          "Q17 a long lease does not end a unit too early, and then does",
          "Q26 steps and their values are exact, also after an expiry",
          "Q36 tokens grow wherever the clock is set back between random calls",
          "Q59 two calls at once on an expired job end as if one came after the other");

  @Override
  protected StoreFixture fixture() {
    return new RealTimeFixture();
  }
}
