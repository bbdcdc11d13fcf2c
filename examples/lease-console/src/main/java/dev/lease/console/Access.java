package dev.lease.console;

/** What a viewer may do. Each level has what those before it have. */
public enum Access {
  /** Nothing at all. */
  NONE,
  /** Look at everything but what is hidden. */
  READ,
  /** Change jobs, queues and schedules as well. */
  CHANGE;

  boolean covers(Access needed) {
    return compareTo(needed) >= 0;
  }
}
