package dev.lease.examples.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One run: a store, what is measured on it, and the processes that take part. */
final class Stage implements AutoCloseable {

  private static final int SETUP_SECONDS = 120;
  private static final int SEED_SECONDS = 1800;
  private static final int CLOSE_SECONDS = 60;

  private final Peer peer;
  private final Store store;
  private final Setup setup;
  private final Progress progress;
  private final long[] servers;
  private final List<ChildProcess> children = new ArrayList<>();

  /**
   * What the processes of a run have in common.
   *
   * @param settings their settings
   * @param jvm arguments of the measured JVMs
   * @param directory where their logs go
   */
  record Setup(Settings settings, List<String> jvm, Path directory) {}

  Stage(Peer peer, Store store, Setup setup, Progress progress) {
    this.peer = peer;
    this.store = store;
    this.setup = setup;
    this.progress = progress;
    servers = store.servers().toArray();
  }

  Settings settings() {
    return setup.settings();
  }

  Store store() {
    return store;
  }

  Progress progress() {
    return progress;
  }

  Peer peer() {
    return peer;
  }

  Meter meter() {
    return Meter.of(servers);
  }

  /** How long a child may take that ends by itself after a given time. */
  int patience(Settings settings) {
    return SETUP_SECONDS + settings.number("cap", 120);
  }

  /** Starts a process that is measured. */
  ChildProcess start(String role, Settings settings) throws IOException {
    progress.now(role);
    return start(role, settings, setup.jvm());
  }

  private ChildProcess start(String role, Settings settings, List<String> jvm) throws IOException {
    List<String> command = new ArrayList<>(peer.command(jvm));
    command.add(role);
    command.addAll(settings.arguments());
    Path log = setup.directory().resolve(role + ".log");
    ChildProcess child = new ChildProcess(command, role, store.address(), log, progress);
    children.add(child);
    return child;
  }

  /** Runs a process that is not measured. */
  Map<String, Object> once(String role, Settings settings)
      throws IOException, InterruptedException {
    progress.now(role);
    ChildProcess child = start(role, settings, List.of());
    Map<String, Object> result = child.done(SEED_SECONDS);
    child.end();
    return result;
  }

  /** Runs one process that is measured. */
  Map<String, Object> measure(String kind, String role, Settings settings)
      throws IOException, InterruptedException {
    ChildProcess child = start(role, settings);
    Meter meter = meter().and(kind, child);
    child.await("READY", patience(settings));
    child.onWarm(meter::start);
    meter.start();
    child.tell("GO");
    Map<String, Object> result = child.done(patience(settings));
    child.await("CLOSED", CLOSE_SECONDS);
    result.putAll(meter.read());
    child.end();
    return result;
  }

  @Override
  public void close() throws IOException {
    children.forEach(ChildProcess::close);
    store.close();
  }
}
