package dev.lease.examples.orderbot;

import static java.util.stream.Collectors.toMap;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The queues of a soak: a busy one, one with few orders, one with large orders and, if there are
 * customers, one with theirs. All workers serve all of them.
 */
final class SoakQueues {

  /** Each kill and each lost lease costs an attempt. */
  private static final int ATTEMPTS = 1_000;

  /** After this many other orders come many of one customer. */
  private static final int ORDERS_PER_BURST = 5;

  /** So many of one customer: more than it has slots. */
  private static final int BURST = 8;

  /** So many customers have their first order, once fewer orders of customers are unfinished. */
  private static final int FIRST = 25;

  private record Queue(String name, Jobs jobs, OldestDue oldestDue) {}

  private record Coming(Queue queue, List<Order> orders) {}

  private final Store store;
  private final Random random;
  private final Queue busy;
  private final Queue few;
  private final Queue large;
  private final Queue ofCustomers;
  private final List<String> customers;
  private final Deque<String> unserved;
  private final List<Order> asked = new ArrayList<>();
  private int drawn;
  private int drawnOfCustomers;
  private int unfinishedOfCustomers;
  private Coming next;

  /**
   * @param store the store
   * @param customers how many customers there are
   * @param random decides the orders
   */
  SoakQueues(Store store, int customers, Random random) {
    this.store = store;
    this.customers = IntStream.rangeClosed(1, customers).mapToObj(n -> "customer-" + n).toList();
    this.unserved = new ArrayDeque<>(this.customers);
    this.random = random;
    Instant now = Instant.now();
    busy = queue("busy", now);
    few = queue("few", now);
    large = queue("large", now);
    ofCustomers = queue("customers", now);
    next = draw();
  }

  private Queue queue(String name, Instant now) {
    return new Queue(name, new Jobs(store.jobAdmin(), "soak-" + name + "-" + now), new OldestDue());
  }

  private List<Queue> queues() {
    return customers.isEmpty() ? List.of(busy, few, large) : List.of(busy, few, large, ofCustomers);
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

  /** The customers. */
  List<String> customers() {
    return customers;
  }

  /** The name of the queue with the orders of customers. */
  String queueOfCustomers() {
    return ofCustomers.jobs().queue();
  }

  /** Enqueues the next orders. If this fails, the next call enqueues the same orders again. */
  boolean enqueueNext() {
    boolean enqueued = enqueue(next);
    if (enqueued) {
      next = next.queue().equals(ofCustomers) ? draw() : drawOfCustomers().orElseGet(this::draw);
    }
    return enqueued;
  }

  /**
   * Draws nothing more but the first orders of customers that have had none; answers whether all
   * have had one.
   */
  boolean enqueueFirst() {
    if (!next.orders().isEmpty() && unfinishedOfCustomers < FIRST && enqueue(next)) {
      next = first();
    }
    return next.orders().isEmpty();
  }

  private boolean enqueue(Coming coming) {
    try {
      CreateJobsCommand.enqueue(
          store.backend(), coming.queue().jobs().queue(), ATTEMPTS, coming.orders());
    } catch (StoreException e) {
      return false;
    }
    asked.addAll(coming.orders());
    return true;
  }

  private Optional<Coming> drawOfCustomers() {
    if (!customers.isEmpty() && drawn % ORDERS_PER_BURST == 0) {
      return Optional.of(burst());
    }
    return unserved.isEmpty() || unfinishedOfCustomers >= FIRST
        ? Optional.empty()
        : Optional.of(first());
  }

  /** Some customers have more orders than others. */
  private Coming burst() {
    double one = random.nextDouble();
    String customer = customers.get((int) (one * one * customers.size()));
    return new Coming(ofCustomers, Stream.generate(() -> draw(customer)).limit(BURST).toList());
  }

  private Coming first() {
    int count = Math.min(FIRST, unserved.size());
    return new Coming(
        ofCustomers, Stream.generate(unserved::remove).limit(count).map(this::draw).toList());
  }

  private Order draw(String customer) {
    return Order.random(ofCustomers.name(), ++drawnOfCustomers, random).of(customer);
  }

  private Coming draw() {
    Queue queue = nextQueue();
    Order order = Order.random(queue.name(), ++drawn, random);
    return new Coming(queue, List.of(queue.equals(large) ? order.large() : order));
  }

  /** Of ten orders one is large, and one goes to the queue with few. */
  private Queue nextQueue() {
    return switch (drawn % 10) {
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
        if (queue.equals(ofCustomers)) {
          unfinishedOfCustomers = jobs.size();
        }
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
