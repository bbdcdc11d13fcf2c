package dev.lease.jdbc;

import dev.lease.Lease;

/** What tells one hold of a named lease from all others. */
record Grant(String name, String owner, long token) {

  static Grant of(Lease lease) {
    return new Grant(lease.name(), lease.owner(), lease.token());
  }
}
