package dev.lease.redis;

import dev.lease.Limits;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a {@link RedisBackend} works. Start with {@link #of(String)}, and change what has to differ.
 */
public final class RedisConfig {

  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Duration MIN_CALL_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_CALL_TIMEOUT = Duration.ofMinutes(10);

  /** An id is remembered for so many calls at least [Q02]. */
  private static final int CALLS_REMEMBERED = 10;

  private final String uri;
  private final String prefix;
  private final Duration callTimeout;
  private final Duration keepDone;
  private final Duration keepFailed;
  private final int keepDoneAtMost;
  private final boolean allowEviction;

  private RedisConfig(
      String uri,
      String prefix,
      Duration callTimeout,
      Duration keepDone,
      Duration keepFailed,
      int keepDoneAtMost,
      boolean allowEviction) {
    this.uri = Limits.notNull("uri", uri);
    if (!uri.matches("rediss?(-sentinel)?://.*")) {
      throw new IllegalArgumentException(
          "uri must start with redis://, rediss:// or redis-sentinel://, was " + redacted(uri));
    }
    this.prefix = Limits.notNull("prefix", prefix);
    if (!PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "prefix must be 1 to 100 of A-Z a-z 0-9 . _ -, was " + prefix);
    }
    this.callTimeout =
        Limits.between("callTimeout", callTimeout, MIN_CALL_TIMEOUT, MAX_CALL_TIMEOUT);
    this.keepDone = Limits.between("keepDone", keepDone, Duration.ZERO, Limits.MAX_DELAY);
    this.keepFailed = Limits.between("keepFailed", keepFailed, Duration.ZERO, Limits.MAX_DELAY);
    this.keepDoneAtMost = Limits.between("keepDoneAtMost", keepDoneAtMost, 0, Integer.MAX_VALUE);
    this.allowEviction = allowEviction;
  }

  /**
   * The defaults.
   *
   * @param uri where Redis is, as Lettuce writes it: {@code redis://user:password@host:6379/0},
   *     {@code rediss://...} with TLS, {@code redis-sentinel://host1,host2/0#master}; for a Redis
   *     Cluster the address of one or more of its nodes, {@code redis://host1,host2:7000}
   * @return a configuration
   * @throws IllegalArgumentException if the URI begins otherwise
   */
  public static RedisConfig of(String uri) {
    return new RedisConfig(
        uri,
        "lease",
        Duration.ofSeconds(10),
        Duration.ofHours(6),
        Duration.ofDays(7),
        10_000,
        false);
  }

  /**
   * The same with another prefix.
   *
   * @param prefix 1 to 100 of {@code A-Z a-z 0-9 . _ -}
   * @return a new configuration
   */
  public RedisConfig withPrefix(String prefix) {
    return new RedisConfig(
        uri, prefix, callTimeout, keepDone, keepFailed, keepDoneAtMost, allowEviction);
  }

  /**
   * The same with another time for a call.
   *
   * @param callTimeout 100 ms to 10 min
   * @return a new configuration
   */
  public RedisConfig withCallTimeout(Duration callTimeout) {
    return new RedisConfig(
        uri, prefix, callTimeout, keepDone, keepFailed, keepDoneAtMost, allowEviction);
  }

  /**
   * The same with other times for which finished jobs stay, and another number of DONE ones.
   *
   * @param keepDone how long DONE jobs stay, and their ids are remembered, 0 to 3650 days
   * @param keepFailed how long FAILED and CANCELLED jobs stay, 0 to 3650 days
   * @param keepDoneAtMost how many DONE jobs of a queue stay at most
   * @return a new configuration
   */
  public RedisConfig withRetention(Duration keepDone, Duration keepFailed, int keepDoneAtMost) {
    return new RedisConfig(
        uri, prefix, callTimeout, keepDone, keepFailed, keepDoneAtMost, allowEviction);
  }

  /**
   * The same with or without leave to use a server that removes keys when its memory is full.
   *
   * @param allowEviction whether such a server is taken, with a warning
   * @return a new configuration
   */
  public RedisConfig withAllowEviction(boolean allowEviction) {
    return new RedisConfig(
        uri, prefix, callTimeout, keepDone, keepFailed, keepDoneAtMost, allowEviction);
  }

  /**
   * Where Redis is.
   *
   * @return the URI, with what may be secret in it
   */
  public String uri() {
    return uri;
  }

  /**
   * What all keys begin with, so that several stores can share a server.
   *
   * @return 1 to 100 of {@code A-Z a-z 0-9 . _ -}; default {@code lease}
   */
  public String prefix() {
    return prefix;
  }

  /**
   * How long a call may wait for the server, its connection included, before it fails. Keep it at a
   * third of the shortest lease or less, so that a call that hangs does not cost the lease.
   *
   * @return 100 ms to 10 min; default 10 s
   */
  public Duration callTimeout() {
    return callTimeout;
  }

  /**
   * How long DONE jobs stay, and their ids are remembered however many there are, so that a
   * repeated enqueue makes no second job; for ten {@code callTimeout}s at least [Q02]. Of jobs that
   * went before, since there were more than {@link #keepDoneAtMost()}, the ids are remembered for
   * twice as long at most; an id costs about 85 bytes of the server's memory.
   *
   * @return 0 to 3650 days; default 6 h
   */
  public Duration keepDone() {
    return keepDone;
  }

  /**
   * How long FAILED and CANCELLED jobs stay; for ten {@code callTimeout}s at least [Q02].
   *
   * @return 0 to 3650 days; default 7 days
   */
  public Duration keepFailed() {
    return keepFailed;
  }

  /**
   * How many DONE jobs of a queue stay at most, beside those that say themselves how long they are
   * to be kept; of the oldest only the ids stay. When there are more, up to a hundredth goes at
   * once.
   *
   * @return 0 or more; default 10000
   */
  public int keepDoneAtMost() {
    return keepDoneAtMost;
  }

  /**
   * Whether a server may be used that removes keys when its memory is full. Then jobs and leases
   * can vanish.
   *
   * @return true if such a server is taken, with a warning; default false, which refuses it
   */
  public boolean allowEviction() {
    return allowEviction;
  }

  /** How long an id is remembered at least, so that whoever heard no answer can ask again. */
  Duration remember() {
    return callTimeout.multipliedBy(CALLS_REMEMBERED);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RedisConfig that && values().equals(that.values());
  }

  @Override
  public int hashCode() {
    return values().hashCode();
  }

  private List<Object> values() {
    return List.of(uri, prefix, callTimeout, keepDone, keepFailed, keepDoneAtMost, allowEviction);
  }

  /**
   * All values, and the URI without what may be secret in it.
   *
   * @return a text for a log
   */
  @Override
  public String toString() {
    return "RedisConfig[uri=%s, prefix=%s, callTimeout=%s, keepDone=%s, keepFailed=%s, keepDoneAtMost=%d, allowEviction=%s]"
        .formatted(
            redacted(uri),
            prefix,
            callTimeout,
            keepDone,
            keepFailed,
            keepDoneAtMost,
            allowEviction);
  }

  /** A URI as a message may show it: without what may hold a password. */
  static String redacted(String uri) {
    if (!uri.matches("rediss?(-sentinel)?://.*")) {
      return uri.replaceFirst("(?s)[:/?@].*", "...");
    }
    return uri.replaceFirst("(?s)//.*@", "//").replaceFirst("(?s)\\?.*", "");
  }
}
