package dev.lease.testkit;

/** Queues: random calls agree with the reference [Q47]. */
abstract class JobModelContract extends JobRaceContract {}
