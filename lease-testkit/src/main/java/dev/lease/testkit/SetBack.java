package dev.lease.testkit;

import java.time.Duration;
import java.util.List;

/**
 * Sets the store's clock back.
 *
 * @param days by this many days
 * @param units and this many units of the store's clock
 */
record SetBack<S extends Subject>(int days, int units) implements ModelCall<S> {
  @Override
  public void run(S subject, Observation seen) throws Exception {
    subject.setBack(Duration.ofDays(days).plus(subject.time.unit().multipliedBy(units)));
  }

  @Override
  public List<SetBack<S>> simpler() {
    return days == 1 && units == 0 ? List.of() : List.of(new SetBack<>(1, 0));
  }
}
