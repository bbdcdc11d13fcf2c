package dev.lease;

/** The order of a list of jobs. More may come, so a switch over them needs a default. */
public enum JobOrder {
  /** The order in which the jobs were enqueued, if the store has one. */
  OLDEST_FIRST,
  /** The reverse order. */
  NEWEST_FIRST
}
