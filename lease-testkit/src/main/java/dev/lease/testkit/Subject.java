package dev.lease.testkit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a sequence of calls is made on, once: two objects of the store under test or of the
 * reference, fresh names, and what the calls were given.
 */
abstract class Subject {

  final StoreTime time;

  /** Of the reference alone. */
  final @Nullable CallListing listing;

  private int number;
  private int calls;

  Subject(StoreTime time, @Nullable CallListing listing) {
    this.time = time;
    this.listing = listing;
  }

  /** Notes everything that the store has under the names of this subject. */
  abstract void look(Observation seen);

  /** The number of the step that is being made. */
  int number() {
    return number;
  }

  /** The objects of the store take turns: 0 or 1. */
  int turn() {
    return number % 2;
  }

  /** The name of the answer to the call that was asked for last. */
  String answer() {
    return "answer" + calls;
  }

  void countCall() {
    calls++;
  }

  /** Says how a value is written that this subject made. */
  void name(Object value, String text) {
    if (listing != null) {
      listing.name(value, text);
    }
  }

  void declare(String variable, String expression, Object value) {
    if (listing != null) {
      listing.declare(variable, expression, value);
    }
  }

  void advance(Duration by) throws Exception {
    countCall();
    if (listing != null) {
      listing.call("advance(" + JavaSource.of(by) + ")");
    }
    time.advance(by);
  }

  /** Begins the call of that number, at an instant of its own. */
  void begin(int callNumber) throws Exception {
    number = callNumber;
    time.tick();
  }
}
