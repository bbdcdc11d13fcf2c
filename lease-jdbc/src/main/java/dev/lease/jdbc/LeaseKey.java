package dev.lease.jdbc;

import dev.lease.Lease;

/** What tells one hold of a named lease from all others. */
record LeaseKey(String name, String owner, long token) {

  static LeaseKey of(Lease lease) {
    return new LeaseKey(lease.name(), lease.owner(), lease.token());
  }
}
