package dev.lease.cli;

import dev.lease.FailedAttempt;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.OperatorAction;
import dev.lease.StepValue;
import dev.lease.examples.shared.Durations;
import dev.lease.examples.shared.Texts;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A job in words. The store's clock decides all ages. */
final class JobText {

  private static final int LABEL = 12;
  private static final int VALUE = 80;

  private JobText() {}

  static String attempts(Job job) {
    return job.attempts() + (job.failures() == 0 ? "" : " (" + job.failures() + " failed)");
  }

  private static String limits(Job job) {
    Integer failures = job.maxFailures();
    return most(job.maxCrashes(), "crashes")
        + ", "
        + (failures == null ? "failures as its worker says" : most(failures, "failures"));
  }

  private static String most(int number, String what) {
    return number == Integer.MAX_VALUE ? "any number of " + what : "at most " + number + " " + what;
  }

  static String age(Job job) {
    return Durations.shown(Duration.between(job.createdAt(), job.asOf()));
  }

  /** What is up with it, by its state: when it is due, who holds it, or when it finished. */
  static String situation(Job job) {
    if (job.state().isFinished()) {
      return "finished " + ago(job, job.finishedAt());
    }
    if (job.state() == JobState.PROCESSING) {
      return held(job);
    }
    Duration left = Duration.between(job.asOf(), job.dueAt());
    if (job.waitsForParts()) {
      return "waits for other parts";
    }
    if (job.heldBack()) {
      return "held back, due for " + Durations.shown(left.abs());
    }
    return left.isNegative() || left.isZero()
        ? "due for " + Durations.shown(left.abs())
        : "due in " + Durations.shown(left);
  }

  private static @Nullable String key(Job job) {
    String key = job.key();
    if (key == null || job.state().isFinished() || job.waitsForParts()) {
      return key;
    }
    if (job.heldBack()) {
      return key + ", held back: it waits for a slot of its key or of its queue";
    }
    boolean isDue = job.state() == JobState.PROCESSING || !job.dueAt().isAfter(job.asOf());
    return key + (isDue ? ", admitted: it has a slot" : ", not due");
  }

  private static String held(Job job) {
    JobLease lease = job.lease();
    if (lease == null) {
      return "held";
    }
    return isExpired(job)
        ? "lease of " + lease.owner() + " expired"
        : lease.owner()
            + ", "
            + Durations.shown(Duration.between(job.asOf(), lease.expiresAt()))
            + " left";
  }

  /** Whether nobody may work on it any more, though it seems to run. */
  static boolean isExpired(Job job) {
    JobLease lease = job.lease();
    return lease != null && !lease.expiresAt().isAfter(job.asOf());
  }

  /** All that is known of a job, line by line; the values of steps are cut. */
  static List<String> whole(
      Job job, List<StepValue> steps, List<FailedAttempt> failures, List<OperatorAction> actions) {
    List<String> lines = new ArrayList<>();
    add(lines, "Job", job.id());
    add(lines, "Queue", job.queue());
    add(lines, "Type", job.type());
    add(
        lines,
        "State",
        job.state()
            + ", attempts "
            + attempts(job)
            + (job.cancelRequested() ? ", to be cancelled" : ""));
    add(lines, "Limits", limits(job));
    add(lines, "Priority", Integer.toString(job.priority()));
    add(lines, "Enqueued", time(job, job.createdAt()));
    if (!job.state().isFinished()) {
      add(lines, "Due", time(job, job.dueAt()));
    }
    if (job.finishedAt() != null) {
      add(lines, "Finished", time(job, job.finishedAt()));
    }
    JobLease lease = job.lease();
    if (lease != null) {
      add(lines, "Lease", held(job) + ", token " + lease.token() + ", until " + lease.expiresAt());
    }
    if (job.notAfter() != null) {
      add(lines, "Not after", time(job, job.notAfter()));
    }
    add(lines, "Key", key(job));
    if (job.graph() != null) {
      String waits = job.waitsForParts() ? ", waits for other parts" : "";
      add(lines, "Graph", job.graph() + ", part " + job.part() + waits);
    }
    add(lines, "Dedup key", job.dedupKey());
    if (job.dedupUntil() != null) {
      add(lines, "Key taken", "until " + time(job, job.dedupUntil()));
    }
    add(
        lines,
        "Kept",
        job.keep() == null ? null : Durations.shown(job.keep()) + " after it finished");
    if (job.progress() != null) {
      add(lines, "Progress", job.progress().percent() + " % " + job.progress().message());
    }
    new TreeMap<>(job.headers())
        .forEach((key, value) -> addLines(lines, "Header", Limits.oneLine(key) + ": " + value));
    addLines(lines, "Payload", job.payload());
    addLines(lines, "Result", job.result());
    for (StepValue step : steps) {
      String kept = step.keptAt() == null ? "" : ", " + time(job, step.keptAt());
      add(lines, "Step", step.name() + kept);
      add(lines, "", Texts.cut(step.value(), VALUE));
    }
    for (FailedAttempt failure : failures) {
      add(
          lines,
          "Failed",
          "attempt "
              + failure.attempt()
              + " of "
              + failure.owner()
              + lasted(failure)
              + ", "
              + time(job, failure.at()));
      addLines(lines, "", failure.error());
    }
    if (failures.isEmpty() || !failures.get(failures.size() - 1).error().equals(job.error())) {
      addLines(lines, "Error", job.error());
    }
    for (OperatorAction action : actions) {
      add(
          lines,
          "Operator",
          action.kind() + " by " + action.operator() + ", " + time(job, action.at()));
      add(lines, "", action.what());
    }
    return lines;
  }

  private static String lasted(FailedAttempt failure) {
    // Later than the end, if the store's clock was set back.
    return failure.claimedAt() == null || !failure.claimedAt().isBefore(failure.at())
        ? ""
        : " after " + Durations.shown(Duration.between(failure.claimedAt(), failure.at()));
  }

  /** Adds one line behind a label, whatever names are in it; nothing if there is none. */
  private static void add(List<String> lines, String label, @Nullable String text) {
    addLines(lines, label, text == null ? null : Limits.oneLine(text));
  }

  /** Adds a text of one or more lines behind a label; nothing if there is none. */
  private static void addLines(List<String> lines, String label, @Nullable String text) {
    String before = label;
    for (String line : text == null ? List.<String>of() : Texts.lines(text)) {
      lines.add((before + " ".repeat(LABEL - before.length()) + line).stripTrailing());
      before = "";
    }
  }

  private static String time(Job job, Instant instant) {
    return seconds(instant) + " (" + ago(job, instant) + ")";
  }

  static String seconds(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static String ago(Job job, @Nullable Instant instant) {
    Duration past = Duration.between(instant == null ? job.asOf() : instant, job.asOf());
    return past.isNegative()
        ? "in " + Durations.shown(past.negated())
        : Durations.shown(past) + " ago";
  }
}
