package dev.lease.examples.orderbot;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A database server of this user on this machine. It is restarted with its own command line. */
final class DatabaseProcess implements Restartable {

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final String url;
  private final String signal;
  private final List<String> command = new ArrayList<>();
  private ProcessHandle running;
  private @Nullable Process ours;

  /**
   * @param url a database on the server
   * @param pidFile the file with its process id
   * @param signal the signal that kills the server with all its processes
   * @param under a command to run the server under, with its arguments; empty for none
   */
  DatabaseProcess(String url, Path pidFile, String signal, List<String> under) throws IOException {
    this.url = url;
    this.signal = signal;
    running = process(pidFile);
    command.addAll(under);
    command.add(running.info().command().orElseThrow());
    command.addAll(List.of(running.info().arguments().orElseThrow()));
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
  }

  private static ProcessHandle process(Path pidFile) throws IOException {
    long pid = Long.parseLong(Files.readAllLines(pidFile).get(0).strip());
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    return process.orElseThrow(
        () -> new IOException("no process has the id " + pid + " of " + pidFile));
  }

  @Override
  public void restart() throws IOException, InterruptedException {
    Signals.send(signal, running.pid());
    while (running.isAlive()) {
      Thread.sleep(1);
    }
    ours =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.DISCARD)
            .start();
    running = ours.toHandle();
    Instant deadline = Instant.now().plus(PATIENCE);
    while (!answers()) {
      if (Instant.now().isAfter(deadline)) {
        throw new IOException("the server did not start again: " + String.join(" ", command));
      }
      Thread.sleep(10);
    }
  }

  private boolean answers() {
    try (Connection connection = DriverManager.getConnection(url)) {
      return connection.isValid(1);
    } catch (SQLException e) {
      return false;
    }
  }

  /** A server that was never restarted ends with the JVM that started it. */
  @Override
  public void close() {
    if (ours != null) {
      ours.destroyForcibly();
    }
  }
}
