package dev.lease.examples.customstore;

import dev.lease.Lease;
import java.time.Instant;

/** The document of a named lease: the last grant of its name. */
record StoredLease(String name, String owner, long token, Instant expiresAt) {

  static StoredLease of(Lease lease) {
    return new StoredLease(lease.name(), lease.owner(), lease.token(), lease.expiresAt());
  }

  Lease asOf(Instant now) {
    return Lease.of(name, owner, token, expiresAt, now);
  }
}
