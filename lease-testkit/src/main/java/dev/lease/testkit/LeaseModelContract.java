package dev.lease.testkit;

/** Named leases: random calls agree with the reference. */
abstract class LeaseModelContract extends LeaseRaceContract {}
