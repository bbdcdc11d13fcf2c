package dev.lease.jdbc;

import dev.lease.JobOrder;
import dev.lease.JobState;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The text of every {@link Sql} statement for one database: the file in the dialect's folder, that
 * of its style, or the common one. All files are read at once, so that a missing one fails when the
 * store opens.
 */
final class SqlCatalog {

  private static final String STATE =
      "coalesce(outcome, case when expires_at <> 0 then {PROCESSING}"
          + " when attempts = 0 then {PENDING} else {RETRY} end)";

  /**
   * Whether a claim or a reset finishes a job whose lease has expired: it has no attempt left, or
   * its cancellation was requested.
   */
  private static final String SPENT = "(attempts >= max_attempts or cancel_requested)";

  /** How long a finished job is kept [Q02]. */
  private static final String KEPT = "{greatest}(coalesce(keep, :keep), {remembered})";

  /** Whether a row is a job; otherwise it remembers the id of a job that was not kept [Q02]. */
  private static final String PRESENT = "(finished_at is null) = (outcome is null)";

  /** The tables, but not the indexes, whose names begin alike. */
  private static final Pattern TABLE =
      Pattern.compile(
          "\\blease_(job|checkpoint|attempt|token_floor|paused_queue|lease|fence|key_lock)\\b");

  /** A hint to use an index. */
  private static final Pattern HINT = Pattern.compile("\\{use (\\w+)}");

  private final Dialect dialect;
  private final Map<String, String> words = new LinkedHashMap<>();
  private final Map<Sql, List<String>> texts = new EnumMap<>(Sql.class);
  private final Map<Sql, List<String>> briefTexts = new EnumMap<>(Sql.class);

  /**
   * Reads the statements.
   *
   * @param others words in braces that the dialect does not know or that another text replaces
   * @param prefix puts a table into its schema, or is empty
   * @param wait how long a statement waits for a locked row, if it waits only briefly
   */
  SqlCatalog(Dialect dialect, Map<String, String> others, String prefix, Duration wait) {
    this.dialect = dialect;
    // These first, because they contain others.
    this.words.put("kept", KEPT);
    this.words.put("state", STATE);
    this.words.put("spent", SPENT);
    this.words.put("present", PRESENT);
    this.words.put("job_columns", RowMappers.COLUMNS);
    this.words.put("claim_columns", RowMappers.CLAIM_COLUMNS);
    this.words.putAll(dialect.allWords());
    this.words.putAll(others);
    for (JobState state : JobState.values()) {
      this.words.put(state.name(), Integer.toString(StateCodes.code(state)));
    }
    for (Sql sql : Sql.values()) {
      String file = sql.name().toLowerCase(Locale.ROOT) + ".sql";
      String text =
          Stream.of(
                  resource(dialect.getClass(), "sql/" + dialect.name() + "/" + file),
                  resource(SqlCatalog.class, "sql/" + dialect.style().folder() + "/" + file),
                  resource(SqlCatalog.class, "sql/common/" + file))
              .filter(Objects::nonNull)
              .findFirst()
              .map(SqlCatalog::read)
              .orElseThrow(
                  () ->
                      new IllegalStateException("no statement " + file + " for " + dialect.name()));
      String spelled = spelled(text.replaceAll("(?m)^--.*\n", "").strip());
      String placed = TABLE.matcher(spelled).replaceAll(Matcher.quoteReplacement(prefix) + "$0");
      List<String> statements = List.of(placed.split(";\\s+"));
      texts.put(sql, statements);
      briefTexts.put(
          sql, statements.stream().map(statement -> dialect.briefly(statement, wait)).toList());
    }
  }

  /** Replaces the words in braces. */
  private String spelled(String text) {
    String spelled =
        HINT.matcher(text)
            .replaceAll(hint -> Matcher.quoteReplacement(dialect.useIndex(hint.group(1))));
    for (Map.Entry<String, String> word : words.entrySet()) {
      spelled = spelled.replace("{" + word.getKey() + "}", word.getValue());
    }
    return spelled;
  }

  /** The statement for a page of a list. */
  String list(JobConditions conditions, JobOrder order) {
    List<String> list = texts(Sql.JOB_LIST);
    String page = list.get(0);
    if (page.contains("{parts}")) {
      String parts =
          conditions.parts().stream()
              .map(part -> list.get(1).replace("{part}", part))
              .collect(Collectors.joining("\nunion all\n"));
      page =
          page.replace("{queues}", list.get(conditions.ofOneQueue() ? 2 : 3))
              .replace("{parts}", parts)
              .replace("{conditions}", conditions.ofParts());
    } else {
      page =
          page.replace("{by}", conditions.index())
              .replace("{conditions}", conditions.ofAll())
              .replace("{queue_exists}", list.get(1));
    }
    return spelled(page).replace("{direction}", order == JobOrder.OLDEST_FIRST ? "asc" : "desc");
  }

  /** The statement of a file that has one. */
  String text(Sql sql) {
    return text(sql, LockWait.LONG);
  }

  /** The same, with another wait for a locked row. */
  String text(Sql sql, LockWait wait) {
    List<String> statements = texts(sql, wait);
    if (statements.size() > 1) {
      throw new IllegalArgumentException(sql + " has several statements");
    }
    return statements.get(0);
  }

  List<String> texts(Sql sql) {
    return texts(sql, LockWait.LONG);
  }

  /** The statements of a file, which may have several. */
  List<String> texts(Sql sql, LockWait wait) {
    return Objects.requireNonNull((wait == LockWait.SHORT ? briefTexts : texts).get(sql));
  }

  private static @Nullable URL resource(Class<?> beside, String path) {
    return beside.getResource(path);
  }

  private static String read(URL resource) {
    try (InputStream in = resource.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
