package dev.lease;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of a store, counted by queue: the answer of {@link JobAdmin#counts}.
 *
 * <p>Stores create it with {@link #of}, so that fields can be added later.
 */
public final class StoreCounts {

  private final List<QueueCounts> queues;
  private final List<String> missing;

  private StoreCounts(List<QueueCounts> queues, List<String> missing) {
    this.queues = List.copyOf(queues);
    this.missing = Limits.batch("missing", missing);
  }

  /**
   * Creates an answer to which every part of the store contributed.
   *
   * @param queues the counts, in the order of the UTF-8 bytes of the queues' names; copied
   * @return the answer
   */
  public static StoreCounts of(List<QueueCounts> queues) {
    return new StoreCounts(queues, List.of());
  }

  /**
   * The same answer, without the parts of the store that did not answer.
   *
   * @param missing the names of these parts; copied
   * @return a new answer
   */
  public StoreCounts withMissing(List<String> missing) {
    return new StoreCounts(queues, missing);
  }

  /**
   * The counts of every queue that has jobs or is paused.
   *
   * @return the counts, in the order of the UTF-8 bytes of the queues' names, unmodifiable
   */
  public List<QueueCounts> queues() {
    return queues;
  }

  /**
   * The counts of one queue.
   *
   * @param queue the queue
   * @return its counts; empty if it has no jobs and is not paused
   */
  public Optional<QueueCounts> queue(String queue) {
    return queues.stream().filter(counts -> counts.queue().equals(queue)).findFirst();
  }

  /**
   * The parts of the store that did not answer, so that their jobs are not counted [Q86].
   *
   * @return their names, unmodifiable; empty if all answered, and where a store has one part
   */
  public List<String> missing() {
    return missing;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StoreCounts that
        && queues.equals(that.queues)
        && missing.equals(that.missing);
  }

  @Override
  public int hashCode() {
    return Objects.hash(queues, missing);
  }

  /** For log messages and failing tests. */
  @Override
  public String toString() {
    return "StoreCounts[queues=" + queues + ", missing=" + missing + "]";
  }
}
