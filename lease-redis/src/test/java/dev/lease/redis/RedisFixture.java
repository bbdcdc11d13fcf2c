package dev.lease.redis;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import dev.lease.Micros;
import dev.lease.testkit.StoreFixture;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A Redis under the kit: a prefix of its own, and a clock that the kit can move. A server keeps in
 * a key how far it was moved. The nodes of a cluster have no key in common, so there it is a part
 * of each script, which they then compile anew, and no call may be on its way while it moves.
 */
final class RedisFixture implements StoreFixture {

  private final String name;
  private final String uri;
  private final boolean isInPieces;
  private final RedisConfig config;
  private final Time time;
  private final String key;
  private final @Nullable RedisClient client;
  private final @Nullable RedisCommands<String, String> server;
  private final long frozenAt = Micros.of(Instant.now());
  private final ReadWriteLock moving = new ReentrantReadWriteLock();
  private final AtomicLong ahead = new AtomicLong();

  private RedisFixture(
      String name, String uri, Time time, @Nullable RedisClient client, boolean isInPieces) {
    this.name = name;
    this.uri = uri;
    this.isInPieces = isInPieces;
    // No done job may go because there are many: the kit looks for what it has made.
    this.config =
        RedisConfig.of(uri)
            .withPrefix("test-" + UUID.randomUUID())
            // A machine that others use as well may take so long to open a store.
            .withCallTimeout(Duration.ofMinutes(2))
            .withRetention(Duration.ofHours(24), Duration.ofDays(7), 100_000);
    this.time = time;
    this.key = config.prefix() + ":kit";
    this.client = client;
    this.server = client == null ? null : client.connect().sync();
    move(0);
  }

  static RedisFixture movable(String uri) {
    return new RedisFixture("lease-redis", uri, Time.MOVABLE, RedisClient.create(uri), false);
  }

  static RedisFixture onCluster() {
    return new RedisFixture(
        "lease-redis on a cluster", SharedCluster.uri(), Time.MOVABLE, null, false);
  }

  /** With scripts that leave most of a graph to claims. */
  static RedisFixture inPieces(String uri) {
    return new RedisFixture(
        "lease-redis in pieces", uri, Time.MOVABLE, RedisClient.create(uri), true);
  }

  static RedisFixture frozen(String uri) {
    return new RedisFixture(
        "lease-redis, frozen clock", uri, Time.FROZEN, RedisClient.create(uri), false);
  }

  @Override
  public Backend open() {
    RedisBackend backend = RedisBackend.open(config, scripts());
    return BackendView.of(backend)
        .withLeaseStore(whileTimeStands(LeaseStore.class, backend.leaseStore()))
        .withJobQueue(whileTimeStands(JobQueue.class, backend.jobQueue()))
        .withJobAdmin(whileTimeStands(JobAdmin.class, backend.jobAdmin()))
        .withAdmission(whileTimeStands(Admission.class, backend.admission()))
        .withJobGraphs(whileTimeStands(JobGraphs.class, backend.jobGraphs()));
  }

  private Scripts scripts() {
    return isInPieces
        ? new Scripts(RedisBackend.words(config), false, clock()) {
          @Override
          Text text(Script script) {
            String lua = super.text(script).lua().replace("left = 100,", "left = 5,");
            return new Text(lua, sha1(lua));
          }
        }
        : RedisBackend.scripts(config, clock());
  }

  private Supplier<String> clock() {
    String from =
        time == Time.FROZEN ? "local now = " + frozenAt + "\n" : Scripts.SERVER_CLOCK.get();
    return () ->
        from
            + "now = now + ("
            + (server == null ? ahead : "redis.call('GET', '" + key + "')")
            + ")\n";
  }

  private <T> T whileTimeStands(Class<T> type, T store) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, args) -> {
              moving.readLock().lock();
              try {
                return method.invoke(store, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              } finally {
                moving.readLock().unlock();
              }
            }));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String runsOn() {
    RedisClient client = RedisClient.create(RedisURI.create(uri.replaceFirst(",.*", "")));
    try (client) {
      return client
          .connect()
          .sync()
          .info("server")
          .lines()
          .filter(line -> line.matches("(redis|valkey)_version:.*"))
          .map(line -> line.replace("_version:", " ").strip())
          .collect(Collectors.joining(", "));
    }
  }

  @Override
  public Time time() {
    return time;
  }

  @Override
  public void advance(Duration by) {
    move(Micros.ofDelay(by));
  }

  @Override
  public void setBack(Duration by) {
    move(-Micros.ofDelay(by));
  }

  private void move(long micros) {
    moving.writeLock().lock();
    try {
      long moved = ahead.addAndGet(micros);
      if (server != null) {
        server.set(key, String.valueOf(moved));
      }
    } finally {
      moving.writeLock().unlock();
    }
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
  }
}
