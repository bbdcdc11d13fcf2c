package dev.lease.examples.orderbot;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * How long some threads of this process have waited for a processor. Linux counts that; on other
 * systems the map is empty.
 *
 * @param nanos by thread, since the thread began
 */
record ProcessorWaits(Map<Path, Long> nanos) {

  private static final Path THREADS = Path.of("/proc/self/task");

  /**
   * Reads the counts of the threads whose names begin with a prefix. Of a long name, Linux has the
   * first seven letters.
   *
   * @param name the prefix, of at most seven letters
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
      // This is not Linux.
    }
    return new ProcessorWaits(nanos);
  }

  /** The second number of the file; the first is how long the thread ran. */
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

  /** The longest wait of a thread since an earlier reading. */
  Duration longestSince(ProcessorWaits before) {
    return Duration.ofNanos(
        nanos.entrySet().stream()
            .mapToLong(now -> now.getValue() - before.nanos.getOrDefault(now.getKey(), 0L))
            .max()
            .orElse(0));
  }
}
