package dev.lease.testkit.server;

import org.testcontainers.mariadb.MariaDBContainer;

/** MariaDB in a container. */
final class MariadbContainer {

  private MariadbContainer() {}

  static String start() {
    String image = Docker.imageHere("mariadb:11.8");
    return Docker.start(
        new MariaDBContainer(image)
            .withUsername("root")
            .withCommand(MariadbOptions.OPTIONS.toArray(String[]::new)));
  }
}
