package dev.lease.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Random;

/**
 * Sets the store's clock back.
 *
 * @param days by this many days
 * @param units and this many units of the store's clock
 */
record SetBack<S extends Subject>(int days, int units) implements ModelCall<S> {

  private static final List<Integer> DAYS = List.of(1, 1, 2, 10, 400);

  /** By days, or by more than a year. If the clock is frozen, also by a unit. */
  static <S extends Subject> SetBack<S> next(Random random, boolean isFrozen) {
    return isFrozen && random.nextInt(3) == 0
        ? new SetBack<>(0, 1 + random.nextInt(2))
        : new SetBack<>(DAYS.get(random.nextInt(DAYS.size())), 0);
  }

  @Override
  public void run(S subject, Observation seen) throws Exception {
    subject.setBack(Duration.ofDays(days).plus(subject.time.unit().multipliedBy(units)));
  }

  @Override
  public List<SetBack<S>> simpler() {
    return days == 1 && units == 0 ? List.of() : List.of(new SetBack<>(1, 0));
  }
}
