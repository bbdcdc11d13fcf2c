package dev.lease.testkit;

import dev.lease.StoreException;
import dev.lease.testkit.Event.Answer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Calls a store with faults, and notes the times of each call. For use by one thread. */
final class Caller {

  /** The share of calls that go wrong. */
  private static final double SHARE = 0.25;

  final Random random;

  /** Lets calls go wrong. */
  final Faults faults;

  private final String name;
  private final History history;
  private Fault drawn = Fault.NONE;
  private boolean twice;

  /**
   * What a call returned.
   *
   * @param value the store's answer, or null without one
   * @param failure what is known without an answer
   */
  record Reply<T>(Span span, @Nullable T value, Answer failure) {

    /** The answer that this value means, or what is known without a value. */
    Answer answer(Function<T, Answer> inValue) {
      return value == null ? failure : inValue.apply(value);
    }
  }

  /**
   * Makes a caller.
   *
   * @param faulty whether some of its calls go wrong
   */
  Caller(String name, History history, long seed, boolean faulty) {
    this.name = name;
    this.history = history;
    this.random = new Random(seed);
    Function<String, Fault> plan = Faults.randomPlan(random.nextLong(), faulty ? SHARE : 0);
    this.faults =
        new Faults(
            method -> {
              drawn = plan.apply(method);
              twice = drawn == Fault.RESEND && Faults.isRepeatable(method);
              return drawn;
            });
  }

  <T> Reply<T> call(Supplier<T> call) {
    return history.duringCall(
        () -> {
          long sent = history.now();
          try {
            T value = call.get();
            return new Reply<>(span(sent, history.now()), value, Answer.UNKNOWN);
          } catch (StoreException e) {
            if (!e.isOutcomeUnknown()) {
              return new Reply<>(span(sent, history.now()), null, Answer.NOT_DONE);
            }
            // If the fault lost the reply, the call is over; otherwise it may still take effect.
            long done = drawn == Fault.LOST_REPLY ? history.now() : Span.NEVER;
            return new Reply<>(span(sent, done), null, Answer.UNKNOWN);
          }
        });
  }

  private Span span(long sent, long done) {
    return new Span(name, sent, done, twice);
  }

  /** Moves the time of the store. */
  void advance(Duration by) {
    history.advance(by);
  }

  void note(Event event) {
    history.add(event);
  }

  /** Picks one at random. */
  <T> T any(Collection<T> all) {
    return all.stream().skip(random.nextInt(all.size())).findFirst().orElseThrow();
  }

  /** Picks between one and that many at random. */
  <T> List<T> some(Collection<T> all, int most) {
    return IntStream.rangeClosed(0, random.nextInt(most))
        .mapToObj(i -> any(all))
        .distinct()
        .toList();
  }

  @Override
  public String toString() {
    return name;
  }
}
