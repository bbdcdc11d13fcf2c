package dev.lease.examples.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.type.TypeReference;

/** A child process that plays a role, seen from its parent. */
final class ChildProcess implements AutoCloseable {

  private static final String ENDED = "ENDED";
  private static final int END_SECONDS = 30;
  private static final int LAST_LINES = 3;

  private final String role;
  private final Path log;
  private final Process process;
  private final Progress progress;
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private volatile Runnable onWarm = () -> {};

  ChildProcess(List<String> command, String role, String url, Path log, Progress progress)
      throws IOException {
    this.role = role;
    this.log = log;
    this.progress = progress;
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(Redirect.appendTo(log.toFile()));
    builder.environment().put(Child.STORE, url);
    process = builder.start();
    Thread reader = new Thread(this::listen, "benchmark-" + role);
    reader.setDaemon(true);
    reader.start();
  }

  long pid() {
    return process.pid();
  }

  /** Sets what to call when the child has finished its warm-up. */
  void onWarm(Runnable hook) {
    onWarm = hook;
  }

  private void listen() {
    try (BufferedReader out = process.inputReader(UTF_8)) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith("TICK ")) {
          progress.tick(line.substring("TICK ".length()));
        } else if (line.equals("WARM")) {
          onWarm.run();
        } else {
          heard.add(line);
        }
      }
    } catch (IOException e) {
      // As if the child had ended.
    }
    heard.add(ENDED);
  }

  /** Waits for a line with a word, and answers the rest of the line. */
  String await(String word, double seconds) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + (long) (seconds * 1e9);
    while (true) {
      String line = heard.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null) {
        throw new IOException(role + ": no " + word + " within " + seconds + " s");
      }
      if (line.startsWith(word)) {
        return line.substring(word.length()).strip();
      }
      if (line.startsWith("ERROR")) {
        throw new IOException(role + ": " + line.substring("ERROR".length()).strip());
      }
      if (line.equals(ENDED)) {
        throw new IOException(role + ": ended before " + word + ": " + lastWords());
      }
    }
  }

  /** Waits until the child has finished its role, and answers the result. */
  Map<String, Object> done(double seconds) throws IOException, InterruptedException {
    return Json.MAPPER.readValue(await("DONE", seconds), new TypeReference<>() {});
  }

  private String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log, UTF_8);
    return String.join(" | ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
  }

  void tell(String word) throws IOException {
    process.getOutputStream().write((word + "\n").getBytes(UTF_8));
    process.getOutputStream().flush();
  }

  /** Asks the child to end, and kills it if it does not. */
  void end() throws IOException, InterruptedException {
    if (process.isAlive()) {
      tell("END");
    }
    if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
      close();
    }
  }

  /** Kills the child with SIGKILL. */
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
