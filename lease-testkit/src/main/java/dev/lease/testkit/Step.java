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
record Step<S extends Subject>(int number, Call<S> call) {

  List<Step<S>> simpler() {
    return call.simpler().stream().map(simple -> new Step<S>(number, simple)).toList();
  }
}
