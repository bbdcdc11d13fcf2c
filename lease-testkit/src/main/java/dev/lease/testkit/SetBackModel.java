package dev.lease.testkit;

import dev.lease.testkit.Observation.Difference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * The calls of another model, between which the store's clock is set back and forward. Whether a
 * store then still knows that a lease had expired, or that a job had been due, is left open, so the
 * calls only show that tokens grow.
 */
final class SetBackModel<S extends Subject> extends ModelCheck<S> {

  /** Small steps, after which a token may be ahead of the clock or behind it, and a huge one. */
  private static final List<Integer> DAYS = List.of(1, 1, 2, 3, 400);

  private final ModelCheck<S> calls;

  SetBackModel(ModelCheck<S> calls) {
    this.calls = calls;
  }

  @Override
  S reference() {
    return calls.reference();
  }

  @Override
  S tested(S reference, boolean isThorough) {
    return calls.tested(reference, isThorough);
  }

  @Override
  ModelCall<S> next(Random random, S reference) {
    if (random.nextInt(4) > 0) {
      return calls.next(random, reference);
    }
    if (reference.time.isFrozen() && random.nextInt(4) == 0) {
      return new SetBack<>(0, 1 + random.nextInt(2));
    }
    int days = DAYS.get(random.nextInt(DAYS.size()));
    return random.nextBoolean() ? new SetBack<>(days, 0) : new Advance<>(days, 0);
  }

  @Override
  Optional<Difference> difference(Observation expected, Observation found, Duration tolerance) {
    return found.firstBrokenLaw();
  }

  @Override
  List<String> beginning() {
    return calls.beginning();
  }
}
