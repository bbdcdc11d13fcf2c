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
 * The classes of Lettuce and Netty. To load them takes seconds of processor time, and more where
 * many processes start at once, so it is done before a store begins to wait for a server: by a
 * first connection, within this process, to a server that refuses what it is asked.
 */
final class ClientClasses {

  private static final Logger log = LoggerFactory.getLogger(ClientClasses.class);
  private static final Duration NO_LIMIT = Duration.ofMinutes(10);

  static {
    try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(10_000); // Where nothing may connect, it goes without.
      RedisURI uri =
          RedisURI.Builder.redis(server.getInetAddress().getHostAddress(), server.getLocalPort())
              .build();
      Topology topology = new ServerTopology(uri, NO_LIMIT);
      try {
        var refused =
            topology.nodeOf("").thenCompose(node -> node.connection(Lane.NORMAL).connected());
        try (Socket accepted = server.accept()) {
          accepted.getOutputStream().write("-ERR\r\n".getBytes(US_ASCII));
          refused.join();
        }
      } finally {
        topology.close();
      }
    } catch (IOException | CompletionException e) {
      log.trace("the classes of the client are loaded", e);
    }
  }

  private ClientClasses() {}

  /** Loads them, once in a process. */
  static void load() {
    // Loading this class has done it.
  }
}
