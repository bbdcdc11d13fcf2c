package dev.lease.examples.proof;

import dev.lease.examples.leasecli.StoreName;
import dev.lease.examples.orderbot.Program;
import dev.lease.examples.orderbot.Signals;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The workers of a proof, each in a process of its own. */
final class ProofWorkers implements AutoCloseable {

  private final ProofSetup setup;
  private final String queue;
  private final URI world;
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private int started;

  ProofWorkers(ProofSetup setup, String queue, URI world) {
    this.setup = setup;
    this.queue = queue;
    this.world = world;
  }

  void start() throws IOException {
    String name = "worker-" + ++started;
    ProcessBuilder program =
        Program.of(
            setup.program(),
            List.of(
                "--name=" + name,
                "--queue=" + queue,
                "--way=" + setup.way().name(),
                "--world=" + world,
                "--lease=" + setup.lease().toMillis() + "ms"));
    program.environment().put(StoreName.VARIABLE, setup.store().name());
    processes.put(
        name,
        program
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
            .start());
  }

  private Path log() {
    return setup.directory().resolve(setup + ".log");
  }

  /** Fails if a worker has ended although nobody asked it to. */
  void checkAlive() {
    processes.forEach(
        (name, process) -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(
                "%s: %s has ended unexpectedly, see %s".formatted(setup, name, log()));
          }
        });
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
