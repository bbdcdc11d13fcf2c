package dev.lease.cli;

import dev.lease.JobState;
import dev.lease.QueueCounts;
import dev.lease.examples.shared.Durations;
import dev.lease.examples.shared.Table;
import java.time.Duration;
import picocli.CommandLine.Command;

/** Counts the jobs of each queue. */
@Command(
    name = "queues",
    description = {
      "Counts the jobs of each queue.",
      "HELD BACK are those of PENDING and RETRY that are due and wait for a slot of their key,",
      "or of their queue.",
      "WAIT FOR PARTS are those that wait for other parts of their graphs.",
      "EXPIRED are those of PROCESSING whose worker is gone; if they stay, nobody claims."
    })
final class QueuesCommand extends StoreCommand {

  @Override
  boolean run(OpenStore store, Output out) {
    Table table =
        new Table(
            "QUEUE",
            "PAUSED",
            "PENDING",
            "RETRY",
            "HELD BACK",
            "WAIT FOR PARTS",
            "PROCESSING",
            "EXPIRED",
            "DONE",
            "FAILED",
            "CANCELLED",
            "OLDEST DUE");
    for (QueueCounts counts : store.admin().counts().queues()) {
      if (out.isJson()) {
        out.json(Documents.of(counts));
      } else {
        table.row(
            counts.queue(),
            counts.paused() ? "paused" : "-",
            counts.count(JobState.PENDING),
            counts.count(JobState.RETRY),
            counts.heldBack(),
            counts.waitingForParts(),
            counts.count(JobState.PROCESSING),
            counts.expired(),
            counts.count(JobState.DONE),
            counts.count(JobState.FAILED),
            counts.count(JobState.CANCELLED),
            oldest(counts));
      }
    }
    if (!out.isJson()) {
      out.table(table);
    }
    return true;
  }

  private static String oldest(QueueCounts counts) {
    return counts.oldestDue() == null
        ? "-"
        : Durations.shown(Duration.between(counts.oldestDue(), counts.asOf())) + " ago";
  }
}
