package dev.lease.examples.benchmark;

import java.util.Locale;

/** The kinds of stores. */
enum StoreKind {
  SQLITE,
  POSTGRESQL,
  MARIADB,
  REDIS;

  /** The kind of a store that the command line names by a word or by its URL. */
  static StoreKind named(String store) {
    for (StoreKind kind : values()) {
      if (kind.word().equals(store)) {
        return kind;
      }
    }
    return of(store);
  }

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
        "--store must be sqlite, postgresql, mariadb, redis, jdbc:... or redis://..., was "
            + url.replaceFirst("[?@/].*", ""));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isSql() {
    return this != REDIS;
  }
}
