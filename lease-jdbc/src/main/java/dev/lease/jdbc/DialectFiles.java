package dev.lease.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The files of a dialect with its statements, and the words in braces that they may have. */
final class DialectFiles {

  /** The indexes that statements name in hints. */
  private static final List<String> INDEXES =
      List.of(
          "lease_fence_seq",
          "lease_fence_used",
          "lease_job_dedup",
          "lease_job_finished",
          "lease_job_id",
          "lease_job_key",
          "lease_job_kept",
          "lease_job_ready",
          "primary");

  /** What was read, since the class path is slow, and a program may open many stores. */
  private static final ClassValue<Map<String, String>> TEXTS =
      new ClassValue<>() {
        @Override
        protected Map<String, String> computeValue(Class<?> dialect) {
          return new ConcurrentHashMap<>();
        }
      };

  private final Dialect dialect;

  DialectFiles(Dialect dialect) {
    this.dialect = dialect;
  }

  /** All words: those of the dialect, those of its style, and the defaults. */
  Map<String, String> words() {
    Map<String, String> own = dialect.words();
    String now = own.get("now");
    if (now == null) {
      throw new IllegalArgumentException("the dialect " + dialect.name() + " has no word for now");
    }
    Map<String, String> all = defaults(now);
    all.putAll(own);
    return all;
  }

  /** The words that a dialect may give others for. */
  Set<String> known() {
    return defaults("").keySet();
  }

  private Map<String, String> defaults(String now) {
    var all = new HashMap<String, String>();
    all.put("now", now);
    all.put("asof", now);
    all.put("greatest", "greatest");
    all.put("true", "true");
    all.put("cancelled", "cancel_requested");
    all.put("id_begins", "substr(id, 1, :prefixLength) = :idPrefix");
    all.put("error_contains", "instr(error, :errorText) > 0");
    all.put("has_id", "instr(ids, :id) > 0");
    all.put("brief_payload", "substr(payload, 1, " + RowMappers.BRIEF + ")");
    all.put("brief_result", "substr(result, 1, " + RowMappers.BRIEF + ")");
    all.put("lock", "for update");
    all.put("by_seq", "");
    INDEXES.forEach(index -> all.put("use " + index, dialect.useIndex(index)));
    // Whether a job may have its dedup key: it is not finished, or keeps it for a time [Q82].
    all.put(
        "keyed",
        dialect.style() == Dialect.Style.LOCKING_READS
            ? "keyed = 1"
            : "(finished_at is null or dedup_until is not null)");
    all.put(
        "unfinished",
        dialect.style() == Dialect.Style.LOCKING_READS ? "live = 1" : "finished_at is null");
    // What others may have of the end of a job, whether anybody may, and whether no graph may.
    all.put(
        "ending",
        dialect.hasKeys()
            ? "job_key, graph, part"
            : "null as job_key, null as graph, null as part");
    all.put(
        "has_ending", dialect.hasKeys() ? "(job_key is not null or graph is not null)" : "1 = 0");
    String noGraph = dialect.hasKeys() ? "graph is null" : "1 = 1";
    all.put("no_graph", noGraph);
    all.put(
        "requeued_place",
        dialect.hasKeys()
            ? "case when graph is null then priority when priority < 10 then 29 - priority else 20 + priority % 10 end"
            : "priority");
    // Whether a finished job has no others that may still want to read it [Q77].
    all.put(
        "not_needed",
        dialect.hasKeys()
            ? "(graph is null or not exists (select 1 from lease_graph going where going.queue = lease_job.queue"
                + " and going.id = lease_job.graph and going.kept_until is null))"
            : "1 = 1");
    // Where a job with a key is, and its order there: see lease_job_key.
    boolean locking = dialect.style() == Dialect.Style.LOCKING_READS;
    all.put(
        "key_open",
        switch (dialect.style()) {
          case ARRAYS -> "coalesce(finished_at, 0) = 0";
          case LOCKING_READS -> "live = 1";
          case SINGLE_WRITER -> "finished_at is null";
        });
    all.put("key_place", locking ? "key_place" : "priority / 10");
    all.put(
        "key_order",
        switch (dialect.style()) {
          case ARRAYS -> "least(priority, 40)";
          case LOCKING_READS -> "key_order";
          case SINGLE_WRITER -> "min(priority, 40)";
        });
    all.put(
        "skip_locked",
        dialect.style() == Dialect.Style.SINGLE_WRITER ? "" : "for update skip locked");
    // Whether only the id of a finished job stays [Q02].
    all.put(
        "unkept",
        dialect.style() == Dialect.Style.ARRAYS
            ? "s.forgets = 1 and coalesce(j.keep, s.keep) = 0 and " + noGraph
            : ":forgets = 1 and coalesce(keep, :keep) = 0 and " + noGraph);
    return all;
  }

  /** The text of a file: from the dialect's folder, from that of its style, or common. */
  String statement(String file) {
    return TEXTS
        .get(dialect.getClass())
        .computeIfAbsent(
            dialect.name() + "/" + dialect.style() + "/" + file, key -> findStatement(file));
  }

  private String findStatement(String file) {
    if (!dialect.hasKeys() && Sql.isForKeys(file)) {
      return "";
    }
    URL own = dialect.getClass().getResource("sql/" + dialect.name() + "/" + file);
    return own == null ? modelStatement(file) : read(own);
  }

  /** The text of the file for which a file of the dialect stands. */
  String modelStatement(String file) {
    String folder = dialect.style().folder();
    URL model = Dialect.class.getResource("sql/" + folder + "/" + file);
    if (model == null) {
      model = Dialect.class.getResource("sql/common/" + file);
    }
    if (model == null) {
      throw new IllegalStateException("no statement " + file + " for " + folder);
    }
    return read(model);
  }

  private static String read(URL text) {
    try (InputStream in = text.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
