package dev.lease.cli;

import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.Limits;
import dev.lease.examples.shared.Durations;
import dev.lease.examples.shared.Table;
import dev.lease.examples.shared.Texts;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists named leases. */
@Command(name = "leases", description = "Lists the named leases that are held.")
@SuppressWarnings("NullAway.Init") // picocli sets the fields.
final class LeasesCommand extends StoreCommand {

  private static final int NOTE = 60;

  @Parameters(
      arity = "0..1",
      paramLabel = "PREFIX",
      defaultValue = "",
      description = "how their names begin; all by default")
  private String prefix;

  @Option(
      names = "--after",
      paramLabel = "NAME",
      description =
          "begin after this name: the last one of the page before; with --json its \"next\"")
  private @Nullable String after;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "the most leases that are listed, 1 to 1000 (${DEFAULT-VALUE})")
  private int limit;

  @Override
  void check() {
    Limits.between("--limit", limit, 1, Limits.MAX_BATCH);
  }

  @Override
  boolean run(OpenStore store, Output out) {
    LeasePage page = store.leases().list(prefix, after, limit);
    Table table = new Table("LEASE", "OWNER", "TOKEN", "LEFT", "NOTE").texts("NOTE");
    for (Lease lease : page.leases()) {
      if (out.isJson()) {
        out.json(Documents.of(lease));
      } else {
        table.row(
            lease.name(),
            lease.owner(),
            lease.token(),
            Durations.shown(lease.remaining()),
            Texts.cut(lease.note(), NOTE));
      }
    }
    if (!out.isJson()) {
      out.table(table);
    }
    if (page.next() != null) {
      sayMore(page.next(), out);
    }
    return !page.leases().isEmpty();
  }

  private static void sayMore(String last, Output out) {
    if (out.isJson()) {
      out.json(Map.of("next", last));
    } else if (Limits.oneLine(last).equals(last)) {
      out.say("More leases may match: go on with --after='" + last.replace("'", "'\\''") + "'.");
    } else {
      out.say("More leases may match: go on with --after and the last name as --json prints it.");
    }
  }
}
