package dev.lease.examples.orderbot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A wall clock for another program. It may be wrong, and can be set at any time. */
final class WrongClock {

  private static final Path LIBRARIES = Path.of("/usr/lib");
  private static final String NAME = "faketime/libfaketimeMT.so.1";

  private final Path library;
  private final Path file;
  private int hours;

  /**
   * @param library the library of {@code faketime}
   * @param file the program reads the hours from it, each time that it reads its clock
   * @param hours how many hours the clock is wrong
   */
  WrongClock(Path library, Path file, int hours) throws IOException {
    this.library = library;
    this.file = file;
    set(hours);
  }

  /** The library of {@code faketime}, a Debian package. */
  static Optional<Path> library() {
    if (!Files.isDirectory(LIBRARIES)) {
      return Optional.empty();
    }
    // Debian has a directory for each processor architecture.
    try (Stream<Path> directories = Files.list(LIBRARIES)) {
      return directories
          .map(directory -> directory.resolve(NAME))
          .filter(Files::isReadable)
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sets how many hours the clock is wrong; 0 for a right clock. */
  void set(int wrongBy) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(written, String.format(Locale.ROOT, "%+dh", wrongBy));
    // Atomic, because the program may read the file at any time.
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    hours = wrongBy;
  }

  boolean isWrong() {
    return hours != 0;
  }

  /**
   * The environment of the program. Only its wall clock is wrong; its waits keep their length.
   * Without {@code FAKETIME_FORCE_MONOTONIC_FIX=0} a JVM would not wait at all. Shared memory is
   * off because a killed program would leave it behind.
   */
  Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD",
        library.toString(),
        "FAKETIME_TIMESTAMP_FILE",
        file.toString(),
        "FAKETIME_NO_CACHE",
        "1",
        "FAKETIME_DISABLE_SHM",
        "1",
        "FAKETIME_DONT_FAKE_MONOTONIC",
        "1",
        "FAKETIME_FORCE_MONOTONIC_FIX",
        "0");
  }
}
