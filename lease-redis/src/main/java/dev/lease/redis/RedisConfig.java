package dev.lease.redis;

import dev.lease.Limits;
import java.net.PasswordAuthentication;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * The settings of a {@link RedisBackend}: {@link #of(String)}, then a {@code with} for each change.
 */
public final class RedisConfig {

  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  static final Duration MIN_CALL_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_CALL_TIMEOUT = Duration.ofMinutes(10);

  /** For how many call timeouts an id is remembered at least [Q02]. */
  private static final int MIN_TIMEOUTS_REMEMBERED = 10;

  private static final int MAX_REPLICAS = 100;

  private final String uri;
  private final String prefix;
  private final Duration openingTime;
  private final Duration callTimeout;
  private final Duration keepDone;
  private final Duration keepFailed;
  private final int keepDoneAtMost;
  private final Duration rememberedIds;
  private final boolean allowEviction;
  private final boolean migrate;
  private final RedisAccess access;
  private final Durability durability;

  private RedisConfig(Values values) {
    uri = Limits.notNull("uri", values.uri);
    if (!uri.matches("rediss?(-sentinel)?://.*")) {
      throw new IllegalArgumentException(
          "uri must start with redis://, rediss:// or redis-sentinel://, was " + redacted(uri));
    }
    prefix = Limits.notNull("prefix", values.prefix);
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "prefix must be 1 to 100 characters of A-Z a-z 0-9 . _ -, was " + prefix);
    }
    openingTime =
        Limits.between("openingTime", values.openingTime, Duration.ZERO, Limits.MAX_DELAY);
    callTimeout =
        Limits.between("callTimeout", values.callTimeout, MIN_CALL_TIMEOUT, MAX_CALL_TIMEOUT);
    keepDone = Limits.between("keepDone", values.keepDone, Duration.ZERO, Limits.MAX_DELAY);
    keepFailed = Limits.between("keepFailed", values.keepFailed, Duration.ZERO, Limits.MAX_DELAY);
    keepDoneAtMost = Limits.between("keepDoneAtMost", values.keepDoneAtMost, 0, Integer.MAX_VALUE);
    rememberedIds =
        Limits.between("rememberedIds", values.rememberedIds, Duration.ZERO, Limits.MAX_DELAY);
    allowEviction = values.allowEviction;
    migrate = values.migrate;
    access = values.access;
    if (access.needsTls() && !uri.startsWith("rediss")) {
      throw new IllegalArgumentException(
          "uri must start with rediss:// or rediss-sentinel:// if certificates are set, was "
              + redacted(uri));
    }
    durability = values.durability;
    Limits.between("replicas", durability.replicas(), 0, MAX_REPLICAS);
  }

  /**
   * The defaults.
   *
   * @param uri where Redis is, in the form that Lettuce reads: {@code
   *     redis://user:password@host:6379/0}, {@code rediss://...} with TLS, {@code
   *     redis-sentinel://host1,host2/0#master}; for a Redis Cluster one or more of its nodes,
   *     {@code redis://host1,host2:7000}
   * @return a configuration
   * @throws IllegalArgumentException if the URI does not begin like one of these
   */
  public static RedisConfig of(String uri) {
    return new RedisConfig(new Values(uri));
  }

  private RedisConfig with(Consumer<Values> change) {
    var values = new Values(uri);
    values.prefix = prefix;
    values.openingTime = openingTime;
    values.callTimeout = callTimeout;
    values.keepDone = keepDone;
    values.keepFailed = keepFailed;
    values.keepDoneAtMost = keepDoneAtMost;
    values.rememberedIds = rememberedIds;
    values.allowEviction = allowEviction;
    values.migrate = migrate;
    values.access = access;
    values.durability = durability;
    change.accept(values);
    return new RedisConfig(values);
  }

  /**
   * The same with another prefix.
   *
   * @param prefix 1 to 100 characters of {@code A-Z a-z 0-9 . _ -}
   * @return a new configuration
   */
  public RedisConfig withPrefix(String prefix) {
    return with(values -> values.prefix = prefix);
  }

  /**
   * The same, but opening tries again, about each second, while the store is down: no server can be
   * reached, none answers, or a server reads its data, has lost its master, or is of a cluster that
   * is not whole. One line of the log tells of it. What a server refuses for another reason, such
   * as a wrong password, still fails at once.
   *
   * <p>No try begins after that time, and one may last as long as connecting may take. An interrupt
   * ends the wait with a {@link dev.lease.StoreException}, but no try that is under way.
   *
   * @param openingTime 0 to 3650 days; 0 makes opening fail at once
   * @return a new configuration
   * @throws IllegalArgumentException if it is out of its range
   */
  public RedisConfig withOpeningTime(Duration openingTime) {
    return with(values -> values.openingTime = openingTime);
  }

  /**
   * The same with another call timeout.
   *
   * @param callTimeout 100 ms to 10 min
   * @return a new configuration
   */
  public RedisConfig withCallTimeout(Duration callTimeout) {
    return with(values -> values.callTimeout = callTimeout);
  }

  /**
   * The same with another retention of finished jobs.
   *
   * @param keepDone how long DONE jobs are kept, 0 to 3650 days
   * @param keepFailed how long FAILED and CANCELLED jobs are kept, 0 to 3650 days
   * @param keepDoneAtMost the most DONE jobs that are kept in a queue
   * @return a new configuration
   */
  public RedisConfig withRetention(Duration keepDone, Duration keepFailed, int keepDoneAtMost) {
    return with(
        values -> {
          values.keepDone = keepDone;
          values.keepFailed = keepFailed;
          values.keepDoneAtMost = keepDoneAtMost;
        });
  }

  /**
   * The same, but the ids of finished jobs are remembered for another time, whether the jobs are
   * kept or not: for so long a repeated enqueue makes no second job [Q02]. Choose at least the time
   * after which producers may repeat themselves.
   *
   * @param rememberedIds how long at least, 0 to 3650 days; less than ten {@code callTimeout}s
   *     counts as ten, and less than {@link #keepDone()} as {@code keepDone}
   * @return a new configuration
   */
  public RedisConfig withRememberedIds(Duration rememberedIds) {
    return with(values -> values.rememberedIds = rememberedIds);
  }

  /**
   * The same, but a server that removes keys when its memory is full is accepted or refused.
   *
   * @param allowEviction whether such a server is accepted, with a warning
   * @return a new configuration
   */
  public RedisConfig withAllowEviction(boolean allowEviction) {
    return with(values -> values.allowEviction = allowEviction);
  }

  /**
   * The same, but opening makes a store where there is none, or refuses. If it refuses, it writes
   * nothing: that is for programs that look at the store of others, whose prefix may be misspelt.
   *
   * @param migrate whether opening makes a store, by writing the version of the layout
   * @return a new configuration
   */
  public RedisConfig withMigrate(boolean migrate) {
    return with(values -> values.migrate = migrate);
  }

  /**
   * The same, but a server is trusted if one of these authorities has signed its certificate.
   * Without this, the authorities are those that the JVM trusts. It holds for sentinels and all
   * nodes of a cluster, too.
   *
   * @param certificates a file with the X.509 certificates of the authorities, in PEM format. It is
   *     read for each connection, so that a renewed file needs no restart.
   * @return a new configuration
   * @throws IllegalArgumentException if the URI does not begin with {@code rediss}
   */
  public RedisConfig withAuthorities(Path certificates) {
    return withAccess(access.withAuthorities(Limits.notNull("certificates", certificates)));
  }

  /**
   * The same, but this process shows a certificate to the servers. Redis asks for one if its
   * setting {@code tls-auth-clients} is {@code yes}, which is its default with TLS.
   *
   * @param certificate a file with the X.509 certificate of this process in PEM format, and after
   *     it those of the authorities between it and the server's authority
   * @param key a file with the private key, in PEM format (PKCS#8), without a password. Both files
   *     are read for each connection, so that renewed files need no restart.
   * @return a new configuration
   * @throws IllegalArgumentException if the URI does not begin with {@code rediss}
   */
  public RedisConfig withClientCertificate(Path certificate, Path key) {
    return withAccess(
        access.withClientCertificate(
            Limits.notNull("certificate", certificate), Limits.notNull("key", key)));
  }

  /**
   * The same with credentials that can change, such as a token of a cloud. They take the place of
   * those in the URI.
   *
   * @param credentials is asked for the user and the password each time when a connection is made,
   *     on a thread that serves other connections: it must not wait. The user of a server that has
   *     only a password is {@code default}. If it throws, there is no connection, and the call
   *     fails.
   * @return a new configuration
   */
  public RedisConfig withCredentials(Supplier<PasswordAuthentication> credentials) {
    return withAccess(access.withCredentials(Limits.notNull("credentials", credentials)));
  }

  private RedisConfig withAccess(RedisAccess access) {
    return with(values -> values.access = access);
  }

  /**
   * The same, but a call returns only when its effect is as safe as this says. That goes for the
   * calls whose effect must survive a failover: enqueue, settle, checkpoint, acquire, renew, and
   * cancel, requeue, change, delete, pause and resume of an operator.
   *
   * <p>The server has half of {@code callTimeout} to confirm. If the call had to wait for others,
   * it has less: the store stops waiting when nine tenths of the call are over, and at least 250 ms
   * before its end. Then the call throws a {@link dev.lease.StoreException} whose outcome is
   * unknown: the server has done it, and a failover may undo it. Repeating the call is safe, and
   * asks again, except for acquire: the name is taken then.
   *
   * @param replicas how many replicas must have it, 0 to 100; the store sends {@code WAIT} with
   *     this number
   * @param onDisk whether it must be on the disk of the server; the store sends {@code WAITAOF 1
   *     0}, which needs Redis 7.2 or newer or Valkey, {@code appendonly yes}, and an {@code
   *     appendfsync} other than {@code no}
   * @return a new configuration
   */
  public RedisConfig withDurability(int replicas, boolean onDisk) {
    return with(values -> values.durability = new Durability(replicas, onDisk));
  }

  /**
   * Where Redis is.
   *
   * @return the URI, with the password if it has one
   */
  public String uri() {
    return uri;
  }

  /**
   * How all keys begin, so that several stores can share a server.
   *
   * @return 1 to 100 characters of {@code A-Z a-z 0-9 . _ -}; default {@code lease}
   */
  public String prefix() {
    return prefix;
  }

  /**
   * For how long opening tries again while the store is down; see {@link #withOpeningTime}.
   *
   * @return 0 to 3650 days; default 0
   */
  public Duration openingTime() {
    return openingTime;
  }

  /**
   * How long a call may wait for the server before it fails; connecting is included. Keep it at a
   * third of the shortest lease duration or less, so that a call that hangs does not cost the
   * lease.
   *
   * @return 100 ms to 10 min; default 10 s
   */
  public Duration callTimeout() {
    return callTimeout;
  }

  /**
   * How long the ids of finished jobs are remembered, however many there are, so that a repeated
   * enqueue makes no second job [Q02]; at least ten {@code callTimeout}s and {@link #keepDone()}. A
   * job that is removed earlier leaves its id behind, for at most twice this time after the
   * removal. An id takes about 80 bytes of the server's memory.
   *
   * @return 0 to 3650 days; default 6 h
   */
  public Duration rememberedIds() {
    return rememberedIds;
  }

  /**
   * How long DONE jobs are kept; at least ten {@code callTimeout}s. Those that are too many for
   * {@link #keepDoneAtMost()} go earlier.
   *
   * @return 0 to 3650 days; default 6 h
   */
  public Duration keepDone() {
    return keepDone;
  }

  /**
   * How long FAILED and CANCELLED jobs are kept; at least ten {@code callTimeout}s.
   *
   * @return 0 to 3650 days; default 7 days
   */
  public Duration keepFailed() {
    return keepFailed;
  }

  /**
   * The most DONE jobs that are kept in a queue. Jobs with a time of their own ({@link
   * dev.lease.NewJob#keep()}) do not count. If there are more, the oldest are removed and only
   * their ids stay; each time a hundredth more than necessary is removed.
   *
   * @return 0 or more; default 10000
   */
  public int keepDoneAtMost() {
    return keepDoneAtMost;
  }

  /**
   * Whether a server that removes keys when its memory is full is accepted. On such a server jobs
   * and leases can vanish.
   *
   * @return true if such a server is accepted, with a warning; default false, which refuses it
   */
  public boolean allowEviction() {
    return allowEviction;
  }

  /**
   * Whether opening makes a store where there is none, or refuses.
   *
   * @return true if it makes one; default true
   */
  public boolean migrate() {
    return migrate;
  }

  RedisAccess access() {
    return access;
  }

  /**
   * How many replicas must have the effect of a call before it returns.
   *
   * @return 0 to 100; default 0, which waits for none
   */
  public int replicas() {
    return durability.replicas();
  }

  /**
   * Whether the effect of a call must be on the disk of the server before it returns.
   *
   * @return default false
   */
  public boolean onDisk() {
    return durability.onDisk();
  }

  Durability durability() {
    return durability;
  }

  /** How long an id is remembered at least: a caller that got no answer can enqueue again. */
  Duration remember() {
    return callTimeout.multipliedBy(MIN_TIMEOUTS_REMEMBERED);
  }

  /**
   * All values, and the URI without its password. Of supplied credentials it says only that there
   * are some.
   *
   * @return a text for a log
   */
  @Override
  public String toString() {
    return "RedisConfig[uri=%s, prefix=%s, openingTime=%s, callTimeout=%s, keepDone=%s, keepFailed=%s, keepDoneAtMost=%d, rememberedIds=%s, allowEviction=%s, migrate=%s, replicas=%d, onDisk=%s%s]"
        .formatted(
            redacted(uri),
            prefix,
            openingTime,
            callTimeout,
            keepDone,
            keepFailed,
            keepDoneAtMost,
            rememberedIds,
            allowEviction,
            migrate,
            replicas(),
            onDisk(),
            access);
  }

  /** A URI for a message: without the parts that may hold a password. */
  static String redacted(String uri) {
    if (!uri.matches("rediss?(-sentinel)?://.*")) {
      return uri.replaceFirst("(?s)[:/?@].*", "...");
    }
    return uri.replaceFirst("(?s)//.*@", "//").replaceFirst("(?s)\\?.*", "");
  }

  /** The values of a configuration that is being made. */
  private static final class Values {
    private final String uri;
    private String prefix = "lease";
    private Duration openingTime = Duration.ZERO;
    private Duration callTimeout = Duration.ofSeconds(10);
    private Duration keepDone = Duration.ofHours(6);
    private Duration keepFailed = Duration.ofDays(7);
    private int keepDoneAtMost = 10_000;
    private Duration rememberedIds = Duration.ofHours(6);
    private boolean allowEviction;
    private boolean migrate = true;
    private RedisAccess access = RedisAccess.OF_URI;
    private Durability durability = new Durability(0, false);

    private Values(String uri) {
      this.uri = uri;
    }
  }
}
