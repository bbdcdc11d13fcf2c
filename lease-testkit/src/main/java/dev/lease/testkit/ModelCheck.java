package dev.lease.testkit;

import dev.lease.testkit.Seen.Difference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Makes random sequences of calls on a store and on the reference, compares what they show after
 * every call, and tells the first disagreement by the shortest sequence that shows it.
 *
 * @param <B> what the calls are made on
 */
abstract class ModelCheck<B extends Bench> {

  /**
   * Marks tests that notice whatever is broken, so that nobody learns from them which clause is.
   */
  static final String TAG = "model";

  private static final int STEPS = 100;
  private static final int TRIES = 500;

  /** A fresh bench of the reference. */
  abstract B reference();

  /**
   * A fresh bench of the store under test, which asks the reference what that leaves free.
   *
   * @param isThorough whether everything is looked at after every call: so that a sequence is cut
   *     as short as can be. Else a part is, since a database takes long to tell all
   */
  abstract B tested(B reference, boolean isThorough);

  /** The next call of a random sequence, which fits what the reference is in. */
  abstract Call<B> next(Random random, B reference);

  /** The statements with which a test begins that makes these calls. */
  abstract List<String> beginning();

  /**
   * Runs as many sequences as {@code -Dlease.kit.sequences} says, from {@code -Dlease.kit.seed}.
   */
  final void run() throws Exception {
    run(Long.getLong("lease.kit.seed", 1L), Integer.getInteger("lease.kit.sequences", 20));
  }

  final void run(long firstSeed, int sequences) throws Exception {
    for (long seed = firstSeed; seed < firstSeed + sequences; seed++) {
      Optional<Disagreement<B>> disagreement = shortest(seed);
      if (disagreement.isPresent()) {
        throw new AssertionError(message(seed, disagreement.get()));
      }
    }
  }

  /** The shortest sequence that was found to show how the one of a seed disagrees, if it does. */
  final Optional<Disagreement<B>> shortest(long seed) throws Exception {
    return disagreement(sequence(seed), false).map(this::shortest);
  }

  final List<Step<B>> sequence(long seed) throws Exception {
    var random = new Random(seed);
    B reference = reference();
    List<Step<B>> steps = new ArrayList<>();
    for (int number = 1; number <= STEPS; number++) {
      Step<B> step = new Step<>(number, next(random, reference));
      Bench.make(reference, step);
      steps.add(step);
    }
    return steps;
  }

  private Optional<Disagreement<B>> disagreement(List<Step<B>> steps, boolean isThorough)
      throws Exception {
    B reference = reference();
    B tested = tested(reference, isThorough);
    for (int i = 0; i < steps.size(); i++) {
      Seen found = null;
      Throwable thrown = null;
      try {
        found = Bench.make(tested, steps.get(i));
      } catch (Exception | AssertionError e) {
        thrown = e;
      }
      Seen expected = Bench.make(reference, steps.get(i));
      Difference difference =
          found == null
              ? null
              : expected.firstDifference(found, reference.time.tolerance()).orElse(null);
      if (difference != null || thrown != null) {
        return Optional.of(
            new Disagreement<>(
                steps.subList(0, i + 1),
                Objects.requireNonNull(reference.listing),
                reference.time.tolerance(),
                difference,
                thrown));
      }
    }
    return Optional.empty();
  }

  private Disagreement<B> shortest(Disagreement<B> first) {
    List<Disagreement<B>> found = new ArrayList<>(List.of(first));
    Predicate<List<Step<B>>> disagrees =
        steps -> {
          Optional<Disagreement<B>> disagreement = again(steps);
          disagreement.ifPresent(found::add);
          return disagreement.isPresent();
        };
    new Shrinker<Step<B>>(disagrees, Step::simpler, TRIES).shortest(first.steps());
    return found.get(found.size() - 1);
  }

  private Optional<Disagreement<B>> again(List<Step<B>> steps) {
    try {
      return disagreement(steps, true);
    } catch (Exception e) {
      throw new IllegalStateException("the reference or the fixture failed", e);
    }
  }

  private String message(long seed, Disagreement<B> disagreement) {
    return "the store disagrees with the reference (-Dlease.kit.seed="
        + seed
        + " -Dlease.kit.sequences=1)\n"
        + disagreement.words()
        + "\n\nA test to paste, with imports of dev.lease.*, java.time.*, java.util.* and assertThat:\n\n"
        + disagreement.test("sequence" + seed, beginning());
  }
}
