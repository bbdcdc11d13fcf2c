package dev.lease.worker;

import dev.lease.LeaseStore;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.testkit.TcpProxy;
import dev.lease.testkit.server.TestServers;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;

/** The stores that named leases are proven on, and how each can be out of reach. */
enum LeaseStores {
  SQLITE {
    @Override
    String newAddress() {
      return Store.newUrl();
    }

    @Override
    Opened open(String address, Duration callTimeout) {
      return jdbc(address, callTimeout);
    }

    @Override
    Outages outages(String address) {
      return new LockedFile(address);
    }
  },
  POSTGRESQL {
    @Override
    String newAddress() {
      return TestServers.postgresql().newDatabase();
    }

    @Override
    Opened open(String address, Duration callTimeout) {
      return jdbc(address, callTimeout);
    }
  },
  MARIADB {
    @Override
    String newAddress() {
      return TestServers.mariadb().newDatabase();
    }

    @Override
    Opened open(String address, Duration callTimeout) {
      return jdbc(address, callTimeout);
    }
  },
  REDIS {
    @Override
    String newAddress() {
      return TestServers.redis() + "#test-" + UUID.randomUUID();
    }

    @Override
    Opened open(String address, Duration callTimeout) {
      String[] parts = address.split("#", 2);
      var backend =
          RedisBackend.open(
              RedisConfig.of(parts[0]).withPrefix(parts[1]).withCallTimeout(callTimeout));
      return new Opened(backend.leaseStore(), backend::close);
    }
  };

  /** A machine that others use as well may take so long to answer. */
  static final Duration PATIENCE = Duration.ofMinutes(2);

  /** A backend object. */
  record Opened(LeaseStore store, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  /** Where a store is, and how it goes out of reach and comes back. */
  interface Outages extends AutoCloseable {
    String address();

    void begin() throws SQLException;

    void end() throws SQLException;

    @Override
    void close() throws SQLException;
  }

  /** The address of a fresh, empty store. */
  abstract String newAddress();

  abstract Opened open(String address, Duration callTimeout);

  /** A server behind a network that can swallow everything. */
  Outages outages(String address) {
    return new SilentNetwork(address);
  }

  private static Opened jdbc(String url, Duration callTimeout) {
    var backend = JdbcBackend.open(JdbcConfig.of(url).withCallTimeout(callTimeout));
    return new Opened(backend.leaseStore(), backend::close);
  }

  private static final class SilentNetwork implements Outages {
    private final TcpProxy proxy;
    private final String address;

    SilentNetwork(String address) {
      URI server = URI.create(address.replaceFirst("^jdbc:", "").replaceFirst("[?#].*", ""));
      proxy = new TcpProxy(server.getHost(), server.getPort());
      this.address =
          address.replace(server.getHost() + ":" + server.getPort(), "localhost:" + proxy.port());
    }

    @Override
    public String address() {
      return address;
    }

    @Override
    public void begin() {
      proxy.blackHole();
    }

    @Override
    public void end() {
      proxy.heal();
      proxy.cut();
    }

    @Override
    public void close() {
      proxy.close();
    }
  }

  private static final class LockedFile implements Outages {
    private final String address;
    private final Connection lock;

    LockedFile(String address) {
      this.address = address;
      try {
        lock = DriverManager.getConnection(address);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String address() {
      return address;
    }

    @Override
    public void begin() throws SQLException {
      try (var statement = lock.createStatement()) {
        statement.execute("pragma busy_timeout = 60000");
        statement.execute("begin immediate");
      }
    }

    @Override
    public void end() throws SQLException {
      try (var statement = lock.createStatement()) {
        statement.execute("rollback");
      }
    }

    @Override
    public void close() throws SQLException {
      lock.close();
    }
  }
}
