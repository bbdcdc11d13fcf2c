package dev.lease.examples.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that all workloads share. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class RunOptions {

  @Option(
      names = "--store",
      paramLabel = "STORE",
      defaultValue = "${env:BENCHMARK_STORE:-sqlite}",
      description =
          "sqlite, postgresql, mariadb or redis, to start a durable store for the run; or"
              + " jdbc:sqlite:FILE, jdbc:postgresql://.., jdbc:mariadb://.., redis://.., to use"
              + " one of yours (${DEFAULT-VALUE})")
  private String store;

  @Option(
      names = "--peer",
      paramLabel = "PEER",
      description =
          "what is measured: lease, db-scheduler, shedlock, redisson, graphile-worker, pg-boss or"
              + " bullmq (${DEFAULT-VALUE})")
  private String peer = LeasePeer.NAME;

  @Option(
      names = "--config",
      paramLabel = "CONFIG",
      description = "default, tuned or quick (by default, the workload's own)")
  private @Nullable String config;

  @Option(
      names = "--jobs",
      paramLabel = "N",
      description = "how many jobs (by default, the workload's own)")
  private @Nullable Integer jobs;

  @Option(
      names = "--warm",
      paramLabel = "N",
      description = "how many jobs run before those that count (by default, the workload's own)")
  private @Nullable Integer warm;

  @Option(
      names = "--cap",
      paramLabel = "SECONDS",
      description = "how long it may run at most (${DEFAULT-VALUE})")
  private int cap = 120;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description =
          "how many runs, each on a new store if it is started for the run (${DEFAULT-VALUE})")
  private int runs = 1;

  @Option(names = "--concurrency", paramLabel = "N", description = "concurrent handlers")
  private @Nullable Integer concurrency;

  @Option(names = "--look-ahead", paramLabel = "N", description = "jobs claimed ahead")
  private @Nullable Integer lookAhead;

  @Option(names = "--pool", paramLabel = "N", description = "connections in the pool")
  private @Nullable Integer pool;

  @Option(names = "--keep-done", paramLabel = "HOURS", description = "how long done jobs are kept")
  private @Nullable Integer keepDone;

  @Option(names = "--lease", paramLabel = "MILLIS", description = "the lease duration")
  private @Nullable Integer lease;

  @Option(names = "--poll", paramLabel = "MILLIS", description = "the poll interval of a worker")
  private @Nullable Integer poll;

  @Option(
      names = "--keys",
      paramLabel = "N",
      description = "how many keys the jobs have; Lease only")
  private @Nullable Integer keys;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "slots of each key; without it no limit")
  private @Nullable Integer slots;

  @Option(names = "--keyed-every", paramLabel = "N", description = "one job in N has a key")
  private @Nullable Integer keyedEvery;

  @Option(
      names = "--replicas",
      paramLabel = "N",
      description =
          "how many replicas confirm what Lease writes to Redis; --store redis starts as many")
  private @Nullable Integer replicas;

  @Option(
      names = "--on-disk",
      description = "the disk confirms what Lease writes to Redis (7.2 or newer)")
  private boolean onDisk;

  @Option(
      names = "--jvm",
      paramLabel = "ARGUMENT",
      description = "an argument for the measured JVMs, such as --jvm=-XX:+UseSerialGC; repeatable")
  private List<String> jvm = new ArrayList<>();

  /**
   * Refuses wrong options, before anything is started.
   *
   * @throws IllegalArgumentException with the option, its value and the allowed values
   */
  void check() {
    if (runs < 1) {
      throw new IllegalArgumentException("--runs must be 1 or more, was " + runs);
    }
    peer(peer);
    if (keys != null && !peer.equals(LeasePeer.NAME)) {
      throw new IllegalArgumentException("--keys is for Lease, was for " + peer);
    }
    boolean isRedis = StoreKind.named(store) == StoreKind.REDIS;
    if ((replicas != null || onDisk) && !(isRedis && peer.equals(LeasePeer.NAME))) {
      throw new IllegalArgumentException(
          "--replicas and --on-disk are for Lease on Redis, was %s on %s"
              .formatted(peer, storeName()));
    }
  }

  /**
   * Finds a peer by its name.
   *
   * @throws IllegalArgumentException if there is none
   */
  private static Peer peer(String name) {
    if (!Peer.STORES.containsKey(name)) {
      throw new IllegalArgumentException(
          "--peer must be one of "
              + String.join(", ", new TreeSet<>(Peer.STORES.keySet()))
              + ", was "
              + name);
    }
    return NodePeer.NAMES.contains(name) ? new NodePeer(name) : new JvmPeer(name);
  }

  int runs() {
    return runs;
  }

  String peer() {
    return peer;
  }

  /** The store, without anything that may be a password. */
  String storeName() {
    return store.replaceFirst("\\?.*", "").replaceFirst("//.*@", "//");
  }

  /** The settings for a child, with the defaults of the workload. */
  Settings settings(Defaults defaults) {
    return new Settings(Map.of())
        .with("config", config == null ? defaults.config() : config)
        .with("jobs", jobs == null ? defaults.jobs() : jobs)
        .with("warm", warm == null ? defaults.warm() : warm)
        .with("cap", cap)
        .with("concurrency", concurrency)
        .with("look-ahead", lookAhead)
        .with("pool", pool)
        .with("keep-done", keepDone)
        .with("lease", lease)
        .with("poll", poll)
        .with("keys", keys)
        .with("slots", slots)
        .with("keyed-every", keyedEvery)
        .with("replicas", replicas)
        .with("on-disk", onDisk ? true : null)
        .with("jvm", jvm.isEmpty() ? null : String.join(" ", jvm));
  }

  /**
   * The defaults of a workload.
   *
   * @param config the settings of the worker
   * @param jobs how many jobs are measured; null if the workload is not about jobs
   * @param warm how many run before those
   */
  record Defaults(String config, @Nullable Integer jobs, int warm) {}

  /** Starts or opens the store of a run. */
  Stage open(Settings settings, Path directory, Progress progress)
      throws IOException, InterruptedException, SQLException {
    Peer measured = peer(peer);
    measured.require(StoreKind.named(store));
    measured.install(progress);
    progress.now("store " + storeName());
    Store opened =
        Store.of(store, directory, settings.number("replicas", 0), settings.number("stores", 1));
    Path logs = Files.createDirectories(directory.resolve("logs"));
    // In a store of the user's, a queue that nobody has used.
    Settings own =
        store.equals(opened.address())
            ? settings.with("queue", "benchmark-" + Integer.toHexString(new Random().nextInt()))
            : settings;
    return new Stage(measured, opened, new Stage.Setup(own, jvm, logs), progress);
  }
}
