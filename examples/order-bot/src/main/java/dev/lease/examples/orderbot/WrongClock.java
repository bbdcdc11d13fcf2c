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

/** The wall clock of a program that starts under it: it may be wrong, and may be set any time. */
final class WrongClock {

  private static final Path LIBRARIES = Path.of("/usr/lib");
  private static final String NAME = "faketime/libfaketimeMT.so.1";

  private final Path library;
  private final Path file;
  private int hours;

  /**
   * @param library of {@code faketime}
   * @param file where the program looks for the hours, each time that it looks at its clock
   * @param hours by how many hours it is wrong
   */
  WrongClock(Path library, Path file, int hours) throws IOException {
    this.library = library;
    this.file = file;
    set(hours);
  }

  /** The library of {@code faketime}, which Debian has in a package of that name. */
  static Optional<Path> library() {
    if (!Files.isDirectory(LIBRARIES)) {
      return Optional.empty();
    }
    // Debian has a directory for each kind of processor.
    try (Stream<Path> directories = Files.list(LIBRARIES)) {
      return directories
          .map(directory -> directory.resolve(NAME))
          .filter(Files::isReadable)
          .findFirst();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes it wrong by so many hours, or right. */
  void set(int wrongBy) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(written, String.format(Locale.ROOT, "%+dh", wrongBy));
    // In one step: the program may read it at any time.
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    hours = wrongBy;
  }

  boolean isWrong() {
    return hours != 0;
  }

  /**
   * The environment of the program. Of its clocks the wall clock alone is wrong, and its waits last
   * as long as ever: without the last of these a JVM does not wait at all. A program that is killed
   * would leave shared memory behind.
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
