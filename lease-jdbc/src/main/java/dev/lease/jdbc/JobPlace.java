package dev.lease.jdbc;

import dev.lease.JobOrder;

/**
 * The place of a job in a list.
 *
 * @param finished when it finished, in microseconds; 0 if the order does not go by that
 * @param seq its number in the order of enqueueing
 */
record JobPlace(long finished, long seq) implements Comparable<JobPlace> {

  /** By the times of the finishes, the last one first. */
  @Override
  public int compareTo(JobPlace other) {
    int finishes = Long.compare(other.finished, finished);
    return finishes == 0 ? Long.compare(other.seq, seq) : finishes;
  }

  /** Reads what {@link #text} wrote for the same order. */
  static JobPlace of(String text, JobOrder order) {
    try {
      int colon = text.indexOf(':');
      if (colon < 0 != (order == JobOrder.LAST_FINISHED_FIRST)) {
        return new JobPlace(
            colon < 0 ? 0 : Long.parseLong(text.substring(0, colon)),
            Long.parseLong(text.substring(colon + 1)));
      }
    } catch (NumberFormatException e) {
      // Thrown below.
    }
    throw new IllegalArgumentException(
        "after must come from a page of this store in this order, was " + text);
  }

  /** The cursor of a page that ends here. */
  String text(JobOrder order) {
    return order == JobOrder.LAST_FINISHED_FIRST ? finished + ":" + seq : Long.toString(seq);
  }
}
