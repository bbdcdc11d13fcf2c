package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The answer to {@link JobAdmin#resetExpired}. */
public final class Reset {

  private final int count;
  private final List<FinishedJob> finished;

  private Reset(int count, List<FinishedJob> finished) {
    this.count = count;
    this.finished = List.copyOf(finished);
  }

  /**
   * Creates an answer.
   *
   * @param count how many jobs it changed
   * @param finished the jobs among them that it finished
   * @return the answer
   */
  public static Reset of(int count, List<FinishedJob> finished) {
    return new Reset(count, finished);
  }

  /**
   * How many jobs the call changed, exactly [Q40].
   *
   * @return the number
   */
  public int count() {
    return count;
  }

  /**
   * The jobs that it finished: they had crashed too often, or their cancellation had been
   * requested, or their deadline had passed [Q20, Q81]. This is a report. If the answer gets lost,
   * so does the report; the list of FAILED and CANCELLED jobs has them all.
   *
   * @return the jobs, in no order, unmodifiable
   */
  public List<FinishedJob> finished() {
    return finished;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Reset that && count == that.count && finished.equals(that.finished);
  }

  @Override
  public int hashCode() {
    return Objects.hash(count, finished);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "Reset[count=" + count + ", finished=" + finished + "]";
  }
}
