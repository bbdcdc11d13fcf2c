package dev.lease.examples.benchmark;

import io.lettuce.core.RedisClient;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a server reports about itself. */
final class ServerFacts {

  private static final Pattern VERSION = Pattern.compile("redis_version:(\\S+)");
  private static final Pattern MEMORY = Pattern.compile("used_memory:(\\d+)");
  private static final Pattern CALLS = Pattern.compile("cmdstat_evalsha:calls=(\\d+)");

  private ServerFacts() {}

  static String version(Store store) throws SQLException {
    if (store.kind() == StoreKind.REDIS) {
      return first(VERSION, info(store, "server"), "?");
    }
    try (Connection connection = DriverManager.getConnection(store.url())) {
      return connection.getMetaData().getDatabaseProductVersion();
    }
  }

  /** How much memory its data takes; empty where the data is on disk. */
  static OptionalLong memory(Store store) {
    return store.kind() == StoreKind.REDIS
        ? OptionalLong.of(Long.parseLong(first(MEMORY, info(store, "memory"), "0")))
        : OptionalLong.empty();
  }

  /** Its counters of what it has done so far; empty for SQLite. */
  static Map<String, Long> counts(Store store) throws SQLException {
    return switch (store.kind()) {
      case SQLITE -> Map.of();
      case REDIS ->
          Map.of("scripts", Long.parseLong(first(CALLS, info(store, "commandstats"), "0")));
      case MARIADB ->
          counts(store, "show global status where variable_name in ('questions', 'com_commit')");
      case POSTGRESQL ->
          counts(
              store,
              """
              select unnest(array['transactions', 'rows_updated']),
                unnest(array[xact_commit, tup_updated])
              from pg_stat_database where datname = current_database()
              """);
    };
  }

  private static Map<String, Long> counts(Store store, String query) throws SQLException {
    Map<String, Long> counts = new LinkedHashMap<>();
    try (Connection connection = DriverManager.getConnection(store.url());
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      while (rows.next()) {
        counts.put(rows.getString(1).toLowerCase(Locale.ROOT), rows.getLong(2));
      }
    }
    return counts;
  }

  private static String info(Store store, String section) {
    try (RedisClient client = RedisClient.create(store.url())) {
      return client.connect().sync().info(section);
    }
  }

  private static String first(Pattern pattern, String text, String otherwise) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : otherwise;
  }
}
