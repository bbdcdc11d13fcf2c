package dev.lease.testkit;

/**
 * What a store may come without. What it has is tested; what it lacks has to be refused cleanly.
 */
public enum Capability {
  /** The operators' part: {@link dev.lease.JobAdmin}, tested by {@link JobAdminContract}. */
  ADMIN,
  /** {@link dev.lease.JobQueue#onWork} tells of jobs that the same backend object enqueues. */
  HINTS,
  /** It tells of jobs that any other backend object on the same data enqueues, as well. */
  HINTS_FROM_OTHERS
}
