package dev.lease.examples.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all workloads share. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class RunOptions {

  @Option(
      names = "--store",
      paramLabel = "STORE",
      defaultValue = "${env:BENCHMARK_STORE:-sqlite}",
      description =
          "sqlite, postgresql, mariadb or redis, for a durable server of the run's own; or"
              + " jdbc:sqlite:FILE, jdbc:postgresql://.., jdbc:mariadb://.., redis://.., for one"
              + " that is there (${DEFAULT-VALUE})")
  private String store;

  @Option(
      names = "--peer",
      paramLabel = "PEER",
      description =
          "who is measured: lease, db-scheduler, shedlock, redisson, graphile-worker, pg-boss or"
              + " bullmq (${DEFAULT-VALUE})")
  private String peer = LeasePeer.NAME;

  @Option(
      names = "--config",
      paramLabel = "CONFIG",
      description = "default, tuned, or quick to notice (the workload's own)")
  private @Nullable String config;

  @Option(names = "--jobs", paramLabel = "N", description = "how many jobs (the workload's own)")
  private @Nullable Integer jobs;

  @Option(
      names = "--warm",
      paramLabel = "N",
      description = "how many jobs go before those that count (the workload's own)")
  private @Nullable Integer warm;

  @Option(
      names = "--cap",
      paramLabel = "SECONDS",
      description = "after how long it is stopped in any case (${DEFAULT-VALUE})")
  private int cap = 120;

  @Option(
      names = "--runs",
      paramLabel = "N",
      description = "how often, each on a new store where that is its own (${DEFAULT-VALUE})")
  private int runs = 1;

  @Option(names = "--concurrency", paramLabel = "N", description = "handlers at once")
  private @Nullable Integer concurrency;

  @Option(names = "--look-ahead", paramLabel = "N", description = "jobs held in advance")
  private @Nullable Integer lookAhead;

  @Option(names = "--pool", paramLabel = "N", description = "connections of a pool")
  private @Nullable Integer pool;

  @Option(names = "--keep-done", paramLabel = "HOURS", description = "how long done jobs stay")
  private @Nullable Integer keepDone;

  @Option(names = "--lease", paramLabel = "MILLIS", description = "how long a lease lasts")
  private @Nullable Integer lease;

  @Option(names = "--poll", paramLabel = "MILLIS", description = "how often a worker looks")
  private @Nullable Integer poll;

  @Option(
      names = "--jvm",
      paramLabel = "ARGUMENT",
      description = "for the JVMs that are measured, such as --jvm=-XX:+UseSerialGC; repeatable")
  private List<String> jvm = new ArrayList<>();

  /**
   * Refuses what makes no sense, before anything is started.
   *
   * @throws IllegalArgumentException naming the option, its value and what it may be
   */
  void check() {
    if (runs < 1) {
      throw new IllegalArgumentException("--runs must be 1 or more, was " + runs);
    }
    Peer.of(peer);
    StoreKind.named(store);
  }

  int runs() {
    return runs;
  }

  String peer() {
    return peer;
  }

  /** The store without what may be a password. */
  String storeName() {
    return store.replaceFirst("\\?.*", "").replaceFirst("//.*@", "//");
  }

  /** What a child is told, with what the workload says where nothing else is said. */
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
        .with("jvm", jvm.isEmpty() ? null : String.join(" ", jvm));
  }

  /**
   * What a workload says where nothing else is said.
   *
   * @param config the settings of the worker
   * @param jobs how many are measured, where it is about jobs
   * @param warm how many go before
   */
  record Defaults(String config, @Nullable Integer jobs, int warm) {}

  /** Starts or finds the store of a run. */
  Stage open(Settings settings, Path directory, Progress progress)
      throws IOException, InterruptedException, SQLException {
    Peer measured = Peer.of(peer);
    measured.require(StoreKind.named(store));
    measured.install(progress);
    progress.now("store " + storeName());
    Store opened = Store.of(store, directory);
    Path logs = Files.createDirectories(directory.resolve("logs"));
    // In a store that is somebody's, a queue that nobody has used.
    Settings own =
        store.equals(opened.url())
            ? settings.with("queue", "benchmark-" + Integer.toHexString(new Random().nextInt()))
            : settings;
    return new Stage(measured, opened, new Stage.Setup(own, jvm, logs), progress);
  }
}
