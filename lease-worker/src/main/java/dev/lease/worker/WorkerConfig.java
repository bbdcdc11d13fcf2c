package dev.lease.worker;

import dev.lease.Limits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** How a worker works. Made by {@link #builder}, whose defaults it has. Immutable. */
public final class WorkerConfig {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration DEFAULT_BACKOFF = Duration.ofSeconds(30);
  private static final Duration DEFAULT_UNKNOWN_TYPE_DELAY = Duration.ofSeconds(10);

  /** The share of its slots that a queue may take, and how many turns it has. */
  record QueueShare(int slots, int weight) {}

  private final String name;
  private final int concurrency;
  private final Map<String, QueueShare> queues;
  private final Duration leaseDuration;
  private final double extendAfter;
  private final Duration pollInterval;
  private final int lookAhead;
  private final int lookAheadBytes;
  private final Duration stopGrace;
  private final Duration maxBackoff;
  private final Duration unknownTypeDelay;
  private final String idempotencyKeyPrefix;
  private final Duration purgeInterval;
  private final boolean shutdownHook;

  private WorkerConfig(Builder from) {
    name = Limits.name("name", from.name != null ? from.name : defaultName());
    concurrency = Limits.between("concurrency", from.concurrency, 1, 10_000);
    queues = Map.copyOf(from.queues);
    leaseDuration =
        Limits.between(
            "leaseDuration", from.leaseDuration, Duration.ofMillis(100), Limits.MAX_LEASE);
    extendAfter = share("extendAfter", from.extendAfter);
    pollInterval = Limits.between("pollInterval", from.pollInterval, Duration.ofMillis(1), HOUR);
    lookAhead = Limits.between("lookAhead", from.lookAhead, 0, Limits.MAX_BATCH);
    lookAheadBytes =
        Limits.between("lookAheadBytes", from.lookAheadBytes, 1, Limits.MAX_CLAIM_BYTES);
    stopGrace = Limits.between("stopGrace", from.stopGrace, Duration.ZERO, HOUR);
    // Or the worker would ask more often when the store is down than when there is no work.
    maxBackoff =
        Limits.between(
            "maxBackoff", orAtLeastPoll(from.maxBackoff, DEFAULT_BACKOFF), pollInterval, HOUR);
    unknownTypeDelay =
        Limits.between(
            "unknownTypeDelay",
            orAtLeastPoll(from.unknownTypeDelay, DEFAULT_UNKNOWN_TYPE_DELAY),
            pollInterval,
            DAY);
    idempotencyKeyPrefix = prefix(from.idempotencyKeyPrefix);
    purgeInterval =
        Limits.between("purgeInterval", from.purgeInterval, Duration.ofMillis(100), DAY);
    shutdownHook = from.shutdownHook;
  }

  private Duration orAtLeastPoll(@Nullable Duration value, Duration otherwise) {
    if (value != null) {
      return value;
    }
    return otherwise.compareTo(pollInterval) < 0 ? pollInterval : otherwise;
  }

  /**
   * Starts with the defaults: named after the host and a random number, as many handlers as there
   * are processors, leases of 30 s that are extended when a third of them has passed, a poll each
   * second, at most 1000 jobs and 4 MiB ahead, a grace of 10 s, a backoff of at most 30 s, unknown
   * types handed back for at most 10 s, idempotency keys that begin with {@code lease:}, a purge
   * each minute, a hook that stops the worker when the JVM goes down. Where the poll interval is
   * longer than such a backoff or delay, it takes its place.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  private static double share(String what, double share) {
    if (!(share >= 0.05 && share <= 0.5)) {
      throw new IllegalArgumentException(what + " must be 0.05 to 0.5 of the lease, was " + share);
    }
    return share;
  }

  private static String prefix(String prefix) {
    Limits.notNull("idempotencyKeyPrefix", prefix);
    if (prefix.length() > 100 || !prefix.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new IllegalArgumentException(
          "idempotencyKeyPrefix must be at most 100 characters of printable ASCII without blanks,"
              + " was \""
              + prefix
              + '"');
    }
    return prefix;
  }

  static String defaultName() {
    // The number tells two workers of one host apart; nothing depends on it.
    return host() + "-" + Integer.toHexString(ThreadLocalRandom.current().nextInt());
  }

  private static String host() {
    try {
      String host = InetAddress.getLocalHost().getHostName();
      return host.length() <= 100 ? host : host.substring(0, 100);
    } catch (UnknownHostException e) {
      return "worker";
    }
  }

  /**
   * Under which name it holds leases, for operators; two workers may carry the same.
   *
   * @return 1 to 200 bytes
   */
  public String name() {
    return name;
  }

  /**
   * How many handlers run at once.
   *
   * @return 1 to 10000
   */
  public int concurrency() {
    return concurrency;
  }

  /**
   * How long a job stays with a worker that has died.
   *
   * @return 100 ms to 365 days
   */
  public Duration leaseDuration() {
    return leaseDuration;
  }

  /**
   * The share of a lease after which it is extended. A holder also learns at each extension that
   * its job is to be cancelled.
   *
   * @return 0.05 to 0.5
   */
  public double extendAfter() {
    return extendAfter;
  }

  /**
   * How often an idle worker polls when no wake-up arrives.
   *
   * @return 1 ms to 1 hour
   */
  public Duration pollInterval() {
    return pollInterval;
  }

  /**
   * How many jobs it claims beyond those that run, at most. How many it does claim follows how long
   * they run [W06].
   *
   * @return 0 to 1000
   */
  public int lookAhead() {
    return lookAhead;
  }

  /**
   * How many bytes the payloads of one claim have together, and those of the jobs that wait here,
   * at most; a single job is claimed whatever its size.
   *
   * @return 1 to 1 GiB
   */
  public int lookAheadBytes() {
    return lookAheadBytes;
  }

  /**
   * How long running handlers may go on when the worker stops [W05].
   *
   * @return 0 to 1 hour
   */
  public Duration stopGrace() {
    return stopGrace;
  }

  /**
   * The longest wait between two attempts to reach a store that does not answer [W11].
   *
   * @return from the poll interval to 1 hour
   */
  public Duration maxBackoff() {
    return maxBackoff;
  }

  /**
   * The longest delay before a job of a type without a handler here can be claimed again [W10].
   *
   * @return from the poll interval to 1 day
   */
  public Duration unknownTypeDelay() {
    return unknownTypeDelay;
  }

  /**
   * What {@link JobContext#idempotencyKey()} begins with.
   *
   * @return 0 to 100 characters of printable ASCII without blanks
   */
  public String idempotencyKeyPrefix() {
    return idempotencyKeyPrefix;
  }

  /**
   * How often jobs that have been kept long enough are removed.
   *
   * @return 100 ms to 1 day
   */
  public Duration purgeInterval() {
    return purgeInterval;
  }

  /**
   * Whether the worker stops by itself when the JVM is shut down.
   *
   * @return true unless switched off
   */
  public boolean shutdownHook() {
    return shutdownHook;
  }

  /** The queues that have a share of their own. */
  Map<String, QueueShare> queues() {
    return queues;
  }

  /** For the log: all settings. */
  @Override
  public String toString() {
    return "WorkerConfig[name="
        + name
        + ", concurrency="
        + concurrency
        + ", queues="
        + queues
        + ", leaseDuration="
        + leaseDuration
        + ", extendAfter="
        + extendAfter
        + ", pollInterval="
        + pollInterval
        + ", lookAhead="
        + lookAhead
        + ", lookAheadBytes="
        + lookAheadBytes
        + ", stopGrace="
        + stopGrace
        + ", maxBackoff="
        + maxBackoff
        + ", unknownTypeDelay="
        + unknownTypeDelay
        + ", idempotencyKeyPrefix="
        + idempotencyKeyPrefix
        + ", purgeInterval="
        + purgeInterval
        + ", shutdownHook="
        + shutdownHook
        + "]";
  }

  /** Builds a {@link WorkerConfig}; not for use by several threads. */
  public static final class Builder {
    private @Nullable String name;
    private int concurrency = Runtime.getRuntime().availableProcessors();
    private Duration leaseDuration = Duration.ofSeconds(30);
    private Duration pollInterval = Duration.ofSeconds(1);
    private double extendAfter = 1.0 / 3;
    private int lookAhead = Limits.MAX_BATCH;
    private int lookAheadBytes = Limits.DEFAULT_CLAIM_BYTES;
    private boolean shutdownHook = true;
    private final Map<String, QueueShare> queues = new HashMap<>();
    private Duration stopGrace = Duration.ofSeconds(10);
    private @Nullable Duration maxBackoff;
    private @Nullable Duration unknownTypeDelay;
    private String idempotencyKeyPrefix = "lease:";
    private Duration purgeInterval = Duration.ofMinutes(1);

    private Builder() {}

    /**
     * Sets the name of the worker.
     *
     * @param name a name of 1 to 200 bytes
     * @return this
     */
    public Builder name(String name) {
      this.name = name;
      return this;
    }

    /**
     * Sets how many handlers run at once.
     *
     * @param concurrency 1 to 10000
     * @return this
     */
    public Builder concurrency(int concurrency) {
      this.concurrency = concurrency;
      return this;
    }

    /**
     * Sets how long a lease lasts without being extended.
     *
     * @param leaseDuration 100 ms to 365 days
     * @return this
     */
    public Builder leaseDuration(Duration leaseDuration) {
      this.leaseDuration = leaseDuration;
      return this;
    }

    /**
     * Sets when a lease is extended, as a share of its duration: early costs the store more calls,
     * and brings a request to cancel a running job sooner; late leaves less time for further tries
     * when one fails.
     *
     * @param extendAfter 0.05 to 0.5; a third unless set
     * @return this
     */
    public Builder extendAfter(double extendAfter) {
      this.extendAfter = extendAfter;
      return this;
    }

    /**
     * Gives a queue a share of its own of this worker's handlers. A type that needs a limit of its
     * own has a queue of its own.
     *
     * @param queue a queue of the worker's types
     * @param slots how many of its jobs run at once at most, from 1; the concurrency of the worker
     *     is the limit of all queues together
     * @param weight how many turns it has before the next queue is asked, 1 to 1000; 1 unless set
     * @return this
     * @throws IllegalArgumentException if a value is outside its range
     */
    public Builder queue(String queue, int slots, int weight) {
      Limits.between("slots of queue " + queue, slots, 1, Integer.MAX_VALUE);
      Limits.between("weight of queue " + queue, weight, 1, 1_000);
      queues.put(Limits.name("queue", queue), new QueueShare(slots, weight));
      return this;
    }

    /**
     * Sets how often an idle worker polls when no wake-up arrives. After a claim that found work
     * which no wake-up told of it looks again sooner: 5 ms later, then 10, 20 and so on.
     *
     * @param pollInterval 1 ms to 1 hour
     * @return this
     */
    public Builder pollInterval(Duration pollInterval) {
      this.pollInterval = pollInterval;
      return this;
    }

    /**
     * Sets how many jobs are claimed beyond those that run, at most. The worker claims as many as
     * its handlers finish during a trip to the store, and none of jobs that run for more than about
     * 100 ms; what waits here for a second, or a sixth of the lease, goes back [W06].
     *
     * @param lookAhead 0, which claims nothing ahead, to 1000, the default
     * @return this
     */
    public Builder lookAhead(int lookAhead) {
      this.lookAhead = lookAhead;
      return this;
    }

    /**
     * Sets how many bytes of payloads are claimed at once, and wait here, at most. Keep it small
     * beside the heap.
     *
     * @param lookAheadBytes 1 to 1 GiB; 4 MiB is the default
     * @return this
     */
    public Builder lookAheadBytes(int lookAheadBytes) {
      this.lookAheadBytes = lookAheadBytes;
      return this;
    }

    /**
     * Sets how long running handlers may go on when the worker stops.
     *
     * @param stopGrace 0 to 1 hour
     * @return this
     */
    public Builder stopGrace(Duration stopGrace) {
      this.stopGrace = stopGrace;
      return this;
    }

    /**
     * Sets the longest wait between two attempts to reach a store that does not answer.
     *
     * @param maxBackoff from the poll interval to 1 hour
     * @return this
     */
    public Builder maxBackoff(Duration maxBackoff) {
      this.maxBackoff = maxBackoff;
      return this;
    }

    /**
     * Sets how long a job of an unknown type stays away at most; the first time it is less.
     *
     * @param unknownTypeDelay from the poll interval to 1 day
     * @return this
     */
    public Builder unknownTypeDelay(Duration unknownTypeDelay) {
      this.unknownTypeDelay = unknownTypeDelay;
      return this;
    }

    /**
     * Sets what idempotency keys begin with. Never change it while jobs are open: their effects
     * would be made again.
     *
     * @param idempotencyKeyPrefix printable ASCII without blanks
     * @return this
     */
    public Builder idempotencyKeyPrefix(String idempotencyKeyPrefix) {
      this.idempotencyKeyPrefix = idempotencyKeyPrefix;
      return this;
    }

    /**
     * Sets how often finished jobs are purged.
     *
     * @param purgeInterval 100 ms to 1 day
     * @return this
     */
    public Builder purgeInterval(Duration purgeInterval) {
      this.purgeInterval = purgeInterval;
      return this;
    }

    /**
     * Sets whether the worker stops by itself when the JVM is shut down. Switch it off where
     * something else stops the worker before it closes the store: shutdown hooks run at the same
     * time, in no order.
     *
     * @param shutdownHook false to leave the stop to the program
     * @return this
     */
    public Builder shutdownHook(boolean shutdownHook) {
      this.shutdownHook = shutdownHook;
      return this;
    }

    /**
     * Makes the configuration.
     *
     * @return the configuration
     * @throws IllegalArgumentException if a value breaks its rule
     */
    public WorkerConfig build() {
      return new WorkerConfig(this);
    }
  }
}
