package dev.lease;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Limits by key: at most so many jobs of a key at once, in order if asked, and at most so many
 * starts in a time. A job with a {@link NewJob#key} is <em>admitted</em> when it gets a slot of its
 * key; claims give only jobs that are admitted. The others are <em>held back</em>. Whatever
 * finishes a job or puts it off gives its slot to the next one of the key in the same atomic step,
 * so a slot can neither get lost nor count twice when a worker dies: the slot is the lease.
 *
 * <pre>{@code
 * Admission admission = backend.admission();
 * admission.limit("orders", null, KeyLimit.of(1).inOrder());   // each customer's orders, in order
 * admission.limit("orders", "acme", KeyLimit.of(4));           // this one: four at a time
 * admission.limitQueue("orders", 20);                          // and twenty of all customers together
 * while (admission.apply("orders", 1_000) == 1_000) {}         // for jobs that were enqueued before
 * }</pre>
 *
 * <p>A limit outlives the object that set it, and holds for all processes. A job without a key
 * counts against no limit. Safe for use by many threads. Each call throws a {@link StoreException}
 * if the store cannot answer, and may be repeated.
 */
public interface Admission {

  /**
   * Sets or removes a limit, in one atomic step. It holds for what is admitted from now on [Q68];
   * {@link #apply} brings to it what was admitted before. A key without any limit admits every job.
   *
   * @param queue the queue
   * @param key the key, or null for every key of the queue that has no limit of its own
   * @param limit the limit, or null to remove it
   * @throws IllegalArgumentException if a name breaks the rules of names
   */
  void limit(String queue, @Nullable String key, @Nullable KeyLimit limit);

  /**
   * Sets or removes the limit of a whole queue, in one atomic step: a job with a key then needs a
   * slot of the queue beside that of its key [Q94]. It holds for what is admitted from now on, as
   * in {@link #limit}.
   *
   * @param queue the queue
   * @param slots how many jobs with a key are admitted at most, over all keys: 0 to {@value
   *     KeyLimit#MAX_SLOTS}; null to remove the limit
   * @throws IllegalArgumentException if the number is outside its range
   */
  void limitQueue(String queue, @Nullable Integer slots);

  /**
   * Closes a key for a time: no job of it that waits starts before then [Q95]. Jobs that are held
   * go on. Those that are admitted and wait keep their slots, and become due then at the earliest.
   * It takes the place of an earlier close, so a delay of zero opens the key for what is admitted
   * from now on.
   *
   * @param queue the queue
   * @param key the key
   * @param delay for how long from the store's now, 0 to 3650 days
   * @throws IllegalArgumentException if the delay is outside its range
   */
  void closeKey(String queue, String key, Duration delay);

  /**
   * Brings a piece of a queue's jobs to the limits: takes the slots of jobs that are admitted too
   * much and not held, and gives free slots to jobs that are held back [Q68]. Held jobs go on. Call
   * it until it answers less than its limit; until then another limit may be kept only in part.
   *
   * @param queue the queue
   * @param limit how many jobs to change at most, 1 to 1,000
   * @return how many it changed; less than the limit: all are as their limits say
   * @throws IllegalArgumentException if the limit is outside its range
   */
  int apply(String queue, int limit);

  /**
   * Lists the keys of a queue: those that have a job which is not finished, or a limit of their
   * own. Changes nothing.
   *
   * @param queue the queue
   * @param after the last key of the page before, or null for the first page
   * @param limit the size of the page, 1 to 1,000
   * @return the page, with the limits that hold for the whole queue
   * @throws IllegalArgumentException if an argument is outside its range
   */
  KeyPage keys(String queue, @Nullable String after, int limit);
}
