package dev.lease.examples.orderbot;

import dev.lease.examples.shared.StoreName;
import dev.lease.testkit.TcpProxy;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The network between the workers and the server: a proxy for each worker, none for a file. */
final class SoakNetwork implements AutoCloseable {

  private static final Pattern SERVER =
      Pattern.compile("((?:jdbc:)?\\w+://(?:[^/@]*@)?)([\\w.-]+):(\\d+)([/?#].*)?");

  private final StoreName store;
  private final Map<String, TcpProxy> proxies = new HashMap<>();

  SoakNetwork(StoreName store) {
    this.store = store;
    if (!store.isFile()) {
      server();
    }
  }

  /** A connection to the store for a worker that is about to start. */
  Way newWay() {
    if (store.isFile()) {
      return new Way(store, null);
    }
    Matcher server = server();
    TcpProxy proxy = new TcpProxy(server.group(2), Integer.parseInt(server.group(3)));
    String rest = server.group(4) == null ? "" : server.group(4);
    return new Way(new StoreName(server.group(1) + "localhost:" + proxy.port() + rest), proxy);
  }

  private Matcher server() {
    Matcher server = SERVER.matcher(store.name());
    if (!server.matches()) {
      throw new IllegalArgumentException("a soak needs a store with one host and port: " + store);
    }
    return server;
  }

  void belongsTo(String worker, Way way) {
    if (way.proxy() != null) {
      proxies.put(worker, way.proxy());
    }
  }

  boolean isThere() {
    return !store.isFile();
  }

  TcpProxy of(String worker) {
    return Objects.requireNonNull(proxies.get(worker), worker);
  }

  @Override
  public void close() {
    proxies.values().forEach(TcpProxy::close);
  }

  /** How a worker reaches the store. */
  record Way(StoreName store, @Nullable TcpProxy proxy) {}
}
