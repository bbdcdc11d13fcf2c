package dev.lease.testkit;

import dev.lease.Job;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobPiece;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.OperatorAction.Kind;
import dev.lease.Requeueing;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of an operator whose acts are recorded [Q88]. Each runs the plain call and records what
 * it changed, as one atomic operation.
 */
class InMemoryRecordingAdmin extends InMemoryJobAdmin {

  private final Operator operator;

  /** The piece that is being worked on, if there is one. Guarded by the data. */
  private @Nullable Piece piece;

  InMemoryRecordingAdmin(InMemorySession session, Operator operator) {
    super(session);
    this.operator = operator;
  }

  /**
   * A piece of an act on many jobs.
   *
   * @param what which jobs
   * @param places the place of its record, by queue
   */
  private record Piece(String what, Map<String, Long> places) {}

  /** Records that an act changed one job, or one queue. */
  private void record(Kind kind, String queue, @Nullable String id, String what) {
    record(kind, queue, id, 1, what);
  }

  void record(Kind kind, String queue, @Nullable String id, int changed, String what) {
    session.run(
        (data, now) -> {
          OperatorAction.Builder action =
              OperatorAction.builder(now, operator, kind, queue).id(id).changed(changed).what(what);
          if (piece == null) {
            return data.actions.put(data.nextPlaceOfAction(), action.build());
          }
          Long place = piece.places.get(queue);
          OperatorAction before = place == null ? null : data.actions.get(place);
          if (place == null || before == null) {
            place = data.nextPlaceOfAction();
            piece.places.put(queue, place);
            return data.actions.put(place, action.id(null).what(piece.what).build());
          }
          return data.actions.put(
              place,
              OperatorAction.builder(before.at(), operator, kind, queue)
                  .changed(before.changed() + changed)
                  .what(piece.what)
                  .build());
        });
  }

  @Override
  public Cancellation cancel(String queue, String id) {
    return session.run(
        (data, now) -> {
          boolean wasRequested =
              data.job(queue, id).filter(job -> job.asOf(now).cancelRequested()).isPresent();
          Cancellation answer = super.cancel(queue, id);
          if (answer == Cancellation.CANCELLED
              || (answer == Cancellation.REQUESTED && !wasRequested)) {
            record(Kind.CANCEL, queue, id, "");
          }
          return answer;
        });
  }

  @Override
  public Requeue requeue(String queue, String id, Requeueing how) {
    return session.run(
        (data, now) -> {
          Requeue answer = super.requeue(queue, id, how);
          if (answer == Requeue.REQUEUED) {
            record(Kind.REQUEUE, queue, id, how.toString());
          }
          return answer;
        });
  }

  @Override
  public Change change(String queue, String id, JobChange change) {
    return session.run(
        (data, now) -> {
          Optional<Job> before = data.job(queue, id).map(job -> job.asOf(now));
          Change answer = super.change(queue, id, change);
          if (answer == Change.CHANGED) {
            Job after = data.job(queue, id).orElseThrow().asOf(now);
            String what = JobChange.difference(before.orElseThrow(), after);
            if (!what.isEmpty()) {
              record(Kind.CHANGE, queue, id, what);
            }
          }
          return answer;
        });
  }

  @Override
  public boolean delete(String queue, String id) {
    return session.run(
        (data, now) -> {
          boolean deleted = super.delete(queue, id);
          if (deleted) {
            record(Kind.DELETE, queue, id, "");
          }
          return deleted;
        });
  }

  @Override
  public JobPiece cancel(JobFilter filter, @Nullable String after, int limit) {
    return inPiece(filter.toString(), () -> super.cancel(filter, after, limit));
  }

  @Override
  public JobPiece requeue(JobFilter filter, Requeueing how, @Nullable String after, int limit) {
    return inPiece(filter + ", " + how, () -> super.requeue(filter, how, after, limit));
  }

  @Override
  public JobPiece delete(JobFilter filter, @Nullable String after, int limit) {
    return inPiece(filter.toString(), () -> super.delete(filter, after, limit));
  }

  private JobPiece inPiece(String what, Supplier<JobPiece> work) {
    return session.run(
        (data, now) -> {
          piece = new Piece(what, new HashMap<>());
          try {
            return work.get();
          } finally {
            piece = null;
          }
        });
  }

  @Override
  public void pause(String queue) {
    session.run(
        (data, now) -> {
          boolean wasPaused = data.pausedQueues.contains(queue);
          super.pause(queue);
          if (!wasPaused) {
            record(Kind.PAUSE, queue, null, "");
          }
          return wasPaused;
        });
  }

  @Override
  public void resume(String queue) {
    session.run(
        (data, now) -> {
          boolean wasPaused = data.pausedQueues.contains(queue);
          super.resume(queue);
          if (wasPaused) {
            record(Kind.RESUME, queue, null, "");
          }
          return wasPaused;
        });
  }

  @Override
  public int purge(String queue, Duration olderThan, int limit) {
    return session.run(
        (data, now) -> {
          int purged = super.purge(queue, olderThan, limit);
          if (purged > 0) {
            record(Kind.PURGE, queue, null, purged, "older than " + olderThan);
          }
          return purged;
        });
  }
}
