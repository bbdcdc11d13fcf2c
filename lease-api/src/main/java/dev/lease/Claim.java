package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The answer to a claim: the jobs that it gave, and the jobs that it finished. */
public final class Claim {

  /** The most claims that a store makes of one search of a queue: {@value} [Q11]. */
  public static final int MAX_PARTS = 100;

  private static final Claim EMPTY = new Claim(List.of(), List.of(), false, false);

  private final List<ClaimedJob> jobs;
  private final List<FinishedJob> finished;
  private final boolean more;
  private final boolean partial;

  private Claim(List<ClaimedJob> jobs, List<FinishedJob> finished, boolean more, boolean partial) {
    this.jobs = List.copyOf(jobs);
    this.finished = List.copyOf(finished);
    this.more = more;
    this.partial = partial;
  }

  /**
   * The answer of a queue that has no work.
   *
   * @return a claim without jobs
   */
  public static Claim empty() {
    return EMPTY;
  }

  /**
   * Creates an answer.
   *
   * @param jobs the jobs given, in their order [Q13]
   * @param finished the jobs finished, at most 1000 [Q20]
   * @param more whether the claim left jobs that it saw and could have given or finished
   * @return the answer
   */
  public static Claim of(List<ClaimedJob> jobs, List<FinishedJob> finished, boolean more) {
    return new Claim(jobs, finished, more, false);
  }

  /**
   * The same answer of a claim that has searched only a part of the queue.
   *
   * @return the answer, with {@link #partial}
   */
  public Claim asPartial() {
    return new Claim(jobs, finished, more, true);
  }

  /**
   * The jobs that the claim gave.
   *
   * @return the jobs in the order of Q13, unmodifiable; empty if there is no work
   */
  public List<ClaimedJob> jobs() {
    return jobs;
  }

  /**
   * The jobs that the claim met and finished: their lease had expired in their last crash, or their
   * cancellation had been requested, or their deadline had passed [Q20, Q81]. This is a report. If
   * the answer gets lost, so does the report; the list of FAILED and CANCELLED jobs has them all.
   *
   * @return at most 1000 jobs, in no order, unmodifiable
   */
  public List<FinishedJob> finished() {
    return finished;
  }

  /**
   * Whether the claim left jobs that it saw and could have given or finished, because of its limit,
   * its bytes or another bound of the store. False does not promise an empty queue, since a store
   * need not have looked further.
   *
   * @return true if another claim may find more; then this claim gave or finished some
   */
  public boolean more() {
    return more;
  }

  /**
   * Whether the claim has searched only a part of the queue, because to search all of it takes
   * long: the next claim goes on from there [Q11]. A worker claims again at once. A store makes at
   * most {@link #MAX_PARTS} claims of a search; the last one is not partial.
   *
   * @return true if the claim is short of its limit and there may be older jobs where it has not
   *     searched yet; unlike with {@link #more}, it may have given and finished none
   */
  public boolean partial() {
    return partial;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Claim that
        && jobs.equals(that.jobs)
        && finished.equals(that.finished)
        && more == that.more
        && partial == that.partial;
  }

  @Override
  public int hashCode() {
    return Objects.hash(jobs, finished, more, partial);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "Claim[jobs=%s, finished=%s, more=%s, partial=%s]"
        .formatted(jobs, finished, more, partial);
  }
}
