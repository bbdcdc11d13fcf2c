package dev.lease.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * Moves the store's time forward.
 *
 * @param days by this many days
 * @param units and this many units of the store's clock, to hit an instant exactly or to just miss
 *     it
 */
record Advance<S extends Subject>(int days, int units) implements ModelCall<S> {

  /** By a day. If the clock is frozen, also exactly to an instant or to just before it. */
  static <S extends Subject> Advance<S> next(Random random, boolean isFrozen) {
    return isFrozen && random.nextInt(3) == 0
        ? new Advance<>(random.nextInt(2), random.nextInt(2))
        : new Advance<>(1, isFrozen && random.nextInt(4) == 0 ? -1 : 0);
  }

  @Override
  public void run(S subject, Observation seen) throws Exception {
    subject.advance(Duration.ofDays(days).plus(subject.time.unit().multipliedBy(units)));
  }

  @Override
  public List<Advance<S>> simpler() {
    return units == 0 && days == 1 ? List.of() : List.of(new Advance<>(1, 0));
  }
}
