package dev.lease.console;

import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.OperatorAction;
import dev.lease.StepValue;
import dev.lease.console.pages.Entry;
import dev.lease.console.pages.Words;
import dev.lease.examples.shared.Texts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** All that a store knows of a job's past, in one line of time. */
final class Timeline {

  private static final int VALUE_CHARS = 10_000;

  private final List<Entry> entries = new ArrayList<>();
  private final Curtain curtain;
  private final boolean values;

  private Timeline(Curtain curtain, boolean values) {
    this.curtain = curtain;
    this.values = values;
  }

  /**
   * The entries, the oldest first; what has no time comes where the store had it.
   *
   * @param values whether the values of the steps are shown
   */
  static List<Entry> of(
      Job job,
      List<FailedAttempt> failed,
      List<StepValue> steps,
      List<OperatorAction> actions,
      Curtain curtain,
      boolean values) {
    Timeline line = new Timeline(curtain, values);
    line.add(job.createdAt(), "enqueued", "Enqueued, due " + Words.time(job.dueAt()), null);
    failed.forEach(line::add);
    steps.forEach(line::add);
    actions.forEach(line::add);
    line.addLease(job);
    if (job.finishedAt() != null) {
      line.add(job.finishedAt(), "finished", "Finished as " + job.state(), null);
    }
    line.entries.sort(
        Comparator.comparing(Entry::at, Comparator.nullsLast(Comparator.naturalOrder())));
    return line.entries;
  }

  private void add(FailedAttempt attempt) {
    Instant claimedAt = attempt.claimedAt();
    // It is later than the end, if the store's clock was set back.
    String lasted =
        claimedAt == null || claimedAt.isAfter(attempt.at())
            ? ""
            : " after " + Limits.shown(Duration.between(claimedAt, attempt.at()));
    add(
        attempt.at(),
        "failed",
        "Attempt %d of %s failed%s, token %d"
            .formatted(attempt.attempt(), Words.name(attempt.owner()), lasted, attempt.token()),
        curtain.error(attempt));
  }

  private void add(StepValue step) {
    add(
        step.keptAt(),
        "step",
        "Step " + Words.name(step.name()) + " was kept",
        values ? Texts.cut(curtain.value(step.value()), VALUE_CHARS) : null);
  }

  private void add(OperatorAction action) {
    add(
        action.at(),
        "operator",
        action.kind() + " by " + Words.name(action.operator().toString()),
        action.what().isEmpty() ? null : action.what());
  }

  private void addLease(Job job) {
    JobLease lease = job.lease();
    if (lease != null) {
      add(
          job.claimedAt(),
          "held",
          "Claimed by %s, token %d; the lease ends %s"
              .formatted(Words.name(lease.owner()), lease.token(), Words.time(lease.expiresAt())),
          null);
    }
  }

  private void add(@Nullable Instant at, String kind, String words, @Nullable String text) {
    entries.add(new Entry(at, kind, words, text));
  }
}
