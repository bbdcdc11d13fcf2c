package dev.lease.testkit;

import dev.lease.Backend;
import java.time.InstantSource;

/** The reference store with a clock that cannot be moved. */
final class RealTimeFixture implements StoreFixture {

  private final InMemoryBackend data = new InMemoryBackend(InstantSource.system());

  @Override
  public Backend open() {
    return data.again();
  }
}
