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
          "Q59 two calls at once on an expired job end as if one came after the other",
          "Q02 an id whose job is kept for a month is remembered for it",
          "Q14 a job that is due in a day, a month or years is given then, and not before",
          "Q17 a job that is held for months is given to nobody else before the end",
          "Q22 a lease that is extended for longer than a week is kept, with its token",
          "Q23 an old token that is alike in its low 32 bits is lost",
          "Q28 what nobody claimed again is settled after a day, a month and years",
          "Q32 a retry in a day or a month comes then, and not before",
          "Q35 a job that is released for a day or a month is given then, and not before",
          "Q81 a deadline in a month passes then, and not before",
          "Q82 a key that stays taken for a month is free after it, and not before");

  @Override
  protected StoreFixture fixture() {
    return new RealTimeFixture();
  }
}
