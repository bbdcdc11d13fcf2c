package dev.lease.jdbc;

import dev.lease.JobOrder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The text of every {@link Sql} statement for one dialect: the file in the dialect's folder, else
 * the common one. All are read at once, so that a missing one fails when the store opens.
 */
final class SqlCatalog {

  private static final String STATE =
      "coalesce(outcome, case when expires_at <> 0 then 1 when attempts = 0 then 0 else 2 end)";

  /** For how long a job that finishes is kept [Q02]. */
  private static final String KEPT = "{greatest}(coalesce(keep, :keep), {remembered})";

  /** Whether a row is a job; one that is none remembers the id of one that was not kept [Q02]. */
  private static final String PRESENT = "(finished_at is null) = (outcome is null)";

  private final Dialect dialect;
  private final Map<String, String> words;
  private final Map<Sql, List<String>> texts = new EnumMap<>(Sql.class);

  SqlCatalog(Dialect dialect, Map<String, String> words) {
    this.dialect = dialect;
    this.words = Map.copyOf(words);
    for (Sql sql : Sql.values()) {
      String file = sql.name().toLowerCase(Locale.ROOT) + ".sql";
      String text = read("sql/" + dialect.folder() + "/" + file);
      if (text == null) {
        text = read("sql/common/" + file);
      }
      if (text == null) {
        throw new IllegalStateException("no statement " + file + " for " + dialect.folder());
      }
      String spelled = spelled(text.replaceAll("(?m)^--.*\n", "").strip());
      texts.put(sql, List.of(spelled.split(";\\s+")));
    }
  }

  /** A text with what the words in it stand for. */
  private String spelled(String text) {
    String spelled = text.replace("{kept}", KEPT);
    for (Map.Entry<String, String> word : words.entrySet()) {
      spelled = spelled.replace("{" + word.getKey() + "}", word.getValue());
    }
    return spelled
        .replace("{job_columns}", RowMappers.COLUMNS)
        .replace("{claim_columns}", RowMappers.CLAIM_COLUMNS)
        .replace("{state}", STATE)
        .replace("{present}", PRESENT)
        .replace("{unkept}", dialect.unkept())
        .replace("{live}", dialect.live());
  }

  /** The statement for a page of a list. */
  String list(JobConditions conditions, JobOrder order) {
    return text(Sql.JOB_LIST)
        .replace("{conditions}", spelled(conditions.text()))
        .replace("{direction}", order == JobOrder.OLDEST_FIRST ? "asc" : "desc");
  }

  /** The statement of a file that has one. */
  String text(Sql sql) {
    List<String> statements = texts(sql);
    if (statements.size() > 1) {
      throw new IllegalArgumentException(sql + " has several statements");
    }
    return statements.get(0);
  }

  List<String> texts(Sql sql) {
    return Objects.requireNonNull(texts.get(sql));
  }

  private static @Nullable String read(String resource) {
    try (InputStream in = SqlCatalog.class.getResourceAsStream(resource)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
