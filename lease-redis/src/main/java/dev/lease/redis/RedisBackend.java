package dev.lease.redis;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.Opening;
import dev.lease.StoreException;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leases and job queues in Redis 6.2 or newer, in Valkey, or in a Redis Cluster. It finds out by
 * itself which of them it is.
 *
 * <p>A call changes a queue in one script on one node: all keys of a queue are in one slot, and so
 * are all named leases of a prefix. A command that may have been done is never sent again. If an
 * answer is lost, the call says that its outcome is unknown. The settings of Redis decide what a
 * crash or a failover can lose. Tokens follow the server's clock, so they grow even then if the new
 * server's clock is not behind [policy 2].
 *
 * <p>Safe for use by many threads. Closing it releases no lease, and makes every later call throw
 * {@link IllegalStateException} [L26, Q54].
 */
public final class RedisBackend implements Backend {

  private static final Logger log = LoggerFactory.getLogger(RedisBackend.class);
  private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(45);

  private static final Duration OTHERS_TIMEOUT = Duration.ofSeconds(10);

  /** Within this time a thread goes on whose wait is over, also on a machine with much to do. */
  private static final Duration SLACK = Duration.ofSeconds(1);

  /** Written out, so that what is added later is not claimed here. */
  private static final Set<Capability> CAPABILITIES =
      Collections.unmodifiableSet(
          EnumSet.of(
              Capability.LEASES,
              Capability.JOBS,
              Capability.ADMIN,
              Capability.AUDIT,
              Capability.HINTS,
              Capability.HINTS_FROM_OTHERS,
              Capability.NOTES,
              Capability.KEYS,
              Capability.GRAPHS));

  private final Duration longestCall;
  private final ScriptRunner runner;
  private final Hints hints;
  private final RedisLeaseStore leaseStore;
  private final RedisJobQueue jobQueue;
  private final RedisJobAdmin jobAdmin;
  private final RedisAdmission admission;
  private final RedisJobGraphs jobGraphs;

  private RedisBackend(ScriptRunner runner, Topology topology, Keys keys, RedisConfig config) {
    this.longestCall = longestCall(config);
    this.runner = runner;
    this.hints = new Hints(topology, keys, config.callTimeout().toMillis());
    var queues = new QueueNames(runner, keys);
    this.leaseStore = new RedisLeaseStore(runner, keys);
    this.jobQueue = new RedisJobQueue(runner, queues, hints);
    this.jobAdmin = new RedisJobAdmin(runner, queues);
    this.admission = new RedisAdmission(runner, queues);
    this.jobGraphs = new RedisJobGraphs(runner, queues);
  }

  /**
   * Opens a store. A server that accepts the connection has 45 s to answer, or {@code callTimeout}
   * if that is longer, because a process is slow while it starts. A server that cannot be reached
   * makes it fail after {@code callTimeout}, unless {@link RedisConfig#withOpeningTime} says that
   * it tries again. If opening took longer than a call may take, a log line says what took the
   * time.
   *
   * @param config the configuration
   * @return the store
   * @throws IllegalArgumentException if the URI or a file of the configuration cannot be read; or
   *     if the URI names several servers that are not one cluster, or a database that the server
   *     does not have, or asks for something else that it would not get
   * @throws IllegalStateException if the server, or a node of the cluster that answers, is older
   *     than 6.2, or removes keys when its memory is full and that is not allowed; or if the store
   *     has a layout of another version of Lease, earlier or later [Q52]; or if there is no store
   *     and {@link RedisConfig#withMigrate} is false; or if a server cannot confirm what {@link
   *     RedisConfig#withDurability} asks for
   * @throws StoreException if the server cannot be reached or refuses; the message is one line that
   *     names the server, without the password, and says what took the time
   */
  public static RedisBackend open(RedisConfig config) {
    return open(config, Scripts.SERVER_CLOCK);
  }

