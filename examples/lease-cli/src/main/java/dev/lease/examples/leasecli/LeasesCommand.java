package dev.lease.examples.leasecli;

import dev.lease.Lease;
import dev.lease.Limits;
import java.util.List;
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
      description = "begin after this name: the last one of the page before")
  private @Nullable String after;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "the most leases that are listed, 1 to 999 (${DEFAULT-VALUE})")
  private int limit;

  @Override
  void check() {
    Limits.between("--limit", limit, 1, Limits.MAX_BATCH - 1);
  }

  @Override
  boolean run(OpenStore store, Output out) {
    List<Lease> found = store.leases().list(prefix, after, limit + 1);
    List<Lease> listed = found.subList(0, Math.min(limit, found.size()));
    Table table = new Table("LEASE", "OWNER", "TOKEN", "LEFT", "NOTE");
    for (Lease lease : listed) {
      if (out.isJson()) {
        out.json(Documents.of(lease));
      } else {
        table.row(
            lease.name(),
            lease.owner(),
            lease.token(),
            Durations.shown(lease.remaining()),
            Texts.error(lease.note(), NOTE));
      }
    }
    if (!out.isJson()) {
      out.table(table);
    }
    if (found.size() > limit) {
      out.say("More leases match: go on with --after '" + listed.get(limit - 1).name() + "'.");
    }
    return !found.isEmpty();
  }
}
