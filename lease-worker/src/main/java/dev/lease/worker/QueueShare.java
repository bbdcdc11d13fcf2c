package dev.lease.worker;

import dev.lease.Limits;
import org.jspecify.annotations.Nullable;

/**
 * How much of a worker a queue may have. Start with {@link #DEFAULT}:
 *
 * <pre>{@code
 * WorkerConfig.builder().queue("mails", QueueShare.DEFAULT.withSlots(4).withWeight(3))
 * }</pre>
 *
 * <p>Immutable.
 */
public final class QueueShare {

  /** All slots of the worker, and one turn. */
  public static final QueueShare DEFAULT = new QueueShare(null, 1);

  private final @Nullable Integer slots;
  private final int weight;

  private QueueShare(@Nullable Integer slots, int weight) {
    this.slots = slots;
    this.weight = weight;
  }

  /**
   * The same share with a limit on how many handlers the queue may use at once. The concurrency of
   * the worker limits all queues together. To limit a single type, give it a queue of its own.
   *
   * @param slots how many jobs of the queue run at once, at most; from 1
   * @return the share
   * @throws IllegalArgumentException if the number is less than 1
   */
  public QueueShare withSlots(int slots) {
    return new QueueShare(Limits.between("slots", slots, 1, Integer.MAX_VALUE), weight);
  }

  /**
   * The same share with another number of turns. A worker claims from its queues in turn.
   *
   * @param weight how many times in a row the worker may claim from this queue before it goes on to
   *     the next, 1 to 1000
   * @return the share
   * @throws IllegalArgumentException if the number is outside its range
   */
  public QueueShare withWeight(int weight) {
    return new QueueShare(slots, Limits.between("weight", weight, 1, 1_000));
  }

  /** {@return how many jobs of the queue run at once, at most; null for all slots of the worker} */
  public @Nullable Integer slots() {
    return slots;
  }

  /** {@return how many times in a row the worker may claim from the queue, 1 to 1000} */
  public int weight() {
    return weight;
  }

  /** For log messages. */
  @Override
  public String toString() {
    return "slots " + (slots == null ? "all" : slots) + ", weight " + weight;
  }
}
