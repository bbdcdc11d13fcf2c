package dev.lease.testkit;

/** Random calls of workers and people agree with the reference [Q47]. */
abstract class AdminModelContract extends AdminRaceContract {}
