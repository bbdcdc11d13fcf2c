package dev.lease.testkit;

/** Queues: the laws hold over a history of concurrent calls with faults. */
abstract class JobHistoryContract extends JobModelContract {}
