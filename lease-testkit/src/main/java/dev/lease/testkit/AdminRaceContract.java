package dev.lease.testkit;

/** What people do, while workers work [Q41, Q42]. */
abstract class AdminRaceContract extends AdminRequeueContract {}
