package dev.lease.jdbc;

import dev.lease.Backend;
import dev.lease.testkit.NetworkFixture;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;

/** A fresh database on a server that can be reached by another address. */
final class SqlNetworkFixture implements NetworkFixture {

  private final String url;

  SqlNetworkFixture(TestDatabase kind) {
    url = kind.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
  }

  @Override
  public InetSocketAddress server() {
    URI server = uri();
    return InetSocketAddress.createUnresolved(server.getHost(), server.getPort());
  }

  private URI uri() {
    return URI.create(url.replaceFirst("^jdbc:", "").replaceFirst("\\?.*", ""));
  }

  @Override
  public Backend open() {
    return open(TestDatabase.config(url));
  }

  @Override
  public Backend open(InetSocketAddress address, Duration callTimeout) {
    return open(at(address).withCallTimeout(callTimeout));
  }

  /** The same database at another address. */
  JdbcConfig at(InetSocketAddress address) {
    return JdbcConfig.of(
        url.replace(
            "//" + uri().getAuthority(), "//" + address.getHostString() + ":" + address.getPort()));
  }

  private static Backend open(JdbcConfig config) {
    return JdbcBackend.open(config);
  }
}
