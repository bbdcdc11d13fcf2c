package dev.lease.testkit;

import java.util.List;

/**
 * One place in a random sequence.
 *
 * @param number which it was in the sequence as it was generated: it stays when others are left
 *     out, so that a later step finds what this one was given
 * @param call what is called
 * @param <S> what it is called on
 */
record NumberedCall<S extends Subject>(int number, ModelCall<S> call) {

  /** Makes the call, and looks at its answer and at everything after it. */
  Observation makeOn(S subject) throws Exception {
    subject.begin(number);
    var seen = new Observation();
    call.run(subject, seen);
    subject.look(seen);
    return seen;
  }

  List<NumberedCall<S>> simpler() {
    return call.simpler().stream().map(simple -> new NumberedCall<S>(number, simple)).toList();
  }
}
