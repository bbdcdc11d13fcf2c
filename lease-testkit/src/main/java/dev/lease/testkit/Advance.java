package dev.lease.testkit;

import java.time.Duration;
import java.util.List;

/**
 * The time goes on.
 *
 * @param days by so many days
 * @param units and so many units of the store's clock, to meet an instant or to miss it
 */
record Advance<S extends Subject>(int days, int units) implements ModelCall<S> {

  @Override
  public void run(S subject, Observation seen) throws Exception {
    subject.advance(Duration.ofDays(days).plus(subject.time.unit().multipliedBy(units)));
  }

  @Override
  public List<Advance<S>> simpler() {
    return units == 0 && days == 1 ? List.of() : List.of(new Advance<>(1, 0));
  }
}
