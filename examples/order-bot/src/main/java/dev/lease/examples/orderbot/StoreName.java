package dev.lease.examples.orderbot;

import java.util.regex.Pattern;

/**
 * A store as it is named on the command line.
 *
 * @param name {@code sqlite:FILE}, {@code jdbc:...} or {@code redis://...}; it may hold a password
 */
record StoreName(String name) {

  private static final String HOST = "([\\w.-]+|\\[[\\w:.]+])(:\\d+)?";

  /** Nothing but what is before the one and only @ can be a password. */
  private static final Pattern REDIS =
      Pattern.compile(
          "redis(s|-sentinel)?://([^/?#@]*@)?"
              + HOST
              + "(,"
              + HOST
              + ")*(/\\d*)?(\\?[^#@]*)?(#[\\w.-]+)?");

  StoreName {
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
    // A driver does not know it there, and writes all of it to its log.
    if (name.matches("jdbc:[^?]*//[^?]*@.*")) {
      throw new IllegalArgumentException(
          "a store's user and password go behind its name, as in ?user=..&password=.., or better"
              + " the whole into the environment variable "
              + StoreOptions.VARIABLE);
    }
  }

  boolean isRedis() {
    return name.startsWith("redis");
  }

  /** Whether it is a file with one writer at a time. */
  boolean isFile() {
    return url().startsWith("jdbc:sqlite:");
  }

  /** A store beside a file, for who must not wait for its writers; the store itself elsewhere. */
  StoreName beside(String what) {
    return isFile() ? new StoreName(name.replaceFirst("^[^?]*", "$0-" + what)) : this;
  }

  /** As the backend wants it. */
  String url() {
    return name.startsWith("sqlite:") ? "jdbc:" + name : name;
  }

  /** The name without user and parameters, which is where passwords are. */
  @Override
  public String toString() {
    return name.replaceFirst("\\?.*", "").replaceFirst("^(redis.*//).*@", "$1");
  }
}
