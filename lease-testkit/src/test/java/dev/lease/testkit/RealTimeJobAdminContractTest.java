package dev.lease.testkit;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class RealTimeJobAdminContractTest extends JobAdminContract {

  /** What goes on for hours or a year. */
  @RegisterExtension
  static final SkipsOnly SKIPS =
      new SkipsOnly("Q46 purge by retention goes by the store's default if the job has no keep");

  @Override
  protected StoreFixture fixture() {
    return new RealTimeFixture();
  }
}
