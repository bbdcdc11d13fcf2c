package dev.lease.testkit;

import java.util.List;

/**
 * One call of a random sequence, told without what differs from run to run: names, tokens,
 * instants. So it can be made on any store, and again on fresh names.
 *
 * @param <B> what it is made on
 */
interface Call<B extends Bench> {

  /** Makes the call, and notes what its answer shows. */
  void run(B bench, Seen seen) throws Exception;

  /** Calls that do a little less, to be tried in its place. */
  default List<? extends Call<B>> simpler() {
    return List.of();
  }
}
