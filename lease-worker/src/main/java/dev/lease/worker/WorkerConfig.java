package dev.lease.worker;

import dev.lease.Limits;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How a worker works. The defaults are those of {@link #builder}.
 *
 * @param name under which it holds leases, for people; two workers may carry the same
 * @param concurrency how many handlers run at once, 1 to 10000
 * @param leaseDuration how long a job stays with a worker that has died, 100 ms to 365 days;
 *     extended when a third of it has passed
 * @param pollInterval how long until the worker asks for work when nothing tells it that there is
 *     some, 1 ms to 1 hour
 * @param lookAhead how many jobs it claims beyond those that run, so that a slot that becomes free
 *     goes on at once, 0 to 1000. Many for jobs of milliseconds; 0 for jobs of minutes, which would
 *     wait here while other workers are idle [W06]
 * @param stopGrace how long running handlers may go on when the worker stops, 0 to 1 hour [W05]
 * @param maxBackoff the longest wait between two attempts to reach a store that does not answer, at
 *     least {@code pollInterval}, at most 1 hour [W11]
 * @param unknownTypeDelay how long a job stays away that was handed back because this worker does
 *     not know its type, at least {@code pollInterval}, at most 1 day [W10]
 * @param idempotencyKeyPrefix what {@link JobContext#idempotencyKey()} begins with: 0 to 100
 *     characters of printable ASCII without blanks
 * @param purgeInterval how often jobs that have been kept long enough are removed, 100 ms to 1 day
 */
public record WorkerConfig(
    String name,
    int concurrency,
    Duration leaseDuration,
    Duration pollInterval,
    int lookAhead,
    Duration stopGrace,
    Duration maxBackoff,
    Duration unknownTypeDelay,
    String idempotencyKeyPrefix,
    Duration purgeInterval) {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  /** Checks each value, and those that depend on each other. */
  public WorkerConfig {
    Limits.name("name", name);
    Limits.between("concurrency", concurrency, 1, 10_000);
    between("leaseDuration", leaseDuration, Duration.ofMillis(100), Limits.MAX_LEASE);
    between("pollInterval", pollInterval, Duration.ofMillis(1), HOUR);
    Limits.between("lookAhead", lookAhead, 0, Limits.MAX_BATCH);
    between("stopGrace", stopGrace, Duration.ZERO, HOUR);
    // Or the worker would ask more often when the store is down than when there is no work.
    between("maxBackoff", maxBackoff, pollInterval, HOUR);
    // Or the worker that does not know a job would be the one that takes it again.
    between("unknownTypeDelay", unknownTypeDelay, pollInterval, DAY);
    prefix(idempotencyKeyPrefix);
    between("purgeInterval", purgeInterval, Duration.ofMillis(100), DAY);
  }

  /**
   * Starts with the defaults: named after the host and a random number, as many handlers as there
   * are processors, leases of 30 s, a poll each second, as many jobs ahead as there are handlers, a
   * grace of 10 s, a backoff of at most 30 s, unknown types handed back for 10 s, idempotency keys
   * that begin with {@code lease:}, a purge each minute. Where the poll interval is longer than
   * such a backoff or delay, it takes its place.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  private static void between(String what, Duration value, Duration min, Duration max) {
    Limits.notNull(what, value);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          what + " must be " + min + " to " + max + ", was " + value);
    }
  }

  private static void prefix(String prefix) {
    Limits.notNull("idempotencyKeyPrefix", prefix);
    if (prefix.length() > 100 || !prefix.chars().allMatch(c -> c > ' ' && c < 0x7F)) {
      throw new IllegalArgumentException(
          "idempotencyKeyPrefix must be at most 100 characters of printable ASCII without blanks,"
              + " was \""
              + prefix
              + '"');
    }
  }

  /** Builds a {@link WorkerConfig}; not for use by several threads. */
  public static final class Builder {
    private @Nullable String name;
    private int concurrency = Runtime.getRuntime().availableProcessors();
    private Duration leaseDuration = Duration.ofSeconds(30);
    private Duration pollInterval = Duration.ofSeconds(1);
    private @Nullable Integer lookAhead;
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
     * Sets how often the worker asks for work unasked.
     *
     * @param pollInterval 1 ms to 1 hour
     * @return this
     */
    public Builder pollInterval(Duration pollInterval) {
      this.pollInterval = pollInterval;
      return this;
    }

    /**
     * Sets how many jobs are claimed beyond those that run.
     *
     * @param lookAhead 0 to 1000
     * @return this
     */
    public Builder lookAhead(int lookAhead) {
      this.lookAhead = lookAhead;
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
     * Sets how long a job of an unknown type stays away.
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
     * Makes the configuration.
     *
     * @return the configuration
     * @throws IllegalArgumentException if a value breaks its rule
     */
    public WorkerConfig build() {
      return new WorkerConfig(
          name != null ? name : defaultName(),
          concurrency,
          leaseDuration,
          pollInterval,
          lookAhead != null ? lookAhead : Math.min(concurrency, Limits.MAX_BATCH),
          stopGrace,
          maxBackoff != null ? maxBackoff : atLeastPollInterval(Duration.ofSeconds(30)),
          unknownTypeDelay != null ? unknownTypeDelay : atLeastPollInterval(Duration.ofSeconds(10)),
          idempotencyKeyPrefix,
          purgeInterval);
    }

    private Duration atLeastPollInterval(Duration duration) {
      return duration.compareTo(pollInterval) < 0 ? pollInterval : duration;
    }

    private static String defaultName() {
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
  }
}
