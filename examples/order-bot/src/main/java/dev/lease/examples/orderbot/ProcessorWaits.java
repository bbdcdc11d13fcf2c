package dev.lease.examples.orderbot;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * For how long some threads of this process have waited for a processor, as Linux tells; elsewhere
 * there are none.
 *
 * @param nanos by thread, since it began
 */
record ProcessorWaits(Map<Path, Long> nanos) {

  private static final Path THREADS = Path.of("/proc/self/task");

  /**
   * Looks at the threads whose names begin so. Linux knows seven letters of a long name.
   *
   * @param name at most seven letters
   */
  static ProcessorWaits now(String name) {
    Map<Path, Long> nanos = new HashMap<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
      for (Path thread : threads) {
        if (read(thread, "comm").startsWith(name)) {
          nanos.put(thread, nanos(thread));
        }
      }
    } catch (IOException e) {
      // It is another system.
    }
    return new ProcessorWaits(nanos);
  }

  /** The second number: the first is how long it ran. */
  private static long nanos(Path thread) {
    String[] numbers = read(thread, "schedstat").split(" ", 3);
    return numbers.length < 3 ? 0 : Long.parseLong(numbers[1]);
  }

  /** Empty if the thread has ended meanwhile, or the system keeps no such file. */
  private static String read(Path thread, String file) {
    try {
      return Files.readString(thread.resolve(file));
    } catch (IOException e) {
      return "";
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
