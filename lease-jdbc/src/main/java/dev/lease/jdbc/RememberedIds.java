package dev.lease.jdbc;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ids of finished jobs whose rows are gone, many in one row of {@code lease_remembered} [Q02].
 *
 * <p>Only UUIDs of version 7 are there. They have a fixed length and hyphens at fixed places, so a
 * search in a text of such ids never finds the end of one and the beginning of the next. They sort
 * by the time at which they were made, and a row has those that begin alike, which were made within
 * 65 seconds. So a new id lies between the first and the last id of few rows.
 */
final class RememberedIds {

  private static final String FORM = "xxxxxxxx-xxxx-7xxx-xxxx-xxxxxxxxxxxx";
  private static final int VERSION = 14;
  private static final int PREFIX = 8;

  /**
   * How many ids a row has at most: with more, PostgreSQL would put them into a place of their own,
   * and each look for one of them would cost more.
   */
  static final int MOST = 50;

  /** The places of two values of a finish. */
  private static final int KEEP = 4;

  private static final int FORGETS = 5;

  private RememberedIds() {}

  /** A removed job, and until when its id is remembered; null for as long from now on as usual. */
  record Gone(String queue, String id, long token, @Nullable Long until) {
    /** A job that is finished now, by its first values: queue, id and token. */
    static Gone now(@Nullable Object[] row) {
      return new Gone(
          (String) requireNonNull(row[0]),
          (String) requireNonNull(row[1]),
          (Long) requireNonNull(row[2]),
          null);
    }

    RowBatch.Name name() {
      return new RowBatch.Name(queue, id);
    }
  }

  /** Whether an id can be in a row with others, as {@link SqlCatalog#TIME_ORDERED} says too. */
  static boolean isTimeOrdered(String id) {
    return id.length() == FORM.length()
        && id.charAt(VERSION) == FORM.charAt(VERSION)
        && IntStream.range(0, FORM.length())
            .allMatch(i -> id.charAt(i) < 128 && (id.charAt(i) == '-') == (FORM.charAt(i) == '-'));
  }

  /**
   * The positions, from 0 on, of finishes that may leave nothing but ids in rows with others: those
   * of jobs that are done, in a store that keeps none. A job may still be kept, if it has a time of
   * its own.
   */
  static List<Integer> mayLeave(RowBatch finishes) {
    return IntStream.range(0, finishes.size())
        .filter(i -> mayLeave(finishes.rows().get(i)))
        .boxed()
        .toList();
  }

  static boolean mayLeave(@Nullable Object[] finish) {
    return Objects.equals(finish[FORGETS], 1L)
        && Objects.equals(finish[KEEP], 0L)
        && isTimeOrdered(String.valueOf(finish[1]));
  }

  /** A text behind all ids that begin like this one: a dot sorts behind the hyphen. */
  static String end(String id) {
    return id.substring(0, PREFIX) + '.';
  }

  /** Remembers the ids of jobs that the transaction has removed. */
  static void add(Session session, List<Gone> gone) throws SQLException {
    if (gone.isEmpty()) {
      return;
    }
    var rows =
        new RowBatch(
            1,
            RowBatch.text("queue"),
            RowBatch.text("lastId"),
            RowBatch.text("firstId"),
            RowBatch.number("token"),
            RowBatch.text("ids"),
            RowBatch.number("keptUntil"));
    for (List<Gone> alike : alike(gone, Gone::name)) {
      List<Gone> sorted = alike.stream().sorted(Comparator.comparing(Gone::id)).toList();
      for (int i = 0; i < sorted.size(); i += MOST) {
        List<Gone> part = sorted.subList(i, Math.min(i + MOST, sorted.size()));
        rows.add(
            part.get(0).queue(),
            part.get(part.size() - 1).id(),
            part.get(0).id(),
            part.stream().mapToLong(Gone::token).max().orElseThrow(),
            part.stream().map(Gone::id).collect(Collectors.joining()),
            part.stream()
                .flatMap(job -> Stream.ofNullable(job.until()))
                .max(Long::compare)
                .orElse(null));
      }
    }
    session.statement(Sql.REMEMBERED_ADD).updateEach(rows);
  }

