package dev.lease.examples.orderbot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A wall clock that is wrong, for programs that start under it.
 *
 * @param library of {@code faketime}, which Debian has in a package of that name
 */
record WrongClock(Path library) {

  private static final Path LIBRARIES = Path.of("/usr/lib");
  private static final String NAME = "faketime/libfaketimeMT.so.1";

  static Optional<WrongClock> ifInstalled() {
    if (!Files.isDirectory(LIBRARIES)) {
      return Optional.empty();
    }
    // Debian has a directory for each kind of processor.
    try (Stream<Path> directories = Files.list(LIBRARIES)) {
      return directories
          .map(directory -> directory.resolve(NAME))
          .filter(Files::isReadable)
          .findFirst()
          .map(WrongClock::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The environment of such a program. Of its clocks the wall clock alone is wrong, and its waits
   * last as long as ever: without the last of these a JVM does not wait at all.
   */
  Map<String, String> by(String offset) {
    return Map.of(
        "LD_PRELOAD",
        library.toString(),
        "FAKETIME",
        offset,
        "FAKETIME_DONT_FAKE_MONOTONIC",
        "1",
        "FAKETIME_FORCE_MONOTONIC_FIX",
        "0");
  }
}
