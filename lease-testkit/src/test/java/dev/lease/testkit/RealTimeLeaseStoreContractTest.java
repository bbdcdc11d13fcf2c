package dev.lease.testkit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class RealTimeLeaseStoreContractTest extends LeaseStoreContract {

  /** Tests that would take minutes or a year, or that set the clock back, are skipped. */
  @RegisterExtension
  static final SkipsOnly SKIPS =
      new SkipsOnly(
          "L05 tokens grow over the clean-up of a name that was not used for a year",
          "L05 tokens grow where the clock was set back since the clean-up of an unused name",
          "L05 tokens grow where a name with a smaller token was cleaned up last",
          "L05 tokens grow wherever the clock is set back between random calls",
          "L10 renew is lost and creates nothing when the record may have been cleaned up",
          "L30 two calls at once on an expired name end as if one came after the other",
          "L01 leases are granted, renewed and lost after the year 2038 as before",
          "L02 a lease of a year is held for the year, whatever other names do",
          "L08 a lease that is renewed for longer than a week stays the same lease",
          "L33 a listing goes on where it stopped, also days later",
          "L11 an old token that is alike in its low 32 bits is lost");

  @Override
  protected StoreFixture fixture() {
    return new RealTimeFixture();
  }
}
