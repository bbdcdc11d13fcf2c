package dev.lease.testkit;

/**
 * Parts that a store may lack. The kit tests those it has, and checks that it refuses those it
 * lacks.
 */
public enum Capability {
  /** {@link dev.lease.JobAdmin}, the calls for operators. {@link JobAdminContract} tests it. */
  ADMIN,
  /**
   * {@link dev.lease.JobQueue#onWork} gives hints of jobs that the same backend object enqueues.
   */
  HINTS,
  /** It also gives hints of jobs that another backend object on the same data enqueues. */
  HINTS_FROM_OTHERS
}
