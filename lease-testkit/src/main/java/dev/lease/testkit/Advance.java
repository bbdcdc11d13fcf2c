package dev.lease.testkit;

import java.time.Duration;
import java.util.List;

/**
 * The time goes on.
 *
 * @param days by so many days
 * @param units and so many units of the store's clock, to meet an instant or to miss it
 */
record Advance<B extends Bench>(int days, int units) implements Call<B> {

  @Override
  public void run(B bench, Seen seen) throws Exception {
    bench.advance(Duration.ofDays(days).plus(bench.time.unit().multipliedBy(units)));
  }

  @Override
  public List<Advance<B>> simpler() {
    return units == 0 && days == 1 ? List.of() : List.of(new Advance<>(1, 0));
  }
}
