package dev.lease;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The answer to {@link JobAdmin#resetExpired}. */
public final class Reset {

  private final int count;
  private final List<EndedJob> ended;

  private Reset(int count, List<EndedJob> ended) {
    this.count = count;
    this.ended = List.copyOf(ended);
  }

  /**
   * Makes an answer.
   *
   * @param count how many jobs it changed
   * @param ended those of them that it ended
   * @return the answer
   */
  public static Reset of(int count, List<EndedJob> ended) {
    return new Reset(count, ended);
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
   * The jobs that it ended, since they had no attempt left or were to be cancelled [Q20]. This is a
   * report, which is lost when the answer is; the truth is the list of FAILED and CANCELLED jobs.
   *
   * @return the jobs, in no order, unmodifiable
   */
  public List<EndedJob> ended() {
    return ended;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Reset that && count == that.count && ended.equals(that.ended);
  }

  @Override
  public int hashCode() {
    return Objects.hash(count, ended);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "Reset[count=" + count + ", ended=" + ended + "]";
  }
}
