package dev.lease.testkit;

/** Named leases: the laws hold over a history of concurrent calls with faults. */
abstract class LeaseHistoryContract extends LeaseModelContract {}
