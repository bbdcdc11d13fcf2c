package dev.lease.testkit;

/** Queues: calls that meet at the boundary [Q03, Q09, Q15, Q29]. */
abstract class JobRaceContract extends JobSettleContract {}
