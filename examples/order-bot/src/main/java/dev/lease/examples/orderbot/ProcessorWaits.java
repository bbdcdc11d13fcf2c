package dev.lease.examples.orderbot;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * For how long the threads of this process have waited for a processor, as Linux tells; elsewhere
 * there are none.
 *
 * @param nanos by thread, since it began
 */
record ProcessorWaits(Map<Path, Long> nanos) {

  private static final Path THREADS = Path.of("/proc/self/task");

  static ProcessorWaits now() {
    Map<Path, Long> nanos = new HashMap<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        nanos.put(thread, nanos(thread));
      }
    } catch (IOException e) {
      // It is another system.
    }
    return new ProcessorWaits(nanos);
  }

  /** The second number: the first is how long it ran. */
  private static long nanos(Path thread) {
    try {
      return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ", 3)[1]);
    } catch (IOException e) {
      // It has ended meanwhile.
      return 0;
    }
  }

  /** For how long the thread that waited longest has waited since then. */
  Duration longestSince(ProcessorWaits before) {
    return Duration.ofNanos(
        nanos.entrySet().stream()
            .mapToLong(now -> now.getValue() - before.nanos.getOrDefault(now.getKey(), 0L))
            .max()
            .orElse(0));
  }
}