  /** Those of some removed jobs that may have left steps or failed attempts. */
  static List<Gone> withRemains(Session session, List<Gone> gone) throws SQLException {
    var found = new ArrayList<Gone>();
    for (List<Gone> alike : alike(gone, Gone::name)) {
      String text = session.texts(Sql.REMEMBERED_LEFT).get(0);
      if (between(session, text, alike.get(0).queue(), sorted(alike, Gone::name))
          .first(row -> row.getInt(1) == 1)
          .orElseThrow()) {
        found.addAll(alike);
      }
    }
    return found;
  }

  /** Those of some ids, each with its queue, that are remembered here. */
  static Set<RowBatch.Name> find(Session session, List<RowBatch.Name> ids) throws SQLException {
    List<String> texts = session.texts(Sql.REMEMBERED_FIND);
    var found = new HashSet<RowBatch.Name>();
    for (List<RowBatch.Name> alike : alike(ids, name -> name)) {
      String queue = (String) alike.get(0).first();
      NavigableSet<String> asked = sorted(alike, name -> name);
      var near = new TreeSet<String>();
      among(session, texts.get(0), queue, asked).list(row -> near.addAll(in(row, asked)));
      if (!near.isEmpty()) {
        among(session, texts.get(1), queue, near)
            .list(
                row -> {
                  String text = row.getString("ids");
                  return in(row, near).stream()
                      .filter(text::contains)
                      .map(id -> found.add(new RowBatch.Name(queue, id)))
                      .toList();
                });
      }
    }
    return found;
  }

  /** A statement about the rows that may have some of these ids, which begin alike. */
  private static NamedStatement among(
      Session session, String text, @Nullable String queue, NavigableSet<String> ids)
      throws SQLException {
    return between(session, text, queue, ids).bind("end", end(ids.first()));
  }

  /** Those of some ids that lie between the first and the last id of a row. */
  private static Set<String> in(ResultSet row, NavigableSet<String> ids) throws SQLException {
    return ids.subSet(row.getString("first_id"), true, row.getString("last_id"), true);
  }

  /**
   * Forgets an id.
   *
   * @return a token that is no smaller than that of its job; empty if the id is not remembered here
   */
  static Optional<Long> forget(Session session, String queue, String id) throws SQLException {
    return isTimeOrdered(id)
        ? new SqlScript(session, Sql.REMEMBERED_FORGET)
                .bind("queue", queue)
                .bind("id", id)
                .bind("end", end(id))
                .listAndChange(row -> row.getLong("token"))
                .stream()
                .max(Long::compare)
        : Optional.empty();
  }

  /**
   * Forgets the ids of a queue that have been remembered long enough.
   *
   * @param limit how many rows it removes at most
   * @return the tokens of those rows
   */
  static List<Long> purge(Session session, String queue, int limit) throws SQLException {
    List<String> texts = session.texts(Sql.REMEMBERED_PURGE);
    var old =
        new RowBatch(
            0,
            RowBatch.text("queue"),
            RowBatch.text("lastId"),
            RowBatch.text("firstId"),
            RowBatch.number("token"));
    List<Long> tokens =
        session
            .statement(texts.get(0))
            .bind("queue", queue)
            .bind("limit", limit)
            .list(
                row -> {
                  long token = row.getLong("token");
                  old.add(queue, row.getString("last_id"), row.getString("first_id"), token);
                  return token;
                });
    if (!tokens.isEmpty()) {
      session.statement(texts.get(1)).updateEach(old);
    }
    return tokens;
  }

  /** A statement about the ids between the first and the last of some. */
  private static NamedStatement between(
      Session session, String text, @Nullable String queue, NavigableSet<String> ids)
      throws SQLException {
    return session
        .statement(text)
        .bind("queue", queue)
        .bind("firstId", ids.first())
        .bind("lastId", ids.last());
  }

  private static <T> NavigableSet<String> sorted(List<T> all, Function<T, RowBatch.Name> name) {
    return all.stream()
        .map(name)
        .map(RememberedIds::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String id(RowBatch.Name name) {
    return String.valueOf(name.second());
  }

  /** Puts those together that are of one queue and whose ids begin alike. */
  private static <T> Collection<List<T>> alike(List<T> all, Function<T, RowBatch.Name> name) {
    return all.stream()
        .collect(
            Collectors.groupingBy(
                each -> {
                  RowBatch.Name of = name.apply(each);
                  return new RowBatch.Name(of.first(), end(id(of)));
                }))
        .values();
  }
}
