package dev.lease;

/** In which order a list shows jobs. */
public enum JobOrder {
  /** In the order in which they were enqueued, where the store has one. */
  OLDEST_FIRST,
  /** The other way round. */
  NEWEST_FIRST
}
