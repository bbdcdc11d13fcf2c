package dev.lease.testkit;

/** Named leases: calls that meet at the boundary [L04, L27, L28]. */
abstract class LeaseRaceContract extends LeaseRenewContract {}
