package dev.lease.redis;

import dev.lease.Limits;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How a {@link RedisBackend} works. Start with {@link #of(String)}, and change what has to differ.
 *
 * @param uri where Redis is, as Lettuce writes it: {@code redis://user:password@host:6379/0},
 *     {@code rediss://...} with TLS, {@code redis-sentinel://host1,host2/0#master}; for a Redis
 *     Cluster the address of one or more of its nodes, {@code redis://host1,host2:7000}
 * @param prefix what all keys begin with, so that several stores can share a server: 1 to 100 of
 *     {@code A-Z a-z 0-9 . _ -}; default {@code lease}
 * @param callTimeout how long a call may wait for the server, its connection included, before it
 *     fails; 100 ms to 10 min, default 10 s. Keep it at a third of the shortest lease or less, so
 *     that a call that hangs does not cost the lease
 * @param keepDone how long DONE jobs stay, and their ids are remembered however many there are, so
 *     that a repeated enqueue makes no second job; ids for ten {@code callTimeout}s at least;
 *     default 6 h. An id costs up to 180 bytes of the server's memory [Q02]
 * @param keepEnded how long FAILED and CANCELLED jobs stay; default 7 days
 * @param keepDoneAtMost how many DONE jobs of a queue stay at most, beside those that say
 *     themselves how long they are to be kept; of the oldest only the ids stay; default 10000
 * @param allowEviction whether a server may be used that removes keys when its memory is full. Then
 *     jobs and leases can vanish; default false, which refuses it
 */
public record RedisConfig(
    String uri,
    String prefix,
    Duration callTimeout,
    Duration keepDone,
    Duration keepEnded,
    int keepDoneAtMost,
    boolean allowEviction) {

  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Duration MIN_CALL_TIMEOUT = Duration.ofMillis(100);
  private static final Duration MAX_CALL_TIMEOUT = Duration.ofMinutes(10);

  /** Checks the ranges. */
  public RedisConfig {
    Limits.notNull("uri", uri);
    if (!uri.matches("rediss?(-sentinel)?://.*")) {
      throw new IllegalArgumentException(
          "uri must start with redis://, rediss:// or redis-sentinel://, was " + redacted(uri));
    }
    if (!PREFIX.matcher(Limits.notNull("prefix", prefix)).matches()) {
      throw new IllegalArgumentException(
          "prefix must be 1 to 100 of A-Z a-z 0-9 . _ -, was " + prefix);
    }
    between("callTimeout", callTimeout, MIN_CALL_TIMEOUT, MAX_CALL_TIMEOUT);
    between("keepDone", keepDone, Duration.ZERO, Limits.MAX_DELAY);
    between("keepEnded", keepEnded, Duration.ZERO, Limits.MAX_DELAY);
    Limits.between("keepDoneAtMost", keepDoneAtMost, 0, Integer.MAX_VALUE);
  }

  private static void between(String what, Duration value, Duration min, Duration max) {
    Limits.notNull(what, value);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(
          what + " must be " + min + " to " + max + ", was " + value);
    }
  }

  /**
   * The defaults.
   *
   * @param uri where Redis is
   * @return a configuration
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
        uri, prefix, callTimeout, keepDone, keepEnded, keepDoneAtMost, allowEviction);
  }

  /**
   * The same with another time for a call.
   *
   * @param callTimeout 100 ms to 10 min
   * @return a new configuration
   */
  public RedisConfig withCallTimeout(Duration callTimeout) {
    return new RedisConfig(
        uri, prefix, callTimeout, keepDone, keepEnded, keepDoneAtMost, allowEviction);
  }

  /**
   * The same with other times for which finished jobs stay, and another number of DONE ones.
   *
   * @param keepDone how long DONE jobs stay, and their ids are remembered
   * @param keepEnded how long FAILED and CANCELLED jobs stay
   * @param keepDoneAtMost how many DONE jobs of a queue stay at most
   * @return a new configuration
   */
  public RedisConfig withRetention(Duration keepDone, Duration keepEnded, int keepDoneAtMost) {
    return new RedisConfig(
        uri, prefix, callTimeout, keepDone, keepEnded, keepDoneAtMost, allowEviction);
  }

  /**
   * The same with or without leave to use a server that removes keys when its memory is full.
   *
   * @param allowEviction whether such a server is taken, with a warning
   * @return a new configuration
   */
  public RedisConfig withAllowEviction(boolean allowEviction) {
    return new RedisConfig(
        uri, prefix, callTimeout, keepDone, keepEnded, keepDoneAtMost, allowEviction);
  }

  /**
   * All values, and the URI without what may be secret in it.
   *
   * @return a text for a log
   */
  @Override
  public String toString() {
    return "RedisConfig[uri=%s, prefix=%s, callTimeout=%s, keepDone=%s, keepEnded=%s, keepDoneAtMost=%d, allowEviction=%s]"
        .formatted(
            redacted(uri), prefix, callTimeout, keepDone, keepEnded, keepDoneAtMost, allowEviction);
  }

  /** A URI as a message may show it: without what may hold a password. */
  static String redacted(String uri) {
    if (!uri.matches("rediss?(-sentinel)?://.*")) {
      return uri.replaceFirst("(?s)[:/?@].*", "...");
    }
    return uri.replaceFirst("(?s)//.*@", "//").replaceFirst("(?s)\\?.*", "");
  }
}
