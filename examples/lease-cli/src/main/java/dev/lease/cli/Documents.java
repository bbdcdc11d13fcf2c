package dev.lease.cli;

import dev.lease.FailedAttempt;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Lease;
import dev.lease.OperatorAction;
import dev.lease.PartState;
import dev.lease.QueueCounts;
import dev.lease.StepValue;
import dev.lease.worker.Schedules;
import dev.lease.worker.WorkerReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The documents of {@code --json}. What a job does not have is null, so each has all fields. */
final class Documents {

  private Documents() {}

  static Map<String, @Nullable Object> of(QueueCounts counts) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("queue", counts.queue());
    document.put("paused", counts.paused());
    for (JobState state : JobState.values()) {
      document.put(state.name().toLowerCase(Locale.ROOT), counts.count(state));
    }
    document.put("expired", counts.expired());
    document.put("heldBack", counts.heldBack());
    document.put("waitingForParts", counts.waitingForParts());
    document.put("oldestDue", text(counts.oldestDue()));
    document.put("asOf", text(counts.asOf()));
    return document;
  }

  static Map<String, @Nullable Object> of(Job job) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("queue", job.queue());
    document.put("id", job.id());
    document.put("type", job.type());
    document.put("state", job.state().name());
    document.put("attempts", job.attempts());
    document.put("failures", job.failures());
    document.put("maxCrashes", job.maxCrashes());
    document.put("maxFailures", job.maxFailures());
    document.put("priority", job.priority());
    document.put("key", job.key());
    document.put("heldBack", job.heldBack());
    document.put("graph", job.graph());
    document.put("part", job.part());
    document.put("waitsForParts", job.waitsForParts());
    document.put("createdAt", text(job.createdAt()));
    document.put("dueAt", text(job.dueAt()));
    document.put("notAfter", text(job.notAfter()));
    document.put("claimedAt", text(job.claimedAt()));
    document.put("finishedAt", text(job.finishedAt()));
    JobLease lease = job.lease();
    document.put("owner", lease == null ? null : lease.owner());
    document.put("expiresAt", lease == null ? null : text(lease.expiresAt()));
    document.put("token", job.token());
    document.put("cancelRequested", job.cancelRequested());
    document.put("dedupKey", job.dedupKey());
    document.put("dedupUntil", text(job.dedupUntil()));
    document.put("keep", text(job.keep()));
    document.put("progress", job.progress() == null ? null : job.progress().percent());
    document.put("progressMessage", job.progress() == null ? null : job.progress().message());
    document.put("headers", job.headers());
    document.put("payload", job.payload());
    document.put("result", job.result());
    document.put("error", job.error());
    document.put("asOf", text(job.asOf()));
    return document;
  }

  static Map<String, @Nullable Object> of(
      Job job, List<StepValue> steps, List<FailedAttempt> failures, List<OperatorAction> actions) {
    Map<String, @Nullable Object> document = of(job);
    document.put("steps", steps.stream().map(Documents::of).toList());
    document.put("actions", actions.stream().map(Documents::of).toList());
    document.put("failedAttempts", failures.stream().map(Documents::of).toList());
    return document;
  }

  static Map<String, @Nullable Object> of(OperatorAction action) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("at", action.at().toString());
    document.put("by", action.operator().name());
    document.put("reason", action.operator().reason());
    document.put("kind", action.kind().name());
    document.put("queue", action.queue());
    document.put("id", action.id());
    document.put("changed", action.changed());
    document.put("what", action.what());
    return document;
  }

  private static Map<String, @Nullable Object> of(StepValue step) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("step", step.name());
    document.put("keptAt", text(step.keptAt()));
    document.put("value", step.value());
    return document;
  }

  private static Map<String, @Nullable Object> of(FailedAttempt failure) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("attempt", failure.attempt());
    document.put("owner", failure.owner());
    document.put("token", failure.token());
    document.put("claimedAt", text(failure.claimedAt()));
    document.put("at", failure.at().toString());
    document.put("error", failure.error());
    return document;
  }

  static Map<String, @Nullable Object> of(Schedules.Listed schedule) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("queue", schedule.queue());
    document.put("schedule", schedule.name());
    document.put("type", schedule.type());
    document.put("times", schedule.times());
    document.put("version", schedule.version());
    document.put("paused", schedule.paused());
    document.put("lastFiring", text(schedule.lastFiring()));
    document.put("nextFiring", text(schedule.nextFiring()));
    document.put("asOf", schedule.asOf().toString());
    return document;
  }

  /** What holds for all keys of a queue. */
  static Map<String, @Nullable Object> of(String queue, KeyPage page) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("queue", queue);
    document.put("limit", of(page.limit()));
    document.put("queueSlots", page.queueSlots());
    return document;
  }

  static Map<String, @Nullable Object> of(KeyState key) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("key", key.key());
    document.put("limit", of(key.limit()));
    document.put("admitted", key.admitted());
    document.put("held", key.held());
    document.put("heldBack", key.heldBack());
    document.put("nextStart", text(key.nextStart()));
    return document;
  }

  private static @Nullable Map<String, @Nullable Object> of(@Nullable KeyLimit limit) {
    if (limit == null) {
      return null;
    }
    KeyLimit.Rate rate = limit.rate();
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("slots", limit.slots());
    document.put("inOrder", limit.isInOrder());
    document.put("starts", rate == null ? null : rate.starts());
    document.put("period", rate == null ? null : rate.period().toString());
    document.put("burst", rate == null ? null : rate.burst());
    return document;
  }

  static Map<String, @Nullable Object> of(GraphState graph) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("queue", graph.queue());
    document.put("id", graph.id());
    document.put("complete", graph.complete());
    document.put("parts", graph.parts());
    document.put("jobs", graph.jobs());
    document.put("done", graph.done());
    document.put("failed", graph.failed());
    document.put("cancelled", graph.cancelled());
    document.put("left", graph.left());
    document.put("createdAt", graph.createdAt().toString());
    document.put("asOf", graph.asOf().toString());
    return document;
  }

  static Map<String, @Nullable Object> of(PartState part) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("part", part.part().name());
    document.put("stage", part.stage().name());
    document.put("jobs", part.jobs());
    document.put("done", part.done());
    document.put("failed", part.failed());
    document.put("cancelled", part.cancelled());
    document.put("left", part.left());
    document.put("after", part.part().after());
    return document;
  }

  static Map<String, @Nullable Object> of(Lease lease) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("name", lease.name());
    document.put("owner", lease.owner());
    document.put("token", lease.token());
    document.put("expiresAt", lease.expiresAt().toString());
    document.put("note", lease.note());
    document.put("asOf", lease.asOf().toString());
    return document;
  }

  static Map<String, @Nullable Object> of(WorkerReport worker) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("worker", worker.worker());
    document.put("host", worker.host());
    document.put("pid", worker.pid());
    document.put("version", worker.version());
    document.put("startedAt", text(worker.startedAt()));
    document.put("reportedAt", worker.reportedAt().toString());
    document.put("status", text(worker.status()));
    document.put("reasons", worker.reasons());
    document.put("slots", worker.slots());
    document.put("allQueues", worker.allQueues());
    document.put("active", worker.active());
    document.put("waiting", worker.waiting());
    document.put("stuck", worker.stuck());
    document.put("queues", worker.queues().stream().map(Documents::of).toList());
    return document;
  }

  private static Map<String, @Nullable Object> of(WorkerReport.Queue queue) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("queue", queue.name());
    document.put("slots", queue.slots());
    document.put("active", queue.active());
    document.put("waiting", queue.waiting());
    document.put("stuck", queue.stuck());
    document.put("sinceLastClaim", text(queue.sinceLastClaim()));
    document.put("minutes", queue.minutes().stream().map(Documents::of).toList());
    return document;
  }

  private static Map<String, @Nullable Object> of(WorkerReport.Minute minute) {
    Map<String, @Nullable Object> document = new LinkedHashMap<>();
    document.put("start", minute.start().toString());
    document.put("done", minute.done());
    document.put("failed", minute.failed());
    document.put("retried", minute.retried());
    document.put("cancelled", minute.cancelled());
    document.put("medianWait", text(minute.medianWait()));
    return document;
  }

  private static @Nullable String text(@Nullable Object value) {
    return value == null ? null : value.toString();
  }
}
