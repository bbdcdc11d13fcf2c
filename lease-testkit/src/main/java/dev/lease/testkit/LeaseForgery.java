package dev.lease.testkit;

import dev.lease.Lease;

/** Ways to make a lease that nobody was granted. */
enum LeaseForgery {
  NONE,
  LARGER_TOKEN,
  ZERO_TOKEN,
  NEGATIVE_TOKEN,
  OTHER_OWNER,
  OTHER_NAME;

  private static final long FAR = 1L << 40;

  Lease of(Lease lease) {
    return switch (this) {
      case NONE -> lease;
      case LARGER_TOKEN -> with(lease, lease.name(), lease.owner(), lease.token() + FAR);
      case ZERO_TOKEN -> with(lease, lease.name(), lease.owner(), 0);
      case NEGATIVE_TOKEN -> with(lease, lease.name(), lease.owner(), -lease.token());
      case OTHER_OWNER -> with(lease, lease.name(), "somebody else", lease.token());
      case OTHER_NAME -> with(lease, "unknown", lease.owner(), lease.token());
    };
  }

  private static Lease with(Lease lease, String name, String owner, long token) {
    return Lease.of(name, owner, token, lease.expiresAt(), lease.asOf());
  }

  /** The source text that makes the forged lease from a variable. */
  String code(String lease) {
    String name = this == OTHER_NAME ? "\"unknown\"" : lease + ".name()";
    String owner = this == OTHER_OWNER ? "\"somebody else\"" : lease + ".owner()";
    String token =
        switch (this) {
          case LARGER_TOKEN -> lease + ".token() + " + FAR + "L";
          case ZERO_TOKEN -> "0";
          case NEGATIVE_TOKEN -> "-" + lease + ".token()";
          case NONE, OTHER_OWNER, OTHER_NAME -> lease + ".token()";
        };
    return this == NONE
        ? lease
        : "Lease.of(%s, %s, %s, %s.expiresAt(), %s.asOf())"
            .formatted(name, owner, token, lease, lease);
  }
}
