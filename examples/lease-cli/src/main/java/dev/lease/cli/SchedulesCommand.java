package dev.lease.cli;

import dev.lease.examples.shared.Durations;
import dev.lease.examples.shared.Table;
import dev.lease.worker.Schedules;
import dev.lease.worker.Schedules.Listed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Lists schedules. */
@Command(
    name = "schedules",
    description = {
      "Lists the schedules, but for those that were removed.",
      "NEXT is empty where it depends on when the last job finishes."
    })
final class SchedulesCommand extends StoreCommand {

  @Parameters(paramLabel = "QUEUE", arity = "0..1", description = "only of this queue")
  private @Nullable String queue;

  @Override
  boolean run(OpenStore store, Output out) {
    List<Listed> schedules =
        Schedules.of(store.backend()).list().stream()
            .filter(each -> queue == null || each.queue().equals(queue))
            .toList();
    Table table = new Table("SCHEDULE", "QUEUE", "TYPE", "FIRES", "LAST", "NEXT").texts("FIRES");
    for (Listed each : schedules) {
      if (out.isJson()) {
        out.json(Documents.of(each));
      } else {
        table.row(
            each.name(),
            each.queue(),
            Objects.requireNonNullElse(each.type(), "-"),
            each.times(),
            each.lastFiring() == null ? "-" : JobText.seconds(each.lastFiring()),
            next(each));
      }
    }
    if (!out.isJson()) {
      out.table(table);
    }
    return !schedules.isEmpty();
  }

  private static String next(Listed schedule) {
    Instant next = schedule.nextFiring();
    if (schedule.paused() || next == null) {
      return schedule.paused() ? "paused" : "-";
    }
    Duration left = Duration.between(schedule.asOf(), next);
    return left.isNegative()
        ? "late by " + Durations.shown(left.negated())
        : "in " + Durations.shown(left);
  }
}
