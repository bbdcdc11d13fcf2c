package dev.lease.examples.proof;

import dev.lease.JobLease;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the store has answered the workers: how often they have claimed, and what they held. */
final class ProofAnswers {

  /**
   * The answer to a call.
   *
   * @param worker the worker
   * @param isClaim whether the call has claimed jobs, perhaps in vain
   * @param holds what the worker holds, according to the answer
   */
  record Answer(String worker, boolean isClaim, List<Hold> holds) {}

  /**
   * An attempt has a job to itself for some time, by the clock of the store.
   *
   * @param owner the worker
   * @param from when this time begins
   * @param until when it ends
   */
  record Hold(String job, String owner, long token, Instant from, Instant until) {

    private static final Instant NEVER = Instant.EPOCH;
    private static final Instant FOR_EVER = Instant.parse("9999-12-31T00:00:00Z");

    static Hold of(JobLease lease, Instant from, Instant until) {
      return new Hold(lease.jobId(), lease.owner(), lease.token(), from, until);
    }

    /** It has ended the job, which nobody may claim any more. */
    static Hold ended(JobLease lease) {
      return of(lease, lease.expiresAt(), FOR_EVER);
    }

    /** It gives the job back, which anybody may claim from now on. */
    static Hold givenBack(JobLease lease) {
      return of(lease, lease.expiresAt(), NEVER);
    }

    private boolean isGivenBack() {
      return until.equals(NEVER);
    }

    /** Whether another attempt has the job before the time of this one is over. */
    private boolean overlaps(Hold other) {
      return token == other.token
          ? !owner.equals(other.owner)
          : token < other.token && other.from.isBefore(until);
    }
  }

  private final Map<String, Integer> claims = new HashMap<>(); // Guarded by this, as the next.
  private final Map<String, List<Hold>> holds = new HashMap<>();

  synchronized void add(Answer answer) {
    if (answer.isClaim()) {
      claims.merge(answer.worker(), 1, Integer::sum);
    }
    answer
        .holds()
        .forEach(hold -> holds.computeIfAbsent(hold.job(), j -> new ArrayList<>()).add(hold));
  }

  /** How many claims of each worker were answered; nothing for a worker without one. */
  synchronized Map<String, Integer> claims() {
    return Map.copyOf(claims);
  }

  /** How many jobs were claimed while another attempt held them, or after one had ended them. */
  synchronized long heldTwice() {
    return holds.values().stream().filter(ProofAnswers::isHeldTwice).count();
  }

  private static boolean isHeldTwice(List<Hold> holds) {
    Set<Long> givenBack =
        holds.stream().filter(Hold::isGivenBack).map(Hold::token).collect(Collectors.toSet());
    return holds.stream()
        .filter(hold -> !givenBack.contains(hold.token()))
        .anyMatch(hold -> holds.stream().anyMatch(hold::overlaps));
  }
}
