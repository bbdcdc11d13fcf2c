package dev.lease.examples.benchmark;

import java.util.Locale;

/** The stores that there are. */
enum StoreKind {
  SQLITE,
  POSTGRESQL,
  MARIADB,
  REDIS;

  static StoreKind of(String url) {
    if (url.matches("rediss?://.+")) {
      return REDIS;
    }
    for (StoreKind kind : values()) {
      if (kind != REDIS && url.startsWith("jdbc:" + kind.word() + ":")) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "unknown store '"
            + url.replaceFirst("[?@/].*", "")
            + "'; known are sqlite, postgresql, mariadb, redis, jdbc:... and redis://...");
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isSql() {
    return this != REDIS;
  }
}
