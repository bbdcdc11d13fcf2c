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
   * Makes an answer.
   *
   * @param count how many jobs it changed
   * @param finished those of them that it finished
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
   * The jobs that it finished, since they had no attempt left or were to be cancelled [Q20]. This
   * is a report, which is lost when the answer is; the truth is the list of FAILED and CANCELLED
   * jobs.
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
