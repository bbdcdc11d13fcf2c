package dev.lease.testkit;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a random sequence works on: two backend objects of the store under test or of the
 * reference, fresh names, and the leases that the calls were granted.
 */
abstract class Subject {

  final StoreTime time;

  /** The calls as source text. Only the store under test has it. */
  final @Nullable CallListing listing;

  private int number;
  private int calls;
  private Duration behind = Duration.ZERO;

  Subject(StoreTime time, @Nullable CallListing listing) {
    this.time = time;
    this.listing = listing;
  }

  /** Notes everything that the store shows under the names of this subject. */
  abstract void look(Observation seen);

  /** The number of the current call. */
  int number() {
    return number;
  }

  /** Which of the two backend objects has its turn: 0 or 1. */
  int turn() {
    return number % 2;
  }

  /** The name of the variable for the answer to the last call. */
  String answer() {
    return "answer" + calls;
  }

  void countCall() {
    calls++;
  }

  /** Sets the source text of a value. */
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

  void setBack(Duration by) throws Exception {
    countCall();
    if (listing != null) {
      listing.call("setBack(" + JavaSource.of(by) + ")");
    }
    time.setBack(by);
    behind = behind.plus(by);
  }

  /** Moves the clock forward by all that it was set back, for those who use the store next. */
  void catchUp() throws Exception {
    if (!behind.isZero()) {
      time.advance(behind);
    }
  }

  /** Begins the call with that number, at an instant that no other call has. */
  void begin(int callNumber) throws Exception {
    number = callNumber;
    time.tick();
  }
}
