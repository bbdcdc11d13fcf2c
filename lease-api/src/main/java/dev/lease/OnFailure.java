package dev.lease;

/**
 * What becomes of a part of a graph when a part before it has ended, and jobs of that part are
 * FAILED or CANCELLED, or were deleted [Q75].
 */
public enum OnFailure {
  /** Its jobs are CANCELLED, and their errors name the part that failed. */
  CANCEL,
  /** Its jobs run all the same, and find the jobs that failed among their parents. */
  RUN,
  /** Its jobs run all the same, and find only the jobs that are DONE among their parents. */
  IGNORE
}
