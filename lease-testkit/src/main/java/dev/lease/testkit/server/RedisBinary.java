package dev.lease.testkit.server;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import redis.embedded.core.ExecutableProvider;
import redis.embedded.model.OsArchitecture;

/** The redis-server binary of the embedded-redis library, unpacked once for all JVMs of a user. */
final class RedisBinary {

  private RedisBinary() {}

  static Path unpacked(Path home) throws IOException {
    String resource = resource(System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    Path binary = home.resolve(resource.substring(1));
    if (!Files.isExecutable(binary)) {
      Path half = Files.createTempFile(home, "unpacked", "");
      try (InputStream in = ExecutableProvider.class.getResourceAsStream(resource)) {
        if (in == null) {
          throw new FileNotFoundException("embedded-redis does not contain " + resource);
        }
        Files.copy(in, half, StandardCopyOption.REPLACE_EXISTING);
      }
      if (!half.toFile().setExecutable(true)) {
        throw new IOException("cannot make executable: " + half);
      }
      // Atomic, so that another JVM sees the whole file or none.
      Files.move(half, binary, StandardCopyOption.ATOMIC_MOVE);
    }
    return binary;
  }

  /** The library would pick a binary even for machines that it does not support. */
  static String resource(String machine) {
    OsArchitecture known =
        switch (machine) {
          case "Linux amd64" -> OsArchitecture.UNIX_x86_64;
          case "Linux aarch64" -> OsArchitecture.UNIX_AARCH64;
          case "Mac OS X x86_64" -> OsArchitecture.MAC_OS_X_x86_64;
          case "Mac OS X aarch64" -> OsArchitecture.MAC_OS_X_ARM64;
          default ->
              throw new IllegalStateException(
                  "embedded-redis has no redis-server 6.2 for " + machine);
        };
    return Objects.requireNonNull(ExecutableProvider.newProvidedVersionsMap().get(known));
  }
}
