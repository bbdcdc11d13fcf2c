package dev.lease.examples.orderbot;

import dev.lease.Admission;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.StoreException;
import dev.lease.examples.shared.Failure;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Changes the slots of customers again and again, and watches that none lies idle. */
final class SoakLimits implements AutoCloseable {

  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final int LOOK_MILLIS = 250;
  private static final int MOST_SLOTS = 4;
  private static final int PIECE = 1_000;

  private final Admission admission;
  private final String queue;
  private final List<String> customers;
  private final Random random;
  private final PrintStream out;
  private final KeyBounds bounds = new KeyBounds();
  private final Map<String, Integer> slots = new TreeMap<>();
  private final Map<String, Instant> idleSince = new HashMap<>();
  private final Thread thread = new Thread(this::run, "limits");
  private boolean isSet = true;
  private int changes;
  private Duration longestIdle = Duration.ZERO;
  private volatile boolean isEnding;
  private volatile boolean isOver;

  /**
   * What was seen of the customers' slots.
   *
   * @param bounds how many orders of each customer could be placed at once
   * @param changes how often the slots of all customers were changed
   * @param longestIdle how long a slot was free at most while a job of its customer was held back
   * @param leftOver what is left of admitted jobs and those held back at the end, in words
   */
  record Seen(KeyBounds bounds, int changes, Duration longestIdle, List<String> leftOver) {

    /** Of a soak without customers. */
    static final Seen NONE = new Seen(new KeyBounds(), 0, Duration.ZERO, List.of());
  }

  /**
   * @param admission the store's limits
   * @param queue the queue with the orders of the customers
   * @param customers the customers
   * @param random decides the slots
   * @param out where to report what happens
   */
  SoakLimits(
      Admission admission, String queue, List<String> customers, Random random, PrintStream out) {
    this.admission = admission;
    this.queue = queue;
    this.customers = customers;
    this.random = random;
    this.out = out;
  }

  /** Sets the first limits, and changes them from time to time from now on. */
  void start() {
    draw(0);
    set();
    thread.start();
  }

  /** Gives each customer a slot or more, and changes the limits no more. */
  void end() {
    isEnding = true;
  }

  /** What was seen, once all jobs are finished. */
  Seen seen() {
    List<String> leftOver = new ArrayList<>();
    for (KeyState state : keys()) {
      if (state.admitted() + state.held() + state.heldBack() > 0) {
        leftOver.add("something is left over: " + state);
      }
    }
    return new Seen(bounds, changes, longestIdle, leftOver);
  }

  private void run() {
    Instant next = Instant.now().plus(INTERVAL);
    boolean isLast = false;
    try {
      while (!isOver) {
        if (isEnding && !isLast) {
          draw(1);
          isLast = true;
        } else if (!isLast && Instant.now().isAfter(next)) {
          draw(0);
          next = Instant.now().plus(INTERVAL);
        }
        proceed();
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sets what was drawn, and looks; if the store does not answer, the next call tries again. */
  private void proceed() {
    try {
      if (!isSet) {
        set();
      }
      look();
    } catch (StoreException e) {
      out.println("The limits are tried again: " + Failure.inWords(e));
    }
  }

  /** Draws the slots of each customer. */
  void draw(int least) {
    isSet = false;
    for (String customer : customers) {
      int its = least + random.nextInt(MOST_SLOTS + 1 - least);
      slots.put(customer, its);
      bounds.begin(customer, its, Instant.now());
    }
  }

  /** Sets and applies what was drawn. */
  void set() {
    slots.forEach((customer, its) -> admission.limit(queue, customer, KeyLimit.of(its)));
    int changed;
    do {
      changed = admission.apply(queue, PIECE);
    } while (changed == PIECE);
    isSet = true;
    changes++;
  }

  /**
   * Looks which limits are kept: as long as more jobs of a customer are admitted, workers hold them
   * since before, and the bound stays.
   */
  void look() {
    List<KeyState> keys = keys();
    Instant now = Instant.now();
    for (KeyState state : keys) {
      String customer = state.key();
      int its = Objects.requireNonNull(slots.get(customer), customer);
      if (isSet && state.admitted() <= its) {
        bounds.kept(customer, its, now);
      }
      if (isSet && state.admitted() < its && state.heldBack() > 0) {
        Instant since = idleSince.computeIfAbsent(customer, k -> now);
        Duration idle = Duration.between(since, now);
        longestIdle = idle.compareTo(longestIdle) > 0 ? idle : longestIdle;
      } else {
        idleSince.remove(customer);
      }
    }
  }

  private List<KeyState> keys() {
    List<KeyState> keys = new ArrayList<>();
    @Nullable String after = null;
    do {
      KeyPage page = admission.keys(queue, after, PIECE);
      keys.addAll(page.keys());
      after = page.next();
    } while (after != null);
    return keys;
  }

  @Override
  public void close() {
    isOver = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