  /** Opens a store with a clock of its own, in Lua; for tests. */
  static RedisBackend open(RedisConfig config, Supplier<String> clock) {
    return open(config, scripts(Limits.notNull("config", config), clock));
  }

  static RedisBackend open(RedisConfig config, Scripts scripts) {
    return open(config, scripts, System::nanoTime);
  }

  /** Opens a store, and measures by a clock how long that takes. */
  static RedisBackend open(RedisConfig config, Scripts scripts, LongSupplier nanoTime) {
    return Opening.retry(
        config.openingTime(),
        RedisErrors::isDown,
        log::warn,
        () -> openOnce(config, scripts, nanoTime));
  }

  private static RedisBackend openOnce(RedisConfig config, Scripts scripts, LongSupplier nanoTime) {
    config.access().check();
    List<RedisURI> uris = RedisUris.of(config);
    var keys = new Keys(config.prefix(), uris.get(0).getDatabase());
    long start = nanoTime.getAsLong();
    ClientClasses.load();
    long loaded = nanoTime.getAsLong();
    try {
      Topology topology =
          isCluster(config, scripts, keys)
              ? new ClusterTopology(uris, config)
              : new ServerTopology(uris.get(0), config);
      var runner =
          new ScriptRunner(topology, config.callTimeout(), config.durability(), scripts, keys);
      var backend = new RedisBackend(runner, topology, keys, config);
      tellIfSlow(
          config,
          Duration.ofNanos(loaded - start),
          Duration.ofNanos(nanoTime.getAsLong() - loaded));
      return backend;
    } catch (StoreException e) {
      String message =
          "%s (opening took %d ms to load the client and %d ms to ask the servers)"
              .formatted(
                  e.getMessage(),
                  TimeUnit.NANOSECONDS.toMillis(loaded - start),
                  TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - loaded));
      throw e.isOutcomeUnknown()
          ? StoreException.outcomeUnknown(message, e)
          : StoreException.notDone(message, e);
    }
  }

  /** Tells what took the time if it took longer to open a store than a call may take. */
  private static void tellIfSlow(RedisConfig config, Duration loading, Duration asking) {
    Duration longest = longestCall(config);
    if (loading.plus(asking).compareTo(longest) > 0) {
      log.warn(
          "Opening the store {} on {} took {} ms to load the client and {} ms to ask the servers, longer than a call may take ({})",
          config.prefix(),
          RedisConfig.redacted(config.uri()),
          loading.toMillis(),
          asking.toMillis(),
          Limits.shown(longest));
    }
  }

  private static Duration longestCall(RedisConfig config) {
    return config.callTimeout().plus(SLACK);
  }

  static Scripts scripts(RedisConfig config, Supplier<String> clock) {
    return new Scripts(words(config), config.durability().isAsked(), clock);
  }

  /** What scripts have to know of the configuration. */
  static Map<String, String> words(RedisConfig config) {
    long remember = Micros.of(config.remember());
    long keepDone = Math.max(Micros.of(config.keepDone()), remember);
    return Map.of(
        "keepDone", Long.toString(keepDone),
        "keepFailed", Long.toString(Math.max(Micros.of(config.keepFailed()), remember)),
        "remember", Long.toString(remember),
        // Of a DONE job that goes because there are too many, the id stays as long as the job
        // would.
        "rememberIds", Long.toString(Math.max(Micros.of(config.rememberedIds()), keepDone)),
        "keepDoneAtMost", Integer.toString(config.keepDoneAtMost()));
  }

  /**
   * Finds out what the servers are, and checks them. It uses connections of its own, which may wait
   * longer than those for calls, because a process is slow while it starts.
   */
  private static boolean isCluster(RedisConfig config, Scripts scripts, Keys keys) {
    Duration patience =
        config.callTimeout().compareTo(OPEN_TIMEOUT) > 0 ? config.callTimeout() : OPEN_TIMEOUT;
    List<RedisURI> uris = RedisUris.of(config.withCallTimeout(patience));
    StoreException unreachable = null;
    for (RedisURI uri : uris) {
      try (var runner =
          new ScriptRunner(
              new ServerTopology(uri, config), patience, config.durability(), scripts, keys)) {
        ServerInfo info = runner.command("open the store", "", ServerInfo::ask);
        if (uris.size() > 1 && !info.isCluster()) {
          // Otherwise the first that answers would be used, and each has other jobs.
          throw new IllegalArgumentException(
              "several addresses must be nodes of one Redis Cluster, was "
                  + RedisConfig.redacted(config.uri()));
        }
        if (info.isCluster() && uri.getDatabase() != 0) {
          throw UriSettings.onlyDatabaseOfCluster(uri.getDatabase());
        }
        if (info.isCluster()) {
          Topology nodes = new ClusterTopology(uris, config);
          try (var cluster =
              new ScriptRunner(nodes, ofOthers(config), config.durability(), scripts, keys)) {
            check(config, cluster, keys, Servers.of(cluster));
          }
        } else {
          check(config, runner, keys, new Servers(Map.of(RedisUris.address(uri), info)));
        }
        return info.isCluster();
      } catch (StoreException e) {
        refuseDatabase(uri, e);
        if (unreachable != null) {
          e.addSuppressed(unreachable);
        }
        unreachable = e;
      }
    }
    throw Objects.requireNonNull(unreachable);
  }

  /**
   * How long the other nodes of a cluster have when one has answered: then this process is warm.
   */
  private static Duration ofOthers(RedisConfig config) {
    return config.callTimeout().compareTo(OTHERS_TIMEOUT) > 0
        ? config.callTimeout()
        : OTHERS_TIMEOUT;
  }

  /** Tells if a server could not be opened because of the number of the database. */
  private static void refuseDatabase(RedisURI uri, StoreException e) {
    String reason = RedisErrors.reason(e);
    if (reason.contains("SELECT is not allowed in cluster mode")) {
      throw UriSettings.onlyDatabaseOfCluster(uri.getDatabase());
    }
    if (reason.contains("DB index")) {
      throw new IllegalArgumentException(
          ("database %d is not on %s (%s): use a number below its setting databases, which is 16"
                  + " by default, or keep programs apart by RedisConfig.withPrefix")
              .formatted(uri.getDatabase(), RedisUris.address(uri), reason),
          e);
    }
  }

  private static void check(RedisConfig config, ScriptRunner runner, Keys keys, Servers servers) {
    servers.check(config);
    DurabilityCheck.check(runner, config.durability());
    Layout.check(runner, keys, config.migrate());
    log.info("Opened {} on {}", config, servers);
  }

  @Override
  public Set<Capability> capabilities() {
    return CAPABILITIES;
  }

  /**
   * The named leases.
   *
   * @return always the same object
   */
  @Override
  public LeaseStore leaseStore() {
    return leaseStore;
  }

  /**
   * The queues.
   *
   * @return always the same object
   */
  @Override
  public JobQueue jobQueue() {
    return jobQueue;
  }

  /**
   * The calls for operators.
   *
   * @return always the same object
   */
  @Override
  public JobAdmin jobAdmin() {
    return jobAdmin;
  }

  /**
   * The limits by key.
   *
   * @return always the same object
   */
  @Override
  public Admission admission() {
    return admission;
  }

  /**
   * The graphs of jobs.
   *
   * @return always the same object
   */
  @Override
  public JobGraphs jobGraphs() {
    return jobGraphs;
  }

  /**
   * How long a call lasts at most, however many answers it needs [L31]. An extension and a renewal
   * end after a third of the lease, or a second if that is more.
   *
   * @return {@code callTimeout}, and a second in which a thread comes to run again
   */
  @Override
  public Duration longestCall() {
    return longestCall;
  }

  /** Closes the connections of the store. A second call does nothing. */
  @Override
  public void close() {
    hints.close();
    runner.close();
  }
}
