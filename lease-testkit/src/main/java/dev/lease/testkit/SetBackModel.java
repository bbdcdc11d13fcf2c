package dev.lease.testkit;

import dev.lease.testkit.Observation.Difference;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * The calls of another model, between which the store's clock is set back. Whether a store then
 * still knows that a lease had expired, or that a job had been due, is left open, so the calls only
 * show that tokens grow.
 */
final class SetBackModel<S extends Subject> extends ModelCheck<S> {

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
    return random.nextInt(6) == 0
        ? SetBack.next(random, reference.time.isFrozen())
        : calls.next(random, reference);
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
