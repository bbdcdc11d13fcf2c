package dev.lease.examples.customstore.skeleton;

import dev.lease.Backend;
import dev.lease.testkit.StoreFixture;
import java.time.Duration;

/** Opens the store for the kit, and moves its time. */
final class SkeletonFixture implements StoreFixture {

  @Override
  public Backend open() {
    return new SkeletonBackend();
  }

  @Override
  public Time time() {
    return Time.FROZEN;
  }

  /** Moves the clock that the store reads; this one reads none. */
  @Override
  public void advance(Duration by) {}
}
