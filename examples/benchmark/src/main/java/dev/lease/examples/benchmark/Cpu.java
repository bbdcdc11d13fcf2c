package dev.lease.examples.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Processor time of other processes, in seconds. Linux counts it; elsewhere it is unknown. */
final class Cpu {

  private static final Path PROC = Path.of("/proc");

  /** Linux counts in hundredths of a second on all machines that Java runs on. */
  private static final double TICKS = 100;

  /** The content of /proc/PID/stat. */
  private record Stat(long parent, long ownTicks, long childrenTicks) {

    static @Nullable Stat read(Path process) {
      try {
        return parse(Files.readString(process.resolve("stat")));
      } catch (IOException e) {
        // The process has ended, or this is not Linux.
        return null;
      }
    }

    /** Skips the name of the process, in parentheses, which may contain anything. */
    static Stat parse(String line) {
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
      return new Stat(
          Long.parseLong(fields[1]),
          Long.parseLong(fields[11]) + Long.parseLong(fields[12]),
          Long.parseLong(fields[13]) + Long.parseLong(fields[14]));
    }
  }

  private Cpu() {}

  /** The time of a process alone; null if there is no such process. */
  static @Nullable Double of(long pid) {
    Stat stat = Stat.read(PROC.resolve(Long.toString(pid)));
    return stat == null ? null : stat.ownTicks() / TICKS;
  }

  /** The time of a process and its children, ended ones too; null if there is no such process. */
  static @Nullable Double ofTree(long pid) {
    Stat root = Stat.read(PROC.resolve(Long.toString(pid)));
    if (root == null) {
      return null;
    }
    try (Stream<Path> processes = Files.list(PROC)) {
      long children =
          processes
              .filter(path -> path.getFileName().toString().matches("\\d+"))
              .map(Stat::read)
              .filter(Objects::nonNull)
              .filter(stat -> stat.parent() == pid)
              .mapToLong(stat -> stat.ownTicks() + stat.childrenTicks())
              .sum();
      return (root.ownTicks() + root.childrenTicks() + children) / TICKS;
    } catch (IOException e) {
      return null;
    }
  }
}
