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

/** The redis-server that embedded-redis brings, unpacked once for all JVMs of a user. */
final class RedisBinary {

  private RedisBinary() {}

  static Path unpacked(Path home) throws IOException {
    String resource = resource(System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    Path binary = home.resolve(resource.substring(1));
    if (!Files.isExecutable(binary)) {
      Path half = Files.createTempFile(home, "unpacked", "");
      try (InputStream in = ExecutableProvider.class.getResourceAsStream(resource)) {
        if (in == null) {
          throw new FileNotFoundException("not in embedded-redis: " + resource);
        }
        Files.copy(in, half, StandardCopyOption.REPLACE_EXISTING);
      }
      if (!half.toFile().setExecutable(true)) {
        throw new IOException("cannot be made executable: " + half);
      }
      // Whole or not at all, for others who look at this moment.
      Files.move(half, binary, StandardCopyOption.ATOMIC_MOVE);
    }
    return binary;
  }

  /** The library itself takes every machine for one that it knows. */
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
