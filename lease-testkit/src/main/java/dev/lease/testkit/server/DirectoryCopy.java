package dev.lease.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** Copies the directory of a server that is stopped. */
final class DirectoryCopy {

  private DirectoryCopy() {}

  /**
   * Copies a directory with all that is in it, and with its rights: PostgreSQL insists on them.
   *
   * @param to must not be there yet
   */
  static void of(Path from, Path to) throws IOException {
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(from)) {
      paths = walk.toList();
    }
    for (Path path : paths) {
      Files.copy(path, to.resolve(from.relativize(path)), StandardCopyOption.COPY_ATTRIBUTES);
    }
  }
}
