package dev.lease.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the classes of Lettuce and Netty before a store starts to wait for a server. Loading takes
 * seconds of processor time, and longer if many processes start at once. It happens by a first
 * connection inside this process, to a server that refuses the first command.
 */
final class ClientClasses {

  private static final Logger log = LoggerFactory.getLogger(ClientClasses.class);
  private static final RedisConfig CONFIG =
      RedisConfig.of("redis://localhost").withCallTimeout(Duration.ofMinutes(10));

  static {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(10_000); // If this process may not connect to itself, give up.
      RedisURI uri =
          RedisURI.Builder.redis(server.getInetAddress().getHostAddress(), server.getLocalPort())
              .build();
      Topology topology = new ServerTopology(uri, CONFIG);
      try {
        var refused =
            topology.nodeOf("").thenCompose(node -> node.connection(Urgency.NORMAL).connected());
        try (Socket accepted = server.accept()) {
          accepted.getOutputStream().write("-ERR\r\n".getBytes(US_ASCII));
          refused.join();
        }
      } finally {
        topology.close();
      }
    } catch (IOException | CompletionException e) {
      log.trace("The classes of the client are loaded", e);
    }
  }

  private ClientClasses() {}

  /** Loads them, once in a process. */
  static void load() {
    // The static initializer of this class has done it.
  }
}
