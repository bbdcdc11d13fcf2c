package dev.lease.testkit;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * A store under test whose server is reached over a network, for {@link FaultyNetworkContract},
 * which puts a {@link TcpProxy} in between. What {@link #open()} gives goes straight to the server,
 * and sees what became of the calls that met the faults.
 */
public interface NetworkFixture extends StoreFixture {

  /**
   * Where the server listens.
   *
   * @return its host and port
   */
  InetSocketAddress server();

  /**
   * Opens a backend object on the data of this fixture, with another address in place of the
   * server's.
   *
   * @param address the proxy
   * @param callTimeout the time after which a call gives the server up, in the store's own meaning
   * @return a backend object
   * @throws Exception if it cannot be opened
   */
  TestBackend open(InetSocketAddress address, Duration callTimeout) throws Exception;
}
