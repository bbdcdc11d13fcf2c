package dev.lease.testkit.server;

import java.time.Duration;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** Redis in a container. */
final class RedisContainer {

  private static final int PORT = 6379;

  private RedisContainer() {}

  static String start() {
    String image = Docker.imageHere("redis:8-alpine");
    var container =
        new GenericContainer<>(image)
            .withExposedPorts(PORT)
            .withCommand("redis-server", "--protected-mode", "no", "--save", "")
            .waitingFor(Wait.forLogMessage(".*Ready to accept connections.*", 1))
            .withStartupTimeout(Duration.ofMinutes(2));
    container.start();
    return "redis://" + container.getHost() + ":" + container.getMappedPort(PORT);
  }
}
