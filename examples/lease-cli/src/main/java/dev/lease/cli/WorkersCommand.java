package dev.lease.cli;

import dev.lease.examples.shared.Durations;
import dev.lease.examples.shared.Table;
import dev.lease.worker.WorkerReport;
import dev.lease.worker.WorkerReports;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** Lists the workers that report themselves. */
@Command(
    name = "workers",
    description = {
      "Lists the workers, as they last reported themselves.",
      "One that died is gone after 30 seconds; one without a Backend reports nothing."
    })
final class WorkersCommand extends StoreCommand {

  @Override
  boolean run(OpenStore store, Output out) {
    List<WorkerReport> workers = WorkerReports.read(store.backend()).reports();
    Table table =
        new Table(
            "WORKER", "HOST", "VERSION", "SLOTS", "USED", "STUCK", "HEALTH", "LAST CLAIM", "SAID");
    for (WorkerReport worker : workers) {
      if (out.isJson()) {
        out.json(Documents.of(worker));
      } else {
        table.row(
            worker.worker(),
            shown(worker.host()),
            shown(worker.version()),
            worker.slots(),
            worker.active(),
            worker.stuck(),
            shown(worker.status()),
            lastClaim(worker),
            Durations.shown(worker.age()) + " ago");
      }
    }
    if (!out.isJson()) {
      out.table(table);
    }
    workers.forEach(
        worker -> worker.reasons().forEach(reason -> out.say(worker.worker() + ": " + reason)));
    return !workers.isEmpty();
  }

  /** The last claim of any queue, by now. */
  private static String lastClaim(WorkerReport worker) {
    return worker.queues().stream()
        .map(WorkerReport.Queue::sinceLastClaim)
        .filter(Objects::nonNull)
        .min(Comparator.<Duration>naturalOrder())
        .map(since -> Durations.shown(since.plus(worker.age())) + " ago")
        .orElse("-");
  }

  private static String shown(@Nullable Object part) {
    return part == null ? "-" : part.toString();
  }
}
