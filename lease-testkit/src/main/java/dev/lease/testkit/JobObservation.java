package dev.lease.testkit;

import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.Micros;
import java.time.Duration;
import java.time.Instant;

/**
 * Notes what the record of a job shows. Times are noted as their distance from the time of the
 * answer.
 */
final class JobObservation {

  private JobObservation() {}

  static void look(String code, Job job, StoreTime time, boolean hasOwnKeep, Observation seen) {
    seen.add(code, "%1$s.state()", job.state());
    seen.add(code, "%1$s.attempts()", job.attempts());
    seen.add(code, "%1$s.failures()", job.failures());
    seen.add(code, "%1$s.error()", job.error());
    seen.add(code, "%1$s.result()", job.result());
    seen.add(code, "%1$s.progress()", job.progress());
    seen.add(code, "%1$s.cancelRequested()", job.cancelRequested());
    seen.add(code, "%1$s.type()", job.type());
    seen.add(code, "%1$s.payload()", job.payload());
    seen.add(code, "%1$s.headers()", job.headers());
    seen.add(code, "%1$s.priority()", job.priority());
    seen.add(code, "%1$s.maxCrashes()", job.maxCrashes());
    seen.add(code, "%1$s.maxFailures()", job.maxFailures());
    Instant notAfter = job.notAfter();
    seen.add(code, "%1$s.notAfter() == null", notAfter == null);
    if (notAfter != null) {
      distance(seen, code, "notAfter()", job, notAfter);
    }
    seen.add(code, "%1$s.dedupKey()", job.dedupKey());
    if (hasOwnKeep || !job.state().isFinished()) {
      seen.add(code, "%1$s.keep()", job.keep());
    }
    if (job.key() != null) {
      seen.add(code, "%1$s.key()", job.key());
      seen.add(code, "%1$s.heldBack()", job.heldBack());
    }
    if (job.graph() != null) {
      seen.add(code, "%1$s.graph()", job.graph());
      seen.add(code, "%1$s.part()", job.part());
      seen.add(code, "%1$s.waitsForParts()", job.waitsForParts());
    }
    // A store may show when a job was admitted, when it starts, or when it was let go [Q65, Q73].
    if (!job.state().isFinished() && job.key() == null && job.graph() == null) {
      distance(seen, code, "dueAt()", job, roundedUp(job.dueAt(), time.unit()));
    }
    if (time.isFrozen()) {
      distance(seen, code, "createdAt()", job, job.createdAt());
    }
    Instant finishedAt = job.finishedAt();
    seen.add(code, "%1$s.finishedAt() == null", finishedAt == null);
    if (finishedAt != null) {
      distance(seen, code, "finishedAt()", job, finishedAt);
    }
    JobLease lease = job.lease();
    seen.add(code, "%1$s.lease() == null", lease == null);
    if (lease != null) {
      seen.add(code, "%1$s.lease().owner()", lease.owner());
      seen.add(code, "%1$s.lease().token() == %1$s.token()", lease.token() == job.token());
      distance(seen, code, "lease().expiresAt()", job, lease.expiresAt());
    }
  }

  /** A requeue over a span may end between two units of the store's clock. */
  private static Instant roundedUp(Instant instant, Duration unit) {
    long over = Micros.of(instant) * 1_000 % unit.toNanos();
    return over == 0 ? instant : instant.plusNanos(unit.toNanos() - over);
  }

  private static void distance(
      Observation seen, String code, String what, Job job, Instant instant) {
    seen.add(
        code,
        "Duration.between(%1$s.asOf(), %1$s." + what + ")",
        Duration.between(job.asOf(), instant));
  }
}
