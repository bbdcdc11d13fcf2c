package dev.lease.jdbc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A statement whose values have names, as JDBC takes it: with a question mark for each. Taken apart
 * once, since that costs more than many a statement takes.
 */
final class ParsedSql {

  /** There are a few hundred texts that come again; what is beyond is made anew. */
  private static final int MAX_CACHED = 1_000;

  private static final Pattern NAME = Pattern.compile("(?<!:):([A-Za-z]\\w*)");
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

  /** A text that hardly comes again, with numbers in it or places for so many rows. */
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

  /** Where the value goes, from 1 on; more than one place where the text names it again. */
  int[] positions(String name) {
    int[] found = positions.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no :" + name + " in " + sql);
    }
    return found;
  }
}
