package dev.lease.jdbc;

import dev.lease.JobState;
import java.util.List;

/**
 * The numbers of the states, in statements and in the column {@code outcome}. Never change them:
 * they are in the tables of users.
 */
final class StateCodes {

  private static final List<JobState> BY_CODE =
      List.of(
          JobState.PENDING,
          JobState.PROCESSING,
          JobState.RETRY,
          JobState.DONE,
          JobState.FAILED,
          JobState.CANCELLED);

  private StateCodes() {}

  static int code(JobState state) {
    return BY_CODE.indexOf(state);
  }

  static JobState state(long code) {
    return BY_CODE.get(Math.toIntExact(code));
  }
}
