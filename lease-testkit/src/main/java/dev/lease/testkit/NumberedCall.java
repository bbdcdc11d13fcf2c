package dev.lease.testkit;

import java.util.List;

/**
 * A call and its place in a random sequence.
 *
 * @param number its number in the sequence as generated. It stays the same when other calls are
 *     left out, so that a later call finds the lease that this one was granted
 * @param call the call
 * @param <S> what the call is made on
 */
record NumberedCall<S extends Subject>(int number, ModelCall<S> call) {

  /**
   * Makes the call, and notes its answer.
   *
   * @param looks whether it also notes everything that the store shows afterwards
   */
  Observation makeOn(S subject, boolean looks) throws Exception {
    subject.begin(number);
    var seen = new Observation();
    call.run(subject, seen);
    if (looks) {
      subject.look(seen);
    }
    return seen;
  }

  List<NumberedCall<S>> simpler() {
    return call.simpler().stream().map(simple -> new NumberedCall<S>(number, simple)).toList();
  }
}
