package dev.lease.cli;

import dev.lease.Limits;
import dev.lease.examples.shared.Failure;
import dev.lease.examples.shared.StoreOptions;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which store, and how the answer is printed. */
final class AdminOptions extends StoreOptions {

  /** An operator waits longer than a worker, which would lose its leases. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int UNBOUNDED = Integer.MAX_VALUE;

  @Option(
      names = "--schema",
      paramLabel = "NAME",
      description = "the schema with the tables; on MariaDB the database")
  private @Nullable String schema;

  @Option(
      names = "--prefix",
      paramLabel = "NAME",
      description = "how the keys begin in Redis (lease)")
  private @Nullable String prefix;

  @Option(names = "--json", description = "print JSON, one document a line")
  private boolean json;

  @Option(
      names = "--width",
      paramLabel = "N",
      defaultValue = "${env:LEASE_WIDTH:-" + UNBOUNDED + "}",
      description = {
        "cut errors, notes and reasons in lists, so that a line has N characters",
        "(the environment variable LEASE_WIDTH; the script run sets it on a terminal)"
      })
  private int width;

  boolean json() {
    return json;
  }

  int width() {
    return Limits.between("--width", width, 1, UNBOUNDED);
  }

  /**
   * Opens the store. A store that is missing is not made, and one of an older version is not
   * migrated.
   *
   * @throws IllegalArgumentException if an option is not one of this kind of store
   * @throws IllegalStateException if there is no store that this version can work with
   */
  OpenStore open() {
    boolean isRedis = name().isRedis();
    if (isRedis ? schema != null : prefix != null) {
      throw new IllegalArgumentException(
          isRedis
              ? "Redis has no schemas: the name of a store there is its --prefix"
              : "a database has no prefix: the name of a store there is its --schema");
    }
    try {
      return isRedis ? redis() : jdbc();
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(e.getMessage(), e);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "%s (lease makes no store and migrates none: check --store and --%s)"
              .formatted(Failure.inWords(e), isRedis ? "prefix" : "schema"),
          e);
    }
  }

  private OpenStore redis() {
    RedisConfig config =
        RedisConfig.of(name().url())
            .withCallTimeout(PATIENCE)
            .withAllowEviction(true)
            .withMigrate(false);
    return new OpenStore(RedisBackend.open(prefix == null ? config : config.withPrefix(prefix)));
  }

  private OpenStore jdbc() {
    JdbcConfig config =
        JdbcConfig.of(name().url()).withCallTimeout(PATIENCE).withPoolSize(1).withMigrate(false);
    return new OpenStore(JdbcBackend.open(schema == null ? config : config.withSchema(schema)));
  }
}
