package dev.lease.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the embedded servers of a kind are, those of all JVMs of a user. */
final class ServerHome {

  private ServerHome() {}

  static Path of(String kind) throws IOException {
    String user = System.getProperty("user.name");
    Path home = Path.of(System.getProperty("java.io.tmpdir"), "lease-test-" + kind + "-" + user);
    Files.createDirectories(home);
    if (!Files.getOwner(home).getName().equals(user)) {
      throw new IOException(home + " belongs to somebody else");
    }
    return home;
  }
}
