package dev.lease.examples.shared;

import java.util.regex.Pattern;

/**
 * The name of a store on the command line.
 *
 * @param name {@code sqlite:FILE}, {@code jdbc:...} or {@code redis://...}; it may hold a password
 */
public record StoreName(String name) {

  /**
   * The environment variable that names the store if the command line does not. Other users of the
   * machine can see options, but not environment variables.
   */
  public static final String VARIABLE = "LEASE_STORE";

  private static final String HOST = "([\\w.-]+|\\[[\\w:.]+])(:\\d+)?";

  /** Only what comes before the one and only @ can be a password. */
  private static final Pattern REDIS =
      Pattern.compile(
          "redis(s|-sentinel)?://([^/?#@]*@)?"
              + HOST
              + "(,"
              + HOST
              + ")*(/\\d*)?(\\?[^#@]*)?(#[\\w.-]+)?");

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if no store has such a name; the message has no password
   */
  public StoreName {
    if (name.matches("redis(s|-sentinel)?:.*")) {
      if (!REDIS.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "a Redis store is redis://USER:PASSWORD@HOST:PORT, with %40 for an @ in the password"
                + " and so on");
      }
    } else if (!name.matches("(sqlite|jdbc):.+")) {
      String kind = name.replaceFirst("[:?@/].*", "");
      throw new IllegalArgumentException(
          "unknown store '" + kind + "'; known are sqlite:FILE, jdbc:... and redis://...");
    }
    // A driver does not expect a password there, and would log the whole URL.
    if (name.matches("jdbc:[^?]*//[^?]*@.*")) {
      throw new IllegalArgumentException(
          "put the user and the password of a store behind its name, as in ?user=..&password=.., or"
              + " better put the whole into the environment variable "
              + VARIABLE);
    }
  }

  /**
   * Tells the kind.
   *
   * @return whether it is Redis, and no database
   */
  public boolean isRedis() {
    return name.startsWith("redis");
  }

  /**
   * Tells the kind.
   *
   * @return whether it is a file, which has one writer at a time
   */
  public boolean isFile() {
    return url().startsWith("jdbc:sqlite:");
  }

  /**
   * The name as the backends want it.
   *
   * @return a JDBC URL or the URI of a Redis
   */
  public String url() {
    return name.startsWith("sqlite:") ? "jdbc:" + name : name;
  }

  /** The name without user and parameters, which is where passwords are. */
  @Override
  public String toString() {
    return name.replaceFirst("\\?.*", "").replaceFirst("^(redis.*//).*@", "$1");
  }
}
