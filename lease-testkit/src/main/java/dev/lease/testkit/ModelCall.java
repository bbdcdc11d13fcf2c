package dev.lease.testkit;

import java.util.List;

/**
 * One call of a random sequence. It does not contain what differs from run to run (names, tokens,
 * instants), so it can be made on any store, and repeated under fresh names.
 *
 * @param <S> what the call is made on
 */
interface ModelCall<S extends Subject> {

  /** Makes the call, and notes what its answer shows. */
  void run(S subject, Observation seen) throws Exception;

  /** Calls that do a little less, for the search for the shortest sequence. */
  default List<? extends ModelCall<S>> simpler() {
    return List.of();
  }
}
