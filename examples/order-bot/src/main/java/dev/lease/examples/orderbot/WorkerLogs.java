package dev.lease.examples.orderbot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The logs of the workers of a fleet, read while the workers write. The times in the logs are not
 * used: the clocks of the workers may be wrong.
 */
final class WorkerLogs {

  private final Path directory;
  private final Map<String, Long> read = new HashMap<>();
  private final List<LostLease> lost = new ArrayList<>();
  private final Map<String, List<Stalls.Stall>> stalls = new HashMap<>();

  /** When each worker began to watch for stalls, or soon after. */
  private final Map<String, Instant> started = new HashMap<>();

  private final Set<String> known = new HashSet<>();
  private final Set<String> atWork = new HashSet<>();

  WorkerLogs(Path directory) {
    this.directory = directory;
  }

  /** The leases that workers reported as lost, each once. */
  List<LostLease> lost() {
    return List.copyOf(lost);
  }

  /** The times in which workers reported that they were kept from running. */
  List<Trouble> stalls() {
    List<Trouble> troubles = new ArrayList<>();
    stalls.forEach(
        (worker, its) -> {
          Instant start = Objects.requireNonNull(started.get(worker), worker);
          its.forEach(stall -> troubles.add(stall.of(worker, start)));
        });
    return troubles;
  }

  /** Whether a worker has started to take jobs. */
  boolean isAtWork(String worker) {
    return atWork.contains(worker);
  }

  /** Reads the complete lines that the workers have written since the last call. */
  void read() throws IOException {
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, "worker-*.log")) {
      for (Path log : logs) {
        read(log);
      }
    }
  }

  private void read(Path path) throws IOException {
    String worker = path.getFileName().toString().replaceFirst("\\.log$", "");
    try (RandomAccessFile log = new RandomAccessFile(path.toFile(), "r")) {
      long from = read.getOrDefault(worker, 0L);
      byte[] bytes = new byte[Math.toIntExact(log.length() - from)];
      log.seek(from);
      log.readFully(bytes);
      String text = new String(bytes, UTF_8);
      String lines = text.substring(0, text.lastIndexOf('\n') + 1);
      read.put(worker, from + lines.getBytes(UTF_8).length);
      lines.lines().forEach(line -> understand(worker, line));
    }
  }

  private void understand(String worker, String line) {
    if (line.contains(worker + WorkerCommand.TAKES_JOBS)) {
      atWork.add(worker);
    }
    Stalls.said(line).ifPresent(stall -> add(worker, stall));
    LostLease.of(worker, line, Instant.now()).ifPresent(this::add);
  }

  /** Some lines are read late, several at once. That which was read soonest tells the start. */
  private void add(String worker, Stalls.Stall stall) {
    stalls.computeIfAbsent(worker, k -> new ArrayList<>()).add(stall);
    Instant start = Instant.now().minus(stall.end());
    started.merge(worker, start, (one, other) -> one.isBefore(other) ? one : other);
  }

  private void add(LostLease lease) {
    // It is logged when the lease is lost, and perhaps again when the handler has returned.
    if (known.add(lease.worker() + " " + lease.order() + " " + lease.token())) {
      lost.add(lease);
    }
  }
}
