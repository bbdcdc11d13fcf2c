package dev.lease.examples.orderbot;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The workers of a proof, each in a process of its own. */
final class ProofWorkers implements AutoCloseable {

  /** The state after the name of a thread, in /proc. */
  private static final Pattern STOPPED = Pattern.compile("\\) T [^)]*$");

  private final ProofRun.Setup setup;
  private final String queue;
  private final URI world;
  private final Map<String, Process> processes = new LinkedHashMap<>();
  private int started;

  ProofWorkers(ProofRun.Setup setup, String queue, URI world) {
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
                "proof-worker",
                "--name=" + name,
                "--queue=" + queue,
                "--way=" + setup.way().name(),
                "--world=" + world,
                "--lease=" + setup.lease().toMillis() + "ms"));
    program.environment().put(StoreOptions.VARIABLE, setup.store().name());
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

  /** Fails if one has ended that nobody has asked to. */
  void checkAlive() {
    processes.forEach(
        (name, process) -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(
                "%s: %s has ended by itself, see %s".formatted(setup, name, log()));
          }
        });
  }

  void kill(String worker) throws InterruptedException {
    Objects.requireNonNull(processes.remove(worker), worker).destroyForcibly().waitFor();
  }

  /** Ends a worker, which first finishes what it is in the middle of. */
  void end(String worker) {
    Process process = Objects.requireNonNull(processes.remove(worker), worker);
    process.destroy();
    Program.end(process);
  }

  /** Stops a worker with SIGSTOP; when this returns none of its threads does anything any more. */
  void stop(String worker) throws IOException, InterruptedException {
    Process process = process(worker);
    signal("STOP", worker, process);
    Path threads = Path.of("/proc", "" + process.pid(), "task");
    // Linux tells; elsewhere they stop soon.
    while (Files.isDirectory(threads) && !areStopped(threads)) {
      Thread.sleep(1);
    }
  }

  private static boolean areStopped(Path threads) throws IOException {
    try (Stream<Path> each = Files.list(threads)) {
      return each.allMatch(thread -> STOPPED.matcher(stat(thread)).find());
    }
  }

  private static String stat(Path thread) {
    try {
      return Files.readString(thread.resolve("stat"));
    } catch (IOException e) {
      // It has ended meanwhile.
      return "";
    }
  }

  /** Lets a worker go on. */
  void go(String worker) throws IOException, InterruptedException {
    signal("CONT", worker, process(worker));
  }

  private Process process(String worker) {
    return Objects.requireNonNull(processes.get(worker), worker);
  }

  /** Sends a signal for which Java has no call. */
  private static void signal(String signal, String worker, Process process)
      throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", "-" + signal, "" + process.pid()).start();
    if (kill.waitFor() != 0) {
      throw new IOException("could not send SIG" + signal + " to " + worker);
    }
  }

  /** Ends the workers, which first finish what they are in the middle of. */
  @Override
  public void close() {
    processes.values().forEach(Process::destroy);
    processes.values().forEach(Program::end);
    processes.clear();
  }
}
