package dev.lease.redis;

import io.lettuce.core.SslVerifyMode;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a URI says beside its servers. Lettuce passes over what it does not know; here that is
 * refused, because whoever wrote it relies on it.
 */
final class UriSettings {

  private static final String DATABASE = "database";
  private static final String DB = "db";
  private static final String VERIFY_PEER = "verifyPeer";
  private static final String MASTER = "sentinelMasterId";
  private static final List<String> NAMES =
      List.of(DATABASE, DB, "clientName", "libraryName", "libraryVersion", VERIFY_PEER, MASTER);

  private static final Pattern PORT = Pattern.compile(":(\\d+)(?=,|$)");
  private static final int MAX_PORT = 65_535;

  private final URI uri;
  private final Map<String, String> parameters = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

  /**
   * Reads a URI.
   *
   * @param hasAuthorities whether the certificate of a server has to be of certain authorities
   * @throws IllegalArgumentException if it asks for what it would not get
   */
  UriSettings(URI uri, boolean hasAuthorities) {
    this.uri = uri;
    if (Stream.of(uri.getRawPath(), uri.getRawQuery(), uri.getRawFragment())
        .anyMatch(part -> part != null && part.contains("@"))) {
      // No message may show it: it is a part of the password.
      throw new IllegalArgumentException(
          "uri must have no @ behind the servers: write / ? # @ in a user or password as %2F %3F"
              + " %23 %40");
    }
    readParameters();
    checkServers();
    checkMaster();
    checkVerifyPeer(hasAuthorities);
    if (database() != 0 && hasSeveralHosts() && !isOfSentinels()) {
      throw onlyDatabaseOfCluster(database());
    }
  }

  /** A password may have a comma too. */
  private boolean hasSeveralHosts() {
    String authority = uri.getRawAuthority();
    return authority.substring(authority.lastIndexOf('@') + 1).contains(",");
  }

  static IllegalArgumentException onlyDatabaseOfCluster(int was) {
    return new IllegalArgumentException(
        ("a Redis Cluster has database 0 alone, was database %d: take it out of uri, and keep"
                + " programs apart by RedisConfig.withPrefix")
            .formatted(was));
  }

  private boolean isOfSentinels() {
    return uri.getScheme().endsWith("-sentinel");
  }

  private void readParameters() {
    String query = Objects.requireNonNullElse(uri.getQuery(), "");
    for (String each : query.isEmpty() ? new String[0] : query.split("[&;]", -1)) {
      int end = each.indexOf('=');
      String name = end < 0 ? each : each.substring(0, end);
      if (name.equalsIgnoreCase("timeout")) {
        throw new IllegalArgumentException(
            "uri must not have timeout: use RedisConfig.withCallTimeout");
      }
      if (NAMES.stream().noneMatch(name::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "uri must have no parameters but %s, was %s".formatted(String.join(", ", NAMES), name));
      }
      String value = each.substring(Math.min(name.length() + 1, each.length()));
      String known = name.equalsIgnoreCase(DB) ? DATABASE : name;
      if (parameters.put(known, value) != null) {
        throw new IllegalArgumentException("uri has %s twice: name it once".formatted(known));
      }
    }
  }

  private void checkServers() {
    int at = uri.getAuthority().lastIndexOf('@');
    if (uri.getAuthority().substring(0, at + 1).matches("(?s)[^:]+:@")) {
      throw new IllegalArgumentException(
          "uri has a user without a password: name both, or use RedisConfig.withCredentials");
    }
    Matcher ports = PORT.matcher(uri.getAuthority().substring(at + 1));
    while (ports.find()) {
      String port = ports.group(1);
      if (port.length() > 5 || Integer.parseInt(port) < 1 || Integer.parseInt(port) > MAX_PORT) {
        throw new IllegalArgumentException("port must be 1 to 65535, was " + port);
      }
    }
  }

  private void checkMaster() {
    String fragment = uri.getFragment();
    String parameter = parameters.get(MASTER);
    if (!isOfSentinels() && (fragment != null || parameter != null)) {
      throw new IllegalArgumentException(
          "uri names a master of sentinels: begin uri with redis-sentinel:// or"
              + " rediss-sentinel://, or take the name out");
    }
    if (isOfSentinels() && fragment == null && parameter == null) {
      throw new IllegalArgumentException(
          "uri must name the master that the sentinels watch, as in redis-sentinel://host/0#main");
    }
    if (fragment != null && parameter != null && !fragment.equals(parameter)) {
      throw new IllegalArgumentException(
          "uri names two masters, %s and %s: name one".formatted(fragment, parameter));
    }
  }

  private void checkVerifyPeer(boolean hasAuthorities) {
    String mode = parameters.get(VERIFY_PEER);
    if (mode == null) {
      return;
    }
    if (!uri.getScheme().startsWith("rediss")) {
      throw new IllegalArgumentException(
          "verifyPeer is for TLS: begin uri with rediss:// or rediss-sentinel://, or take"
              + " verifyPeer=%s out".formatted(mode));
    }
    if (Arrays.stream(SslVerifyMode.values()).noneMatch(it -> it.name().equalsIgnoreCase(mode))) {
      throw new IllegalArgumentException("verifyPeer must be FULL, CA or NONE, was " + mode);
    }
    if (hasAuthorities && mode.equalsIgnoreCase(SslVerifyMode.NONE.name())) {
      throw new IllegalArgumentException(
          "verifyPeer=NONE lets every server in, whoever has signed its certificate: use"
              + " verifyPeer=CA, or leave RedisConfig.withAuthorities out");
    }
  }

  /** The number of the database; 0 if the URI names none. */
  int database() {
    String path = Objects.requireNonNullElse(uri.getPath(), "").replaceFirst("^/", "");
    @Nullable Integer ofPath = path.isEmpty() ? null : number(path);
    String parameter = parameters.get(DATABASE);
    int database = parameter == null ? Objects.requireNonNullElse(ofPath, 0) : number(parameter);
    if (ofPath != null && ofPath != database) {
      throw new IllegalArgumentException(
          "uri names two databases, %d and %d: name one".formatted(ofPath, database));
    }
    return database;
  }

  private static int number(String database) {
    if (!database.matches("\\d{1,9}")) {
      throw new IllegalArgumentException(
          "database must be a number from 0, was " + (database.isEmpty() ? "empty" : database));
    }
    return Integer.parseInt(database);
  }
}
