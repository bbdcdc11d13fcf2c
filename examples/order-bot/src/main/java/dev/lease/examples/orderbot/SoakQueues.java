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
 * The queues of a soak, which have the same workers: a busy one, one with few orders, and one whose
 * orders are large.
 */
final class SoakQueues {

  /** Each kill and each lease that is lost costs one. */
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
   * @param store where they are
   * @param random decides on the orders
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

  /** For how long the oldest due job of each queue has waited at most. */
  Map<String, Duration> oldestDue() {
    return queues().stream().collect(toMap(Queue::name, queue -> queue.oldestDue().longest()));
  }

  /** Whether the next order is there; else it is enqueued again, which makes no second one. */
  boolean enqueueNext() {
    String queue = nextQueue().jobs().queue();
    try {
      CreateJobsCommand.enqueue(store.jobQueue(), queue, ATTEMPTS, List.of(next));
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

  /** Of ten orders one is large, and one is for the queue with few. */
  private Queue nextQueue() {
    return switch (asked.size() % 10) {
      case 4 -> large;
      case 9 -> few;
      default -> busy;
    };
  }

  /** Looks who waits; answers how many jobs are not finished, if the store answers. */
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
