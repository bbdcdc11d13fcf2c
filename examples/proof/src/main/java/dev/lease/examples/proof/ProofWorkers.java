package dev.lease.examples.proof;

import dev.lease.examples.orderbot.Program;
import dev.lease.examples.orderbot.Signals;
import dev.lease.examples.shared.StoreName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The workers of a proof, each in a process of its own; or its producers. */
final class ProofWorkers implements AutoCloseable {

  private final Class<?> program;
  private final StoreName store;
  private final List<String> args;
  private final Path log;
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private int started;

  /**
   * @param program their main class
   * @param store the store of the jobs
   * @param args what they are started with, besides {@code --name}
   * @param log where their output goes
   */
  ProofWorkers(Class<?> program, StoreName store, List<String> args, Path log) {
    this.program = program;
    this.store = store;
    this.args = args;
    this.log = log;
  }

  void start() throws IOException {
    String name = "worker-" + ++started;
    List<String> all = new ArrayList<>(args);
    all.add("--name=" + name);
    ProcessBuilder builder = Program.of(program, all);
    builder.environment().put(StoreName.VARIABLE, store.name());
    processes.put(
        name,
        builder
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start());
  }

  /** Fails if a worker has ended although nobody asked it to. */
  void checkAlive() {
    processes.forEach(
        (name, process) -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(
                "%s has ended unexpectedly, see %s".formatted(name, log));
          }
        });
  }

  /** The workers that were started, and neither killed nor asked to end. */
  Set<String> names() {
    return Set.copyOf(processes.keySet());
  }

  void kill(String worker) throws InterruptedException {
    Objects.requireNonNull(processes.remove(worker), worker).destroyForcibly().waitFor();
  }

  /** Ends a worker, which first finishes what it is doing. */
  void end(String worker) {
    Process process = Objects.requireNonNull(processes.remove(worker), worker);
    process.destroy();
    Program.end(process);
  }

  /** Suspends a worker with SIGSTOP. When this returns, none of its threads runs any more. */
  void stop(String worker) throws IOException, InterruptedException {
    Signals.stop(process(worker));
  }

  /** Resumes a worker. */
  void go(String worker) throws IOException, InterruptedException {
    Signals.go(process(worker));
  }

  private Process process(String worker) {
    return Objects.requireNonNull(processes.get(worker), worker);
  }

  /** Ends the workers, which first finish what they are doing. */
  @Override
  public void close() {
    processes.values().forEach(Process::destroy);
    processes.values().forEach(Program::end);
    processes.clear();
  }
}
