package dev.lease.testkit;

import dev.lease.testkit.Observation.Difference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/**
 * Makes random sequences of calls on a store and on the reference, and compares what both show
 * after every call. Reports the first disagreement with the shortest sequence of calls that shows
 * it.
 *
 * @param <S> what the calls are made on
 */
abstract class ModelCheck<S extends Subject> {

  private static final int CALLS = 100;
  private static final int TRIES = 500;

  /** Makes a fresh subject for the reference. */
  abstract S reference();

  /**
   * Makes a fresh subject for the store under test. It asks the reference which answers the
   * contract leaves open.
   *
   * @param isThorough whether everything is read after every call, so that the sequence can be made
   *     as short as possible; otherwise only a part is, since a database takes long to read
   *     everything
   */
  abstract S tested(S reference, boolean isThorough);

  /** The next call of a random sequence, chosen to suit the state of the reference. */
  abstract ModelCall<S> next(Random random, S reference);

  /** The first difference between what the reference and the store under test have shown. */
  Optional<Difference> difference(Observation expected, Observation found, Duration tolerance) {
    return expected.firstDifference(found, tolerance);
  }

  /**
   * Whether a difference comes of what a store may do by itself. Then the reference has done the
   * same, and both go on if they look alike.
   */
  boolean hasFollowed(S reference, S tested) {
    return false;
  }

  /** The statements at the beginning of a test that makes these calls. */
  abstract List<String> beginning();

  /**
   * Runs {@code -Dlease.kit.sequences} sequences, the first with the seed {@code -Dlease.kit.seed}.
   */
  final void run() throws Exception {
    run(seed(), sequences());
  }

  static long seed() {
    return Long.getLong("lease.kit.seed", 1L);
  }

  static int sequences() {
    return Integer.getInteger("lease.kit.sequences", 10);
  }

  final void run(long firstSeed, int sequences) throws Exception {
    for (long seed = firstSeed; seed < firstSeed + sequences; seed++) {
      Optional<Disagreement<S>> disagreement = shortest(seed);
      if (disagreement.isPresent()) {
        throw new AssertionError(
            "the store disagrees with the reference (-Dlease.kit.seed="
                + seed
                + " -Dlease.kit.sequences=1)\n"
                + message("sequence" + seed, disagreement.get()));
      }
    }
  }

  /**
   * Runs the sequence of a seed. If it shows a disagreement, returns the shortest sequence found
   * for it.
   */
  final Optional<Disagreement<S>> shortest(long seed) throws Exception {
    return disagreement(sequence(seed), 0, false).map(this::shortest);
  }

  /**
   * Makes some calls, and compares all answers, and everything after the last call but one. If
   * something differs, makes them again and compares after each, so that the first difference is
   * told.
   *
   * @param what what the calls are, for the message
   */
  final void run(String what, List<ModelCall<S>> calls) throws Exception {
    List<NumberedCall<S>> numbered = new ArrayList<>();
    calls.forEach(call -> numbered.add(new NumberedCall<>(numbered.size() + 1, call)));
    Optional<Disagreement<S>> last = disagreement(numbered, numbered.size() - 2, true);
    if (last.isPresent()) {
      Disagreement<S> first = disagreement(numbered, 0, true).orElse(last.get());
      throw new AssertionError(
          what + ": the store disagrees with the reference\n" + message("calls", first));
    }
  }

  final List<NumberedCall<S>> sequence(long seed) throws Exception {
    var random = new Random(seed);
    S reference = reference();
    List<NumberedCall<S>> calls = new ArrayList<>();
    for (int number = 1; number <= CALLS; number++) {
      NumberedCall<S> call = new NumberedCall<>(number, next(random, reference));
      call.makeOn(reference, false);
      calls.add(call);
    }
    return calls;
  }

  /**
   * The first disagreement.
   *
   * @param looksFrom the first call after which everything is compared, and not only the answer
   */
  private Optional<Disagreement<S>> disagreement(
      List<NumberedCall<S>> calls, int looksFrom, boolean isThorough) throws Exception {
    S reference = reference();
    S tested = tested(reference, isThorough);
    try {
      return disagreement(calls, looksFrom, reference, tested);
    } finally {
      tested.catchUp();
    }
  }

  private Optional<Disagreement<S>> disagreement(
      List<NumberedCall<S>> calls, int looksFrom, S reference, S tested) throws Exception {
    for (int i = 0; i < calls.size(); i++) {
      Observation found = null;
      Throwable thrown = null;
      try {
        found = calls.get(i).makeOn(tested, i >= looksFrom);
      } catch (Exception | AssertionError e) {
        thrown = e;
      }
      Observation expected = calls.get(i).makeOn(reference, i >= looksFrom);
      Difference difference =
          found == null
              ? null
              : difference(expected, found, reference.time.tolerance()).orElse(null);
      if (difference != null
          && hasFollowed(reference, tested)
          && lookDifferent(reference, tested).isEmpty()) {
        continue;
      }
      if (difference != null || thrown != null) {
        return Optional.of(
            new Disagreement<>(
                calls.subList(0, i + 1),
                Objects.requireNonNull(tested.listing),
                reference.time.tolerance(),
                difference,
                thrown));
      }
    }
    return Optional.empty();
  }

  private Optional<Difference> lookDifferent(S reference, S tested) throws Exception {
    var expected = new Observation();
    var found = new Observation();
    tested.look(found);
    reference.look(expected);
    return difference(expected, found, reference.time.tolerance());
  }

  private Disagreement<S> shortest(Disagreement<S> first) {
    List<Disagreement<S>> found = new ArrayList<>(List.of(first));
    Predicate<List<NumberedCall<S>>> disagrees =
        calls -> {
          Optional<Disagreement<S>> disagreement = again(calls);
          disagreement.ifPresent(found::add);
          return disagreement.isPresent();
        };
    new Shrinker<NumberedCall<S>>(disagrees, NumberedCall::simpler, TRIES).shortest(first.calls());
    return found.get(found.size() - 1);
  }

  private Optional<Disagreement<S>> again(List<NumberedCall<S>> calls) {
    try {
      return disagreement(calls, 0, true);
    } catch (Exception e) {
      throw new IllegalStateException("the reference or the fixture failed", e);
    }
  }

  private String message(String test, Disagreement<S> disagreement) {
    return disagreement.words()
        + "\n\nA test to paste, with imports of dev.lease.*, java.time.*, java.util.* and"
        + " assertThat:\n\n"
        + disagreement.test(test, beginning());
  }
}
