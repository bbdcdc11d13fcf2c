package dev.lease.jdbc;

/** A key of a queue. The key "" stands for the slots of the queue. */
record JobKey(String queue, String key) {

  /** The rows before these are for dedup keys: see {@code lease_key_lock}. */
  private static final int FIRST_BUCKET = 1_000;

  private static final int BUCKETS = 8_192;
  private static final int SPREAD = 0x9E3779B9;

  static JobKey ofQueue(String queue) {
    return new JobKey(queue, "");
  }

  boolean isOfQueue() {
    return key.isEmpty();
  }

  /** The row that stands for it, the same in all processes. */
  int bucket() {
    int hash = (31 * queue.hashCode() + key.hashCode()) * SPREAD;
    return FIRST_BUCKET + (hash >>> Integer.numberOfLeadingZeros(BUCKETS - 1));
  }
}
