package dev.lease.jdbc;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The text of every {@link Sql} statement for one dialect: the file in the dialect's folder, else
 * the common one. All are read at once, so that a missing one fails when the store opens.
 */
final class Statements {

  private static final String STATE =
      "coalesce(outcome, case when expires_at <> 0 then 1 when attempts = 0 then 0 else 2 end)";

  private final Map<Sql, String> texts = new EnumMap<>(Sql.class);

  Statements(Dialect dialect, Map<String, String> words) {
    for (Sql sql : Sql.values()) {
      String file = sql.name().toLowerCase(Locale.ROOT) + ".sql";
      String text = read("sql/" + dialect.folder() + "/" + file);
      if (text == null) {
        text = read("sql/common/" + file);
      }
      if (text == null) {
        throw new IllegalStateException("no statement " + file + " for " + dialect.folder());
      }
      text = text.replaceAll("(?m)^--.*\n", "").strip();
      for (Map.Entry<String, String> word : words.entrySet()) {
        text = text.replace("{" + word.getKey() + "}", word.getValue());
      }
      text =
          text.replace("{job_columns}", JobRows.COLUMNS)
              .replace("{state}", STATE)
              .replace("{live}", dialect.live());
      texts.put(sql, text);
    }
  }

  String text(Sql sql) {
    return Objects.requireNonNull(texts.get(sql));
  }

  private static @Nullable String read(String resource) {
    try (InputStream in = Statements.class.getResourceAsStream(resource)) {
      return in == null ? null : new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
