package dev.lease.examples.orderbot;

import dev.lease.jdbc.JdbcConfig;

/**
 * A store as it is named on the command line.
 *
 * @param name {@code sqlite:FILE} or {@code jdbc:...}; it may hold a password
 */
record StoreName(String name) {

  StoreName {
    if (!name.matches("(sqlite|jdbc):.+")) {
      String kind = name.replaceFirst("[:?@/].*", "");
      throw new IllegalArgumentException(
          "unknown store '" + kind + "'; known are sqlite:FILE and jdbc:...");
    }
    // A driver does not know it there, and writes all of it to its log.
    if (name.matches("jdbc:[^?]*//[^?]*@.*")) {
      throw new IllegalArgumentException(
          "a store's user and password go behind its name, as in ?user=..&password=.., or better"
              + " the whole into the environment variable "
              + StoreOptions.VARIABLE);
    }
  }

  JdbcConfig config() {
    return JdbcConfig.of(name.startsWith("jdbc:") ? name : "jdbc:" + name);
  }

  /** The name without its parameters, which is where passwords are. */
  @Override
  public String toString() {
    return name.replaceFirst("\\?.*", "");
  }
}
