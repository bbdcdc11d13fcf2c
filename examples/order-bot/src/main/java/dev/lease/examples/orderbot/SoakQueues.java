package dev.lease.examples.orderbot;

import static java.util.stream.Collectors.toMap;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;

/**
 * The queues of a soak: a busy one, one with few orders, and one with large orders. All workers
 * serve all of them.
 */
final class SoakQueues {

  /** Each kill and each lost lease costs an attempt. */
  private static final int ATTEMPTS = 1_000;

  private record Queue(String name, Jobs jobs, OldestDue oldestDue) {}

  private final Store store;
  private final Random random;
  private final Queue busy;
  private final Queue few;
  private final Queue large;
  private final List<Order> asked = new ArrayList<>();
  private Order next;

  /**
   * @param store the store
   * @param random decides the orders
   */
  SoakQueues(Store store, Random random) {
    this.store = store;
    this.random = random;
    Instant now = Instant.now();
    busy = queue("busy", now);
    few = queue("few", now);
    large = queue("large", now);
    next = draw();
  }

  private Queue queue(String name, Instant now) {
    return new Queue(name, new Jobs(store.jobAdmin(), "soak-" + name + "-" + now), new OldestDue());
  }

  private List<Queue> queues() {
    return List.of(busy, few, large);
  }

  List<Jobs> jobs() {
    return queues().stream().map(Queue::jobs).toList();
  }

  /** The orders that were enqueued. */
  List<Order> asked() {
    return List.copyOf(asked);
  }

  /** The longest time that a due job of each queue has waited. */
  Map<String, Duration> oldestDue() {
    return queues().stream().collect(toMap(Queue::name, queue -> queue.oldestDue().longest()));
  }

  /** Enqueues the next order. If this fails, the next call enqueues the same order again. */
  boolean enqueueNext() {
    String queue = nextQueue().jobs().queue();
    try {
      CreateJobsCommand.enqueue(store.backend(), queue, ATTEMPTS, List.of(next));
    } catch (StoreException e) {
      return false;
    }
    asked.add(next);
    next = draw();
    return true;
  }

  private Order draw() {
    Order order = Order.random(nextQueue().name(), asked.size() + 1, random);
    return nextQueue().equals(large) ? order.large() : order;
  }

  /** Of ten orders one is large, and one goes to the queue with few. */
  private Queue nextQueue() {
    return switch (asked.size() % 10) {
      case 4 -> large;
      case 9 -> few;
      default -> busy;
    };
  }

  /** Notes how long jobs wait; answers how many are not finished, if the store answers. */
  OptionalInt look() {
    int unfinished = 0;
    try {
      for (Queue queue : queues()) {
        List<Job> jobs = queue.jobs().in(JobState.PENDING, JobState.PROCESSING, JobState.RETRY);
        queue.oldestDue().look(jobs);
        unfinished += jobs.size();
      }
    } catch (StoreException e) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(unfinished);
  }

  /** How many jobs are done. */
  long done() {
    return jobs().stream().mapToLong(queue -> queue.counts().count(JobState.DONE)).sum();
  }
}
