package dev.lease.testkit;

import java.util.Comparator;

/**
 * A job of a random sequence, by what is the same in every run.
 *
 * @param queue its queue
 * @param id its id
 */
record JobKey(ModelQueue queue, String id) implements Comparable<JobKey> {

  private static final Comparator<JobKey> ORDER =
      Comparator.comparing(JobKey::queue).thenComparing(JobKey::id);

  @Override
  public int compareTo(JobKey other) {
    return ORDER.compare(this, other);
  }
}
