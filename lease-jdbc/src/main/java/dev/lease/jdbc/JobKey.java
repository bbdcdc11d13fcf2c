package dev.lease.jdbc;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A key of a queue. The key "" stands for the slots of the queue. */
record JobKey(String queue, String key) {

  /** The rows before these are for dedup keys: see {@code lease_key_lock}. */
  private static final int FIRST_BUCKET = 1_000;

  private static final int BUCKETS = 8_192;
  private static final int SPREAD = 0x9E3779B9;

  /** How many buckets one step locks that waits for all. */
  private static final int SLICE = 1_024;

  static JobKey ofQueue(String queue) {
    return new JobKey(queue, "");
  }

  boolean isOfQueue() {
    return key.isEmpty();
  }

  /** All rows that stand for keys, in slices. */
  static List<List<Integer>> slices() {
    return IntStream.range(0, BUCKETS / SLICE)
        .map(slice -> FIRST_BUCKET + slice * SLICE)
        .mapToObj(first -> IntStream.range(first, first + SLICE).boxed().toList())
        .toList();
  }

  /** The rows that stand for keys. */
  static Set<Integer> buckets(Collection<JobKey> keys) {
    return keys.stream().map(JobKey::bucket).collect(Collectors.toSet());
  }

  /** The row that stands for it, the same in all processes. */
  int bucket() {
    int hash = (31 * queue.hashCode() + key.hashCode()) * SPREAD;
    return FIRST_BUCKET + (hash >>> Integer.numberOfLeadingZeros(BUCKETS - 1));
  }
}
