package dev.lease.testkit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class RealTimeJobAdminContractTest extends JobAdminContract {

  /** Tests that would take hours or a year are skipped. */
  @RegisterExtension
  static final SkipsOnly SKIPS =
      new SkipsOnly("Q46 purge by retention goes by the store's default if the job has no keep");

  @Override
  protected StoreFixture fixture() {
    return new RealTimeFixture();
  }
}
