package dev.lease.jdbc;

import dev.lease.Lease;

/** Identifies one grant of a named lease. */
record LeaseKey(String name, String owner, long token) {

  static LeaseKey of(Lease lease) {
    return new LeaseKey(lease.name(), lease.owner(), lease.token());
  }
}
