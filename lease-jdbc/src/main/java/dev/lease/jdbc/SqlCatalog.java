package dev.lease.jdbc;

import dev.lease.JobOrder;
import dev.lease.JobState;
import dev.lease.Limits;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The text of every {@link Sql} statement for one database: see {@link DialectFiles#statement}. All
 * files are read at once, so that a missing one fails when the store opens.
 */
final class SqlCatalog {

  private static final String STATE =
      "coalesce(outcome, case when expires_at <> 0 then {PROCESSING}"
          + " when attempts = 0 then {PENDING} else {RETRY} end)";

  /** Whether a job that nobody holds any more has crashed as often as it may [Q20]. */
  private static final String CRASHED = "attempts - failures >= max_crashes";

  /**
   * Whether its deadline had passed at that time. Most jobs have none, and no clock is read for
   * them [Q81].
   */
  private static String overdue(String time) {
    return "not_after is not null and not_after < " + time;
  }

  /** What a spent job becomes; null if it is not spent, as of that time [Q20, Q81]. */
  private static String spentOutcome(String time) {
    return "case when {cancelled} then {CANCELLED} when "
        + CRASHED
        + " then {FAILED} when "
        + overdue(time)
        + " then {CANCELLED} end";
  }

  private static String spentError(String time) {
    return "case when {cancelled} then error when "
        + CRASHED
        + " then '"
        + Limits.LEASE_EXPIRED
        + "' when "
        + overdue(time)
        + " then '"
        + Limits.DEADLINE_PASSED
        + "' else error end";
  }

  /** How jobs of a graph have ended, by their events. */
  private static final String ENDS =
      Stream.of(JobState.DONE, JobState.FAILED, JobState.CANCELLED)
          .map(
              state ->
                  "sum(case outcome when {%1$s} then jobs when -{%1$s} then -jobs else 0 end) as more_%2$s"
                      .formatted(state, state.name().toLowerCase(Locale.ROOT)))
          .collect(Collectors.joining(", "));

  /** How long a finished job is kept [Q02]. */
  private static final String KEPT = "{greatest}(coalesce(keep, :keep), {least_kept})";

  /**
   * Whether an id has the form of a UUID of version 7: 36 characters of one byte, with four hyphens
   * at their places. See {@link RememberedIds}.
   */
  static final String TIME_ORDERED =
      "id like '________-____-7___-____-____________' and octet_length(id) = 36"
          + " and octet_length(replace(id, '-', '')) = 32";

  /** Until when the id of a finished job is remembered that goes now and leaves no row [Q02]. */
  private static final String LEAVES_ID =
      "case when outcome is not null and dedup_until is null and "
          + TIME_ORDERED
          + " and finished_at + {remembered} > {asof} then finished_at + {remembered} end";

  /** Until when the emptied row of a finished job stays [Q02, Q82]. */
  private static final String ID_KEPT_UNTIL =
      "{greatest}(coalesce(dedup_until, 0),"
          + " case when outcome is null then 0 else finished_at + {remembered} end)";

  /** The priority of a job, wherever it is: see the script of the tables. */
  private static final String TRUE_PRIORITY =
      "(case when priority < 10 then priority else 9 - priority % 10 end)";

  /** Whether a row is a job; otherwise it remembers the id of a job that was not kept [Q02]. */
  private static final String PRESENT = "(finished_at is null) = (outcome is null)";

  /** The words that all dialects share, but for the names of the states. */
  static final Set<String> SHARED_WORDS =
      Set.of(
          "kept",
          "state",
          "spent",
          "spent_outcome",
          "spent_error",
          "met_outcome",
          "met_error",
          "present",
          "true_priority",
          "remembered",
          "ids_of_a_row",
          "least_kept",
          "leaves_id",
          "id_kept_until",
          "job_columns",
          "claim_columns");

  /** The most parts that a statement unites at one level: SQLite has a limit of 500. */
  private static final int MOST_UNITED = 100;

  private static final Collector<CharSequence, ?, String> UNION =
      Collectors.joining("\nunion all\n");

  /** Where the file of a list that is put together from parts has its statements, but the first. */
  private static final int PLACES = 1;

  private static final int JOBS = 2;
  private static final int ONE_PART = 3;
  private static final int ONE_QUEUE = 4;
  private static final int ALL_QUEUES = 5;

  private static final Pattern COMMENT = Pattern.compile("(?m)^--.*\\R");

  /** The tables, but not the indexes, whose names begin alike. */
  private static final Pattern TABLE =
      Pattern.compile(
          "\\blease_(job|arrival|limit|graph|part|edge|member|ended|remembered|checkpoint|attempt|action|token_floor|paused_queue|lease|fence|key_lock)\\b");

  private final UnaryOperator<String> briefly;
  private final Map<String, String> words = new LinkedHashMap<>();
  private final Map<Sql, List<String>> texts = new EnumMap<>(Sql.class);
  private final Map<Sql, List<String>> briefTexts = new EnumMap<>(Sql.class);

  /**
   * Reads the statements.
   *
   * @param files reads a file
   * @param words the words in braces, and what they stand for
   * @param prefix puts a table into its schema, or is empty
   * @param briefly makes a statement wait only briefly for a locked row
   */
  SqlCatalog(
      UnaryOperator<String> files,
      Map<String, String> words,
      String prefix,
      UnaryOperator<String> briefly) {
    this.briefly = briefly;
    // These first, because they contain others.
    this.words.put("kept", KEPT);
    this.words.put("leaves_id", LEAVES_ID);
    this.words.put("id_kept_until", ID_KEPT_UNTIL);
    this.words.put("ids_of_a_row", Integer.toString(RememberedIds.MOST));
    this.words.put("state", STATE);
    // Whether a claim or a reset that meets a job finishes it.
    this.words.put("spent", "({cancelled} or " + CRASHED + " or " + overdue("{asof}") + ")");
    this.words.put("ends", ENDS);
    this.words.put("spent_outcome", spentOutcome("{asof}"));
    this.words.put("spent_error", spentError("{asof}"));
    // For a job that another statement has found spent, as of the time of that statement.
    this.words.put("met_outcome", spentOutcome(":asOf"));
    this.words.put("met_error", spentError(":asOf"));
    this.words.put("present", PRESENT);
    this.words.put("true_priority", TRUE_PRIORITY);
    this.words.put("job_columns", RowMappers.COLUMNS);
    this.words.put("claim_columns", RowMappers.CLAIM_COLUMNS);
    this.words.putAll(words);
    for (JobState state : JobState.values()) {
      this.words.put(state.name(), Integer.toString(StateCodes.code(state)));
    }
    for (Sql sql : Sql.values()) {
      String text = files.apply(sql.file());
      List<String> statements =
          statements(text).stream()
              .map(this::spelled)
              .map(TABLE::matcher)
              .map(table -> table.replaceAll(Matcher.quoteReplacement(prefix) + "$0"))
              .toList();
      texts.put(sql, statements);
      briefTexts.put(sql, statements.stream().map(briefly).toList());
    }
  }

  /** Whether that is the name of a table of the store, or of its view. */
  static boolean isTable(String name) {
    return TABLE.matcher(name).matches() || name.equals("lease_job_view");
  }

  /** The statements of a file, without the comments. */
  static List<String> statements(String file) {
    return List.of(COMMENT.matcher(file).replaceAll("").strip().split(";\\s*"));
  }

  /** Replaces the words in braces. */
  private String spelled(String text) {
    String spelled = text;
    for (Map.Entry<String, String> word : words.entrySet()) {
      spelled = spelled.replace("{" + word.getKey() + "}", word.getValue());
    }
    return spelled;
  }

  /**
   * The statement for a page of a list.
   *
   * @param text its text
   * @param choosesRows whether it may examine jobs that it does not want
   */
  record Listing(String text, boolean choosesRows) {}

  /**
   * Makes the statement for a page of a list.
   *
   * @param queues the names of the values with the queues, for a list by the times of finishes
   * @param columns what is read of the jobs
   */
  Listing list(
      JobConditions conditions, JobOrder order, Collection<String> queues, String columns) {
    boolean byFinish = order == JobOrder.LAST_FINISHED_FIRST;
    String direction = order == JobOrder.OLDEST_FIRST ? "asc" : "desc";
    List<String> bySeq = texts(Sql.JOB_LIST_BY_SEQ);
    boolean inParts = bySeq.get(0).contains("{parts}");
    String places =
        byFinish
            ? byFinish(conditions, queues)
            : inParts ? bySeqInParts(conditions, order, bySeq) : bySeqAlong(conditions, bySeq);
    String ofRows = byFinish || inParts ? conditions.ofRowsInParts() : conditions.ofRowsByIndex();
    String page =
        texts(Sql.JOB_LIST)
            .get(0)
            .replace("{columns}", columns)
            .replace("{places}", places)
            .replace("{conditions}", ofRows)
            .replace("{order}", byFinish ? "finished_at desc, seq desc" : "seq " + direction)
            .replace("{direction}", direction);
    return new Listing(spelled(page), !ofRows.equals("{true}") && !ofRows.equals("{present}"));
  }

  private static String bySeqAlong(JobConditions conditions, List<String> bySeq) {
    return bySeq
        .get(0)
        .replace("{by}", conditions.index())
        .replace("{range}", conditions.rangeOfIndex());
  }

  private static String bySeqInParts(JobConditions conditions, JobOrder order, List<String> bySeq) {
    List<String> parts = conditions.parts();
    boolean isOne = conditions.ofOneQueue() && parts.size() == 1;
    String list = isOne ? bySeq.get(ONE_PART) : bySeq.get(0);
    return list.replace("{queues}", bySeq.get(conditions.ofOneQueue() ? ONE_QUEUE : ALL_QUEUES))
        .replace("{places}", united(parts, bySeq.get(PLACES)))
        .replace("{parts}", united(parts, bySeq.get(JOBS)))
        .replace("{part}", parts.get(0))
        .replace("{range}", conditions.range())
        .replace("{until}", order == JobOrder.OLDEST_FIRST ? "<=" : ">=")
        .replace("{end}", "" + (order == JobOrder.OLDEST_FIRST ? Long.MAX_VALUE : 0));
  }

  private static String united(List<String> parts, String text) {
    return parts.stream().map(part -> text.replace("{part}", part)).collect(UNION);
  }

  private String byFinish(JobConditions conditions, Collection<String> queues) {
    String part = texts(Sql.JOB_LIST_BY_FINISH).get(1);
    List<String> parts = new ArrayList<>();
    for (String queue : queues) {
      for (JobState state : conditions.finishedStates()) {
        parts.add(
            part.replace("{queue}", ":" + queue)
                .replace("{outcome}", "{" + state + "}")
                .replace("{range}", conditions.range()));
      }
    }
    List<String> merged = parts;
    do {
      merged = mergedInGroups(merged);
    } while (merged.size() > 1);
    return merged.get(0);
  }

  private List<String> mergedInGroups(List<String> parts) {
    List<String> merged = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += MOST_UNITED) {
      List<String> group = parts.subList(i, Math.min(i + MOST_UNITED, parts.size()));
      String all = texts(Sql.JOB_LIST_BY_FINISH).get(0);
      merged.add(all.replace("{parts}", group.stream().collect(UNION)));
    }
    return merged;
  }

  /**
   * The statement that asks whether the queue of a list has any job; null if the list of a queue
   * that has none costs nothing.
   */
  @Nullable String queueExists(JobConditions conditions) {
    List<String> bySeq = texts(Sql.JOB_LIST_BY_SEQ);
    boolean passesOver =
        conditions.ofOneQueue() && !bySeq.get(0).contains("{parts}") && conditions.alongTable();
    return passesOver ? bySeq.get(1) : null;
  }

  /** The statement for a count. */
  String count(JobConditions conditions) {
    return spelled(
        text(Sql.JOB_COUNT)
            .replace("{by}", conditions.indexOfAll())
            .replace("{conditions}", conditions.ofAll()));
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

  /** A text of several statements, with that wait for a locked row. */
  String withWait(String text, LockWait wait) {
    return wait == LockWait.SHORT ? briefly.apply(text) : text;
  }

  List<String> texts(Sql sql) {
    return texts(sql, LockWait.LONG);
  }

  /** The statements of a file, which may have several. */
  List<String> texts(Sql sql, LockWait wait) {
    return Objects.requireNonNull((wait == LockWait.SHORT ? briefTexts : texts).get(sql));
  }
}
