package dev.lease.testkit.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of one kind of embedded servers, shared by all JVMs of a user. */
final class ServerHome {

  private ServerHome() {}

  static Path of(String kind) throws IOException {
    String user = System.getProperty("user.name");
    Path home = Path.of(System.getProperty("java.io.tmpdir"), "lease-test-" + kind + "-" + user);
    Files.createDirectories(home);
    if (!Files.getOwner(home).getName().equals(user)) {
      throw new IOException(home + " belongs to another user");
    }
    return home;
  }
}
