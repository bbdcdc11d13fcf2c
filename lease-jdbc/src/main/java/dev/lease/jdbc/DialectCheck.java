package dev.lease.jdbc;

import dev.lease.JobState;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Tells what is wrong with a dialect from outside when a store opens, not at the first use. */
final class DialectCheck {

  private static final int MIN_PARAMETERS = 100;

  private static final Set<Sql> SCRIPTS =
      EnumSet.of(
          Sql.FENCE_SWEEP,
          Sql.JOB_CANCEL,
          Sql.JOB_DELETE,
          Sql.JOB_PURGE_KEPT,
          Sql.JOB_PURGE_OLDER,
          Sql.LEASE_RENEW);

  private static final Pattern WORD = Pattern.compile("\\{([A-Za-z_]+( [a-z_]+)?)");

  private final Dialect dialect;
  private final DialectFiles files;

  private DialectCheck(Dialect dialect) {
    this.dialect = dialect;
    this.files = new DialectFiles(dialect);
  }

  /**
   * Checks the scripts and the statements.
   *
   * @throws IllegalArgumentException if one cannot be used
   */
  static void check(Dialect dialect) {
    var check = new DialectCheck(dialect);
    check.parameters();
    check.scripts();
    check.words();
    for (Sql sql : Sql.values()) {
      if (dialect.hasKeys() || !sql.isForKeys()) {
        check.statements(sql);
      }
    }
  }

  private void parameters() {
    if (dialect.maxParameters() < MIN_PARAMETERS) {
      throw wrong(
          "must have a maxParameters of %d or more, was %d"
              .formatted(MIN_PARAMETERS, dialect.maxParameters()));
    }
  }

  private void scripts() {
    String last = "none";
    for (String script : dialect.migrations()) {
      String path = "migration/" + dialect.name() + "/" + script;
      if (dialect.getClass().getResource(path) == null) {
        throw wrong("has no script " + path + " beside its class");
      }
      last = script;
    }
    if (!last.startsWith(Dialect.SCHEMA_VERSION)) {
      throw wrong(
          "must have a last script that begins with %s, as the schema of this version of the store, was %s"
              .formatted(Dialect.SCHEMA_VERSION, last));
    }
  }

  /** A word that is misspelt would stand for nothing, and the default for the right one. */
  private void words() {
    Set<String> known = new TreeSet<>(files.known());
    known.addAll(SqlCatalog.SHARED_WORDS);
    for (Sql sql : Sql.values()) {
      known.addAll(found(WORD, SqlCatalog.statements(files.statement(sql.file()))));
    }
    for (String word : new TreeSet<>(dialect.words().keySet())) {
      if (!known.contains(word)) {
        throw wrong(
            "has the word %s, which no statement uses; those of Lease are %s"
                .formatted(word, new TreeSet<>(files.known())));
      }
    }
  }

  /** Whether a file is run from its first statement to its last, as many as there are. */
  private boolean isScript(Sql sql) {
    return SCRIPTS.contains(sql)
        || (sql == Sql.LEASE_ACQUIRE && dialect.style() != Dialect.Style.ARRAYS);
  }

  /** A file has to fit to the Java that runs it, as the file does that it stands for. */
  private void statements(Sql sql) {
    String file = sql.file();
    List<String> own = SqlCatalog.statements(files.statement(file));
    List<String> model = SqlCatalog.statements(files.modelStatement(file));
    boolean counts = dialect.style() == Dialect.Style.LOCKING_READS && sql == Sql.JOB_INSERT;
    boolean fits =
        isScript(sql)
            || own.size() == model.size()
            || (counts && own.size() == LockingReadsStyle.RETURNING_INSERT + 1);
    if (!fits) {
      throw wrong(
          "must have %d statements in %s, had %d".formatted(model.size(), file, own.size()));
    }
    Set<String> words = new HashSet<>(found(WORD, model));
    if (isScript(sql)) {
      words.add("found");
    }
    if (counts) {
      words.add("made");
    }
    words.addAll(files.words().keySet());
    words.addAll(SqlCatalog.SHARED_WORDS);
    for (JobState state : JobState.values()) {
      words.add(state.name());
    }
    refuse(file, "the word {", "}", found(WORD, own), words);
    refuse(file, "the parameter :", "", found(ParsedSql.NAME, own), found(ParsedSql.NAME, model));
  }

  private void refuse(
      String file, String before, String behind, Set<String> used, Set<String> known) {
    for (String name : used) {
      if (!known.contains(name)) {
        throw wrong(
            "has %s%s%s in %s, which is none of %s"
                .formatted(before, name, behind, file, String.join(", ", new TreeSet<>(known))));
      }
    }
  }

  private static Set<String> found(Pattern pattern, List<String> statements) {
    return statements.stream()
        .flatMap(statement -> pattern.matcher(statement).results())
        .map((MatchResult match) -> match.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException("the dialect " + dialect.name() + " " + what);
  }
}
