package dev.lease.testkit;

import dev.lease.Backend;
import java.time.Duration;

/** The reference store with a frozen clock. */
class InMemoryFixture implements StoreFixture {

  private final ManualClock clock = new ManualClock();
  private final InMemoryBackend data = new InMemoryBackend(clock);

  @Override
  public Backend open() {
    return data.again();
  }

  @Override
  public void advance(Duration by) {
    clock.advance(by);
  }

  @Override
  public void setBack(Duration by) {
    clock.advance(by.negated());
  }

  @Override
  public Time time() {
    return Time.FROZEN;
  }
}
