package dev.lease.redis;

import dev.lease.Backend;
import dev.lease.testkit.NetworkFixture;
import dev.lease.testkit.server.TestServers;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;

/** A Redis that can be reached by another address, with a prefix of its own. */
final class RedisNetworkFixture implements NetworkFixture {

  private final RedisConfig config =
      RedisConfig.of(TestServers.redis()).withPrefix("test-" + UUID.randomUUID());

  @Override
  public InetSocketAddress server() {
    URI uri = URI.create(config.uri());
    return InetSocketAddress.createUnresolved(uri.getHost(), uri.getPort());
  }

  @Override
  public Backend open() {
    return open(config);
  }

  @Override
  public Backend open(InetSocketAddress address, Duration callTimeout) {
    return open(at(address).withCallTimeout(callTimeout));
  }

  /** The same data at another address. */
  RedisConfig at(InetSocketAddress address) {
    String uri =
        config
            .uri()
            .replace(
                server().getHostString() + ":" + server().getPort(),
                address.getHostString() + ":" + address.getPort());
    return RedisConfig.of(uri)
        .withPrefix(config.prefix())
        .withCallTimeout(config.callTimeout())
        .withRetention(config.keepDone(), config.keepFailed(), config.keepDoneAtMost())
        .withRememberedIds(config.rememberedIds());
  }

  private static Backend open(RedisConfig config) {
    return RedisBackend.open(config);
  }
}
