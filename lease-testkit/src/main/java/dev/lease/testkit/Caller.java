package dev.lease.testkit;

import dev.lease.StoreException;
import dev.lease.testkit.Event.Answer;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Calls a store, meets faults, and notes the times. For use by one thread. */
final class Caller {

  /** How many of the calls go wrong. */
  private static final double SHARE = 0.25;

  final Random random;

  /** What goes wrong with the calls. */
  final Faults faults;

  private final String name;
  private final History history;
  private Fault drawn = Fault.NONE;
  private boolean twice;

  /**
   * What came of a call.
   *
   * @param value the store's answer, if it gave one
   * @param failure what is known where it gave none
   */
  record Reply<T>(Span span, @Nullable T value, Answer failure) {

    /** The answer in this value, or what is known without one. */
    Answer answer(Function<T, Answer> inValue) {
      return value == null ? failure : inValue.apply(value);
    }
  }

  /**
   * Makes a caller.
   *
   * @param faulty whether a share of its calls goes wrong
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
            // A reply that the fault lost belongs to a call that is over; one that the store did
            // not get may belong to one that is still to take effect.
            long done = drawn == Fault.LOST_REPLY ? history.now() : Span.NEVER;
            return new Reply<>(span(sent, done), null, Answer.UNKNOWN);
          }
        });
  }

  private Span span(long sent, long done) {
    return new Span(name, sent, done, twice);
  }

  void note(Event event) {
    history.add(event);
  }

  /** One of them, at random. */
  <T> T any(Collection<T> all) {
    return all.stream().skip(random.nextInt(all.size())).findFirst().orElseThrow();
  }

  /** One to that many of them, at random. */
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
