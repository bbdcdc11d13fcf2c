package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Two calls of two processes on one job, or on one name. The law is the same for every pair: they
 * answer, and leave it, as if one had come after the other. What the two orders give, the store
 * shows itself.
 *
 * @param <T> what both calls are made on
 */
final class PairOfCalls<T> {

  /** How often each pair races. */
  private static final int ROUNDS = Math.max(5, Race.ROUNDS / 20);

  private static final int MANY = 300;

  /** A call of one process; answers in words, without tokens and times. */
  record Call<T>(String name, Answer<T> answer) {
    interface Answer<T> {
      String of(Side<T> side) throws Exception;
    }

    /** Makes the call, and once more if it has passed over a job that somebody had locked. */
    String repeated(Side<T> side, String first) throws Exception {
      return first.equals(PASSED_BY) ? answer.of(side) : first;
    }
  }

  /** What a call answers if it found nothing to do. */
  static final String PASSED_BY = "passed by";

  /** How long calls extend or renew a lease: what is left of it tells that apart from a grant. */
  static final Duration LONG = StoreContract.LEASE.multipliedBy(10);

  static String howLong(Duration left) {
    return left.compareTo(LONG.dividedBy(2)) > 0 ? " for long" : "";
  }

  /** What is called on, and the process that calls. */
  record Side<T>(boolean isFirst, T on) {
    String by() {
      return isFirst ? "by the first" : "by the other";
    }
  }

  /** The answers of both calls, and what they left. */
  private record Ending(String one, String other, String left) {}

  private final Race.Start<T> start;
  private final Function<T, String> left;

  /**
   * @param start makes jobs or names in the state in which the calls meet them
   * @param left tells what is left of one
   */
  PairOfCalls(Race.Start<T> start, Function<T, String> left) {
    this.start = start;
    this.left = left;
  }

  /** Makes many at a time: some stores can only move the times of all that they have. */
  static <T> Race.Start<T> inAdvance(Race.Start<T> start) {
    Deque<T> made = new ArrayDeque<>();
    return count -> {
      if (made.size() < count) {
        made.addAll(start.rounds(Math.max(count, MANY)));
      }
      return Stream.generate(made::remove).limit(count).toList();
    };
  }

  /** Lets each call race with each, itself included. */
  void race(List<Call<T>> calls) throws Exception {
    for (int i = 0; i < calls.size(); i++) {
      race(calls.subList(i, i + 1), calls.subList(i, calls.size()));
    }
  }

  /** Lets each of some calls race with each of others. */
  void race(List<Call<T>> calls, List<Call<T>> others) throws Exception {
    for (Call<T> one : calls) {
      for (Call<T> other : others) {
        race(one, other);
      }
    }
  }

  private void race(Call<T> one, Call<T> other) throws Exception {
    Ending forth = inOrder(one, other, true);
    Ending back = inOrder(one, other, false);
    new Race<>(start, ROUNDS)
        .run(
            it -> one.answer().of(new Side<>(true, it)),
            it -> other.answer().of(new Side<>(false, it)),
            (it, first, second) ->
                assertThat(ending(one, other, it, first, second))
                    .as("%s against %s", one.name(), other.name())
                    .isIn(forth, back));
  }

  private Ending inOrder(Call<T> one, Call<T> other, boolean forth) throws Exception {
    T it = start.rounds(1).get(0);
    var first = new Side<>(true, it);
    var second = new Side<>(false, it);
    if (forth) {
      String answer = one.answer().of(first);
      return new Ending(answer, other.answer().of(second), left.apply(it));
    }
    String answer = other.answer().of(second);
    return new Ending(one.answer().of(first), answer, left.apply(it));
  }

  private Ending ending(Call<T> one, Call<T> other, T it, String first, String second) {
    try {
      String answer = one.repeated(new Side<>(true, it), first);
      String answer2 = other.repeated(new Side<>(false, it), second);
      return new Ending(answer, answer2, left.apply(it));
    } catch (Exception e) {
      throw new IllegalStateException(one.name() + " against " + other.name(), e);
    }
  }
}
