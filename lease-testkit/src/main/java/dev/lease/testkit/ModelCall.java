package dev.lease.testkit;

import java.util.List;

/**
 * One call of a random sequence, told without what differs from run to run: names, tokens,
 * instants. So it can be made on any store, and again on fresh names.
 *
 * @param <S> what it is made on
 */
interface ModelCall<S extends Subject> {

  /** Makes the call, and notes what its answer shows. */
  void run(S subject, Observation seen) throws Exception;

  /** Calls that do a little less, to be tried in its place. */
  default List<? extends ModelCall<S>> simpler() {
    return List.of();
  }
}
