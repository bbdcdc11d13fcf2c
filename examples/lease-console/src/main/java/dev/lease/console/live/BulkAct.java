package dev.lease.console.live;

import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.JobState;
import dev.lease.Requeueing;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can be done with many jobs. */
public enum BulkAct {
  /** Makes jobs wait again. */
  RETRY(
      "Retry",
      "They wait again, as if they had made no attempt yet.",
      "Another job has their dedup key, or they came since they were counted.",
      JobState.FAILED,
      JobState.CANCELLED) {
    @Override
    JobPiece piece(
        JobAdmin admin, JobFilter filter, Duration spread, @Nullable String after, int limit) {
      return admin.requeue(filter, Requeueing.spreadOver(spread), after, limit);
    }
  },
  /** Cancels jobs. */
  CANCEL(
      "Cancel",
      "Those that wait are cancelled at once, those that run when their worker learns of it.",
      "They run until their worker learns of it, or they came since they were counted.",
      JobState.PENDING,
      JobState.RETRY,
      JobState.PROCESSING) {
    @Override
    JobPiece piece(
        JobAdmin admin, JobFilter filter, Duration spread, @Nullable String after, int limit) {
      return admin.cancel(filter, after, limit);
    }
  },
  /** Deletes jobs that no worker holds. */
  DELETE(
      "Delete",
      "They are gone, with their steps; their ids are forgotten. What a worker holds stays.",
      "They came since they were counted.",
      JobState.PENDING,
      JobState.RETRY,
      JobState.DONE,
      JobState.FAILED,
      JobState.CANCELLED) {
    @Override
    JobPiece piece(
        JobAdmin admin, JobFilter filter, Duration spread, @Nullable String after, int limit) {
      return admin.delete(filter, after, limit);
    }
  };

  private final String label;
  private final String words;
  private final String rest;

  @SuppressWarnings("ImmutableEnumChecker") // Set.of makes one that is.
  private final Set<JobState> states;

  BulkAct(String label, String words, String rest, JobState... states) {
    this.label = label;
    this.words = words;
    this.rest = rest;
    this.states = Set.of(states);
  }

  abstract JobPiece piece(
      JobAdmin admin, JobFilter filter, Duration spread, @Nullable String after, int limit);

  /**
   * The filter of a form, but for jobs that this act leaves alone.
   *
   * @param filter the filter
   * @return the filter, with the states of this act if it has none
   * @throws IllegalArgumentException if it has a state that this act leaves alone
   */
  public JobFilter narrowed(JobFilter filter) {
    if (filter.states().isEmpty()) {
      return filter.inState(states.toArray(JobState[]::new));
    }
    if (!states.containsAll(filter.states())) {
      throw new IllegalArgumentException(
          label + " works on jobs in these states: " + states.stream().sorted().toList());
    }
    return filter;
  }

  /**
   * Tells whether it works on jobs in a state.
   *
   * @param state the name of the state; empty for any
   * @return true if so
   */
  public boolean fits(String state) {
    return state.isEmpty() || states.contains(JobState.valueOf(state));
  }

  /** {@return the word for it} */
  public String label() {
    return label;
  }

  /** {@return what becomes of the jobs} */
  public String words() {
    return words;
  }

  /** {@return why some may match afterwards} */
  public String rest() {
    return rest;
  }
}
