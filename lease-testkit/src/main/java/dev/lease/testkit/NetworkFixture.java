package dev.lease.testkit;

import dev.lease.Backend;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A store under test whose server is reached over a network, for {@link FaultyNetworkContract}. The
 * contract puts a {@link TcpProxy} in between. Backend objects of {@link #open()} connect to the
 * server directly, and see what the calls through the proxy did.
 *
 * <p>Authors of stores implement this interface, and the kit calls it. It grows only by methods
 * with a default.
 */
public interface NetworkFixture extends StoreFixture {

  /**
   * Where the server listens.
   *
   * @return its host and port
   */
  InetSocketAddress server();

  /**
   * Opens a backend object on the data of this fixture that connects to another address than the
   * server's.
   *
   * @param address the proxy's
   * @param callTimeout the time after which a call gives up on the server, in the store's own
   *     meaning
   * @return a backend object
   * @throws Exception if it cannot be opened
   */
  Backend open(InetSocketAddress address, Duration callTimeout) throws Exception;
}
