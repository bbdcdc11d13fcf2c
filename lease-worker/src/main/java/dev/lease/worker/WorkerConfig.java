package dev.lease.worker;

import dev.lease.Limits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The settings of a worker. Make one with {@link #builder}. Immutable. */
public final class WorkerConfig {

  private static final String DEFAULT_KEY_PREFIX = "lease:";
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  /** Below that, a pause of the garbage collector or of the machine loses leases. */
  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);

  /** On what threads handlers run. More kinds may come, so a switch over them needs a default. */
  public enum Threads {
    /**
     * As many platform threads as handlers run at once. The better choice on Java 21 to 23 if
     * handlers block inside {@code synchronized}, since that keeps the carrier of a virtual thread.
     */
    PLATFORM,
    /** A virtual thread for each job. Needs Java 21 or newer. */
    VIRTUAL
  }

  private final String name;
  private final int concurrency;
  private final boolean hasOwnConcurrency;
  private final Map<String, QueueShare> shares;
  private final Duration leaseDuration;
  private final double extendAfter;
  private final Duration pollInterval;
  private final int lookAhead;
  private final int lookAheadBytes;
  private final Duration stopGrace;
  private final Duration maxBackoff;
  private final Duration unknownTypeDelay;
  private final String idempotencyKeyPrefix;
  private final boolean isKeyPrefixChosen;
  private final Duration purgeInterval;
  private final boolean shutdownHook;
  private final Threads threads;
  private final @Nullable Duration maxDueTime;
  private final boolean report;

  private WorkerConfig(Builder from) {
    name = Limits.name("name", from.name != null ? from.name : defaultName());
    hasOwnConcurrency = from.concurrency != null;
    concurrency =
        Limits.between(
            "concurrency",
            Objects.requireNonNullElseGet(
                from.concurrency, Runtime.getRuntime()::availableProcessors),
            1,
            10_000);
    shares = Map.copyOf(from.shares);
    shares.forEach(this::check);
    leaseDuration =
        Limits.between("leaseDuration", from.leaseDuration, from.shortestLease, Limits.MAX_LEASE);
    extendAfter = from.extendAfter;
    pollInterval = Limits.between("pollInterval", from.pollInterval, Duration.ofMillis(1), HOUR);
    lookAhead = Limits.between("lookAhead", from.lookAhead, 0, Limits.MAX_BATCH);
    lookAheadBytes = from.lookAheadBytes;
    stopGrace = Limits.between("stopGrace", from.stopGrace, Duration.ZERO, HOUR);
    // A shorter backoff would call the store more often during an outage than when idle.
    maxBackoff = atLeastPoll(from.maxBackoff);
    unknownTypeDelay = atLeastPoll(from.unknownTypeDelay);
    isKeyPrefixChosen = from.idempotencyKeyPrefix != null;
    idempotencyKeyPrefix =
        prefix(Objects.requireNonNullElse(from.idempotencyKeyPrefix, DEFAULT_KEY_PREFIX));
    purgeInterval =
        Limits.between("purgeInterval", from.purgeInterval, Duration.ofMillis(100), DAY);
    shutdownHook = from.shutdownHook;
    threads = threads(from.threads);
    maxDueTime =
        from.maxDueTime == null
            ? null
            : Limits.between(
                "maxDueTime", from.maxDueTime, Duration.ofSeconds(1), Limits.MAX_DELAY);
    report = from.report;
  }

  private static Threads threads(@Nullable Threads threads) {
    if (threads == Threads.VIRTUAL && !HandlerThreads.hasVirtual()) {
      throw new IllegalArgumentException(
          "threads must be PLATFORM on Java "
              + Runtime.version().feature()
              + ", was VIRTUAL: virtual threads need Java 21");
    }
    if (threads != null) {
      return threads;
    }
    return HandlerThreads.hasVirtual() ? Threads.VIRTUAL : Threads.PLATFORM;
  }

  private Duration atLeastPoll(Duration value) {
    return value.compareTo(pollInterval) < 0 ? pollInterval : value;
  }

  /**
   * Starts with the defaults:
   *
   * <ul>
   *   <li>a name made of the host name and a random number
   *   <li>as many handlers at once as there are processors
   *   <li>leases of 30 s
   *   <li>a poll each second
   *   <li>at most 1000 jobs claimed ahead
   *   <li>a grace of 8 s when the worker stops
   *   <li>idempotency keys that begin with {@code lease:}
   *   <li>a purge each minute
   *   <li>a shutdown hook that stops the worker
   *   <li>virtual threads for handlers on Java 21 and newer, else platform threads
   *   <li>a report every 10 s
   * </ul>
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
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

  /** The name of this machine, if it has one. Where the system says it, no DNS is asked. */
  static Optional<String> host() {
    return hostBySystem()
        .or(WorkerConfig::hostByDns)
        .map(host -> host.length() <= 100 ? host : host.substring(0, 100));
  }

  private static Optional<String> hostBySystem() {
    try {
      return Optional.of(Files.readString(Path.of("/proc/sys/kernel/hostname")).strip())
          .filter(host -> !host.isEmpty());
    } catch (IOException e) {
      return Optional.ofNullable(System.getenv("COMPUTERNAME"));
    }
  }

  private static Optional<String> hostByDns() {
    try {
      return Optional.of(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException e) {
      return Optional.empty();
    }
  }

  static String defaultName() {
    // The number tells two workers of one host apart. Nothing depends on it.
    return host().orElse("worker")
        + "-"
        + Integer.toHexString(ThreadLocalRandom.current().nextInt());
  }

  /**
   * The name of the worker, which is the owner of its leases. It is for operators: nothing depends
   * on it, and two workers may have the same name.
   *
   * @return 1 to 200 bytes
   */
  public String name() {
    return name;
  }

  /**
   * How many handlers run at once, at most.
   *
   * @return 1 to 10000
   */
  public int concurrency() {
    return concurrency;
  }

  /**
   * How long a lease lasts without being extended. A worker that has died keeps its jobs for that
   * long.
   *
   * @return 1 s to 365 days
   */
  public Duration leaseDuration() {
    return leaseDuration;
  }

  /**
   * The share of a lease after which it is extended. At each extension the worker also learns
   * whether the cancellation of the job was requested.
   */
  double extendAfter() {
    return extendAfter;
  }

  /**
   * How often an idle worker polls when no hint arrives.
   *
   * @return 1 ms to 1 hour
   */
  public Duration pollInterval() {
    return pollInterval;
  }

  /**
   * How many jobs the worker claims ahead, beyond those that run, at most. How many it really
   * claims depends on how long the jobs run [W06].
   *
   * @return 0 to 1000
   */
  public int lookAhead() {
    return lookAhead;
  }

  /**
   * How many bytes of payloads one claim may bring, and how many the jobs that wait for a slot may
   * have together. A single job is claimed whatever its size.
   */
  int lookAheadBytes() {
    return lookAheadBytes;
  }

  /**
   * How long running handlers may go on when the worker stops, before it interrupts them [W05].
   *
   * @return 0 to 1 hour
   */
  public Duration stopGrace() {
    return stopGrace;
  }

  /** The longest pause between two calls to a store that does not answer [W11]. */
  Duration maxBackoff() {
    return maxBackoff;
  }

  /**
   * The longest delay before a job can be claimed again that has a type without a handler here, or
   * a payload that this worker cannot read [W10].
   */
  Duration unknownTypeDelay() {
    return unknownTypeDelay;
  }

  /**
   * The prefix of every {@link JobContext#idempotencyKey()}.
   *
   * @return 0 to 100 characters of printable ASCII without blanks
   */
  public String idempotencyKeyPrefix() {
    return idempotencyKeyPrefix;
  }

  /** Whether the prefix was set, be it to the default. */
  boolean isKeyPrefixChosen() {
    return isKeyPrefixChosen;
  }

  /**
   * How often the worker removes finished jobs that have been kept long enough, and records of
   * operators that are older than 90 days. It does so only on a store with {@link
   * dev.lease.Capability#ADMIN}.
   *
   * @return 100 ms to 1 day
   */
  public Duration purgeInterval() {
    return purgeInterval;
  }

  /**
   * Whether the worker stops by itself when the JVM shuts down.
   *
   * @return true unless switched off
   */
  public boolean shutdownHook() {
    return shutdownHook;
  }

  /**
   * On what threads handlers run, unless the worker has a {@link Worker.Builder#threads
   * ThreadFactory}.
   *
   * @return the kind of threads
   */
  public Threads threads() {
    return threads;
  }

  /**
   * How long a job may be due before {@link Worker#health} is DEGRADED.
   *
   * @return 1 s to 3650 days; null, the default, if health does not look at queues
   */
  public @Nullable Duration maxDueTime() {
    return maxDueTime;
  }

  /**
   * Whether the worker reports itself, so that operators see it [W33].
   *
   * @return true unless switched off
   */
  public boolean report() {
    return report;
  }

  /**
   * How much of the worker a queue may have.
   *
   * @param queue the queue
   * @return its share; {@link QueueShare#DEFAULT} unless it was set
   */
  public QueueShare queue(String queue) {
    return shares.getOrDefault(queue, QueueShare.DEFAULT);
  }

  /**
   * Refuses a share that a queue can never have. The default of the concurrency differs from
   * machine to machine, so no share is refused because of it.
   */
  void check(String queue, QueueShare share) {
    Integer slots = share.slots();
    if (hasOwnConcurrency && slots != null && slots > concurrency) {
      throw new IllegalArgumentException(
          "slots of queue %s must be 1 to %d, the concurrency of the worker, was %d: raise the concurrency, or leave withSlots out for all slots"
              .formatted(queue, concurrency, slots));
    }
  }

  /** The queues that have a share of their own. */
  Set<String> queues() {
    return shares.keySet();
  }

  /** All settings, for log messages. */
  @Override
  public String toString() {
    return Limits.oneLine(
        "WorkerConfig[name="
            + name
            + ", concurrency="
            + concurrency
            + ", queues="
            + shares
            + ", leaseDuration="
            + leaseDuration
            + ", pollInterval="
            + pollInterval
            + ", lookAhead="
            + lookAhead
            + ", stopGrace="
            + stopGrace
            + ", idempotencyKeyPrefix="
            + idempotencyKeyPrefix
            + ", purgeInterval="
            + purgeInterval
            + ", shutdownHook="
            + shutdownHook
            + ", threads="
            + threads
            + ", maxDueTime="
            + maxDueTime
            + ", report="
            + report
            + "]");
  }

  /** Builds a {@link WorkerConfig}. Not safe for use by several threads. */
  public static final class Builder {
    private @Nullable String name;
    private @Nullable Integer concurrency;
    private Duration leaseDuration = Duration.ofSeconds(30);
    private Duration pollInterval = Duration.ofSeconds(1);
    private double extendAfter = 1.0 / 3;
    private int lookAhead = Limits.MAX_BATCH;
    private int lookAheadBytes = Limits.DEFAULT_CLAIM_BYTES;
    private boolean shutdownHook = true;
    private @Nullable Threads threads;
    private @Nullable Duration maxDueTime;
    private boolean report = true;
    private final Map<String, QueueShare> shares = new HashMap<>();
    private Duration shortestLease = SHORTEST_LEASE;
    private Duration stopGrace = Duration.ofSeconds(8);
    private Duration maxBackoff = Duration.ofSeconds(30);
    private Duration unknownTypeDelay = Duration.ofSeconds(10);
    private @Nullable String idempotencyKeyPrefix;
    private Duration purgeInterval = Duration.ofMinutes(1);

    private Builder() {}

    /**
     * Sets the name of the worker, which is the owner of its leases.
     *
     * @param name 1 to 200 bytes; two workers may have the same name
     * @return this
     */
    public Builder name(String name) {
      this.name = Limits.notNull("name", name);
      return this;
    }

    /**
     * Sets how many handlers run at once, at most.
     *
     * @param concurrency 1 to 10000
     * @return this
     */
    public Builder concurrency(int concurrency) {
      this.concurrency = concurrency;
      return this;
    }

    /**
     * Sets how long a lease lasts without being extended. A worker that has died keeps its jobs for
     * that long. The worker extends a lease when a third of it has passed, and then learns of a
     * cancellation. An extension that hangs is given up after a third of the lease, or after a
     * second if that is more [L31]: with a lease of less than 3 seconds, one such call may lose it.
     *
     * @param leaseDuration 1 s to 365 days
     * @return this
     */
    public Builder leaseDuration(Duration leaseDuration) {
      this.leaseDuration = leaseDuration;
      return this;
    }

    /** Lets a test have leases that are soon lost. */
    Builder allowShortLeases() {
      shortestLease = Duration.ofMillis(1);
      return this;
    }

    /** Sets the share of a lease after which it is extended, for tests. */
    Builder extendAfter(double extendAfter) {
      this.extendAfter = extendAfter;
      return this;
    }

    /**
     * Sets how much of the worker a queue may have. {@link #build} refuses a share of more slots
     * than a concurrency that was set. A queue that is added to a running worker can get its share
     * there, see {@link Worker#addQueue(String, QueueShare)}.
     *
     * @param queue a queue of the worker's types, or one that a prefix finds
     * @param share its share
     * @return this
     * @throws IllegalArgumentException if the name breaks a rule of {@link Limits}
     */
    public Builder queue(String queue, QueueShare share) {
      shares.put(Limits.name("queue", queue), Limits.notNull("share", share));
      return this;
    }

    /**
     * Sets how often an idle worker polls when no hint arrives. If a claim finds jobs that no hint
     * announced, the worker polls again sooner: after 5 ms, then 10 ms, 20 ms and so on.
     *
     * @param pollInterval 1 ms to 1 hour
     * @return this
     */
    public Builder pollInterval(Duration pollInterval) {
      this.pollInterval = pollInterval;
      return this;
    }

    /**
     * Sets how many jobs the worker claims ahead, beyond those that run, at most. It claims about
     * as many as its handlers finish during two calls to the store, and none from queues whose jobs
     * run for more than about 100 ms. A job that has waited in the worker for a second, or a sixth
     * of the lease if that is shorter, is released. Of the jobs that crashed before, or whose next
     * crash would be their last, at most half as many wait as the worker has run since it last saw
     * a crash [W06].
     *
     * @param lookAhead 0 to 1000; 1000 is the default, 0 claims nothing ahead
     * @return this
     */
    public Builder lookAhead(int lookAhead) {
      this.lookAhead = lookAhead;
      return this;
    }

    /** Sets how many bytes of payloads are claimed ahead, for tests. */
    Builder lookAheadBytes(int lookAheadBytes) {
      this.lookAheadBytes = lookAheadBytes;
      return this;
    }

    /**
     * Sets how long running handlers may go on when the worker stops, before it interrupts them.
     *
     * @param stopGrace 0 to 1 hour
     * @return this
     */
    public Builder stopGrace(Duration stopGrace) {
      this.stopGrace = stopGrace;
      return this;
    }

    /** Sets the longest pause between two calls to a store that does not answer, for tests. */
    Builder maxBackoff(Duration maxBackoff) {
      this.maxBackoff = maxBackoff;
      return this;
    }

    /**
     * Sets the longest delay before a job of a type without a handler here can be claimed again,
     * for tests. The delay begins at 0.5 s and doubles up to this.
     */
    Builder unknownTypeDelay(Duration unknownTypeDelay) {
      this.unknownTypeDelay = unknownTypeDelay;
      return this;
    }

    /**
     * Sets the prefix of idempotency keys, {@code lease:} by default. Never change it while jobs
     * are unfinished: their later attempts would get new keys and make their effects again.
     *
     * <p>Set it if the ids of your jobs are your own, and not UUIDs: two stores that have the same
     * queue and id, and reach the same outside service, need two prefixes. Otherwise the service
     * takes the effects of both for one. If it is not set, the first such job whose key is asked
     * for is a warning in the log.
     *
     * @param idempotencyKeyPrefix printable ASCII without blanks; {@code lease:} is a choice too
     * @return this
     */
    public Builder idempotencyKeyPrefix(String idempotencyKeyPrefix) {
      this.idempotencyKeyPrefix = Limits.notNull("idempotencyKeyPrefix", idempotencyKeyPrefix);
      return this;
    }

    /**
     * Sets how often the worker removes finished jobs that have been kept long enough.
     *
     * @param purgeInterval 100 ms to 1 day
     * @return this
     */
    public Builder purgeInterval(Duration purgeInterval) {
      this.purgeInterval = purgeInterval;
      return this;
    }

    /**
     * Sets whether the worker stops by itself when the JVM shuts down. Shutdown hooks run at the
     * same time, in no order. So switch this off if a hook of yours closes the store, and stop the
     * worker there first.
     *
     * @param shutdownHook false if the program stops the worker
     * @return this
     */
    public Builder shutdownHook(boolean shutdownHook) {
      this.shutdownHook = shutdownHook;
      return this;
    }

    /**
     * Sets on what threads handlers run. For your own threads see {@link Worker.Builder#threads}.
     *
     * @param threads the kind of threads; by default virtual ones on Java 21 and newer
     * @return this
     */
    public Builder threads(Threads threads) {
      this.threads = Limits.notNull("threads", threads);
      return this;
    }

    /**
     * Lets {@link Worker#health} look at the worker's queues: it is DEGRADED if a job has been due
     * for longer than this in a queue that is not paused. Needs a store with {@link
     * dev.lease.Capability#ADMIN}. The queues are counted in the background, at most every 15
     * seconds, and only while somebody asks for the health.
     *
     * @param maxDueTime 1 second to 3650 days
     * @return this
     */
    public Builder maxDueTime(Duration maxDueTime) {
      this.maxDueTime = Limits.notNull("maxDueTime", maxDueTime);
      return this;
    }

    /**
     * Sets whether the worker reports itself, so that operators see it: {@link WorkerReport} says
     * what. It does so if the store has named leases with notes, and costs the store one call every
     * 10 seconds, which writes a named lease with a note of about 300 bytes for a worker with one
     * queue without jobs, 1,200 for a busy queue, and 8,000 bytes at most. The report has the
     * health, so a {@link #maxDueTime} makes it count the queues.
     *
     * @param report false for a worker that says nothing
     * @return this
     */
    public Builder report(boolean report) {
      this.report = report;
      return this;
    }

    /**
     * Makes the configuration.
     *
     * @return the configuration
     * @throws IllegalArgumentException if a value is outside its range, or the share of a queue has
     *     more slots than a concurrency that was set
     */
    public WorkerConfig build() {
      return new WorkerConfig(this);
    }
  }
}
