package dev.lease.jdbc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement with named values, turned into the question marks of JDBC. Each text is parsed once:
 * parsing costs more than running many of the statements.
 */
final class ParsedSql {

  /** A few hundred texts come again and again; texts beyond this number are parsed each time. */
  private static final int MAX_CACHED = 1_000;

  /** The name of a value, behind a colon. */
  static final Pattern NAME = Pattern.compile("(?<!:):([A-Za-z]\\w*)");

  private static final Map<String, ParsedSql> CACHE = new ConcurrentHashMap<>();

  private final String sql;
  private final Map<String, int[]> positions;

  private ParsedSql(String sql, Map<String, int[]> positions) {
    this.sql = sql;
    this.positions = positions;
  }

  static ParsedSql of(String text) {
    ParsedSql cached = CACHE.get(text);
    if (cached == null) {
      cached = once(text);
      if (CACHE.size() < MAX_CACHED) {
        CACHE.put(text, cached);
      }
    }
    return cached;
  }

  /**
   * Parses a text that hardly comes again: it has numbers in it, or parameters for a number of
   * rows.
   */
  static ParsedSql once(String text) {
    Map<String, List<Integer>> found = new HashMap<>();
    Matcher name = NAME.matcher(text);
    var sql = new StringBuilder(text.length());
    int position = 0;
    while (name.find()) {
      position++;
      found.computeIfAbsent(name.group(1), n -> new ArrayList<>()).add(position);
      name.appendReplacement(sql, "?");
    }
    name.appendTail(sql);
    Map<String, int[]> positions = new HashMap<>();
    found.forEach(
        (key, value) -> positions.put(key, value.stream().mapToInt(Integer::intValue).toArray()));
    return new ParsedSql(sql.toString(), positions);
  }

  String sql() {
    return sql;
  }

  boolean has(String name) {
    return positions.containsKey(name);
  }

  /** The positions of a value, from 1 on; several if the text names it several times. */
  int[] positions(String name) {
    int[] found = positions.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no :" + name + " in " + sql);
    }
    return found;
  }
}
