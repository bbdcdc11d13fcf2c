package dev.lease.testkit;

import static dev.lease.testkit.BrokenStore.admin;
import static dev.lease.testkit.BrokenStore.job;

import dev.lease.JobChange;
import dev.lease.JobState;
import dev.lease.NewJob;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stores that change some fields of a waiting job, but not all sets of them, or not in time. */
final class BrokenFields {

  /** Changes a job otherwise than it should. */
  private interface Changer {
    void change(ChangedJob job, JobChange change, Instant now);
  }

  static final List<BrokenStore> ALL =
      List.of(
          changing(
                  "a change of the due time and the payload sets only the due time",
                  (job, change, now) ->
                      job.changeRightly(
                          change.due() != null && change.payload() != null
                              ? copy(change).payload(job.input.payload()).build()
                              : change,
                          now))
              .alsoFails("Q88"),
          changing(
                  "a change of three numbers leaves the priority",
                  (job, change, now) ->
                      job.changeRightly(
                          change.priority() != null
                                  && change.crashesLeft() != null
                                  && change.failuresLeft() != null
                              ? copy(change).priority(job.input.priority()).build()
                              : change,
                          now))
              .alsoFails("Q88"),
          changing(
              "a due time before the enqueue becomes the time of the enqueue",
              (job, change, now) -> {
                job.changeRightly(change, now);
                if (change.due() != null && job.dueAt.isBefore(job.createdAt)) {
                  job.dueAt = job.createdAt;
                }
              }),
          changing(
              "a payload of more than 64 KiB is not changed",
              (job, change, now) ->
                  job.changeRightly(
                      change.payload() != null && change.payload().length() > 30_000
                          ? copy(change).payload(job.input.payload()).build()
                          : change,
                      now)),
          changing(
              "a change of the deadline of a job that was tried before leaves its due time",
              (job, change, now) -> {
                Instant due = job.dueAt;
                job.changeRightly(change, now);
                if (change.notAfter() != null && job.state() == JobState.RETRY) {
                  job.dueAt = due;
                }
              }),
          changing(
              "a change of the due time takes the deadline away",
              (job, change, now) -> {
                job.changeRightly(change, now);
                if (change.due() != null && change.notAfter() == null) {
                  job.notAfter = null;
                }
              }),
          job(
              "Q56",
              "maxBytes counts the payload with which the job was enqueued",
              (input, place, now) ->
                  new InMemoryJob(input, place, now) {
                    private final int enqueued = super.payloadBytes();

                    @Override
                    int payloadBytes() {
                      return enqueued;
                    }
                  }),
          admin(
              "Q56",
              "a change of a failed job is refused, and made once the job is requeued",
              session ->
                  new InMemoryJobAdmin(session) {
                    private final Map<InMemoryJob, JobChange> refused = new HashMap<>();

                    @Override
                    Change change(
                        InMemoryData data, Instant now, InMemoryJob job, JobChange change) {
                      Change answer = super.change(data, now, job, change);
                      if (answer == Change.FINISHED) {
                        refused.put(job, change);
                      }
                      return answer;
                    }

                    @Override
                    Requeue requeue(InMemoryData data, Instant now, Instant due, InMemoryJob job) {
                      Requeue answer = super.requeue(data, now, due, job);
                      JobChange change = refused.remove(job);
                      if (change != null) {
                        job.change(change, now);
                      }
                      return answer;
                    }
                  }));

  private BrokenFields() {}

  private static BrokenStore changing(String how, Changer changer) {
    return job("Q56", how, (input, place, now) -> new ChangedJob(input, place, now, changer));
  }

  private static JobChange.Builder copy(JobChange change) {
    var copy = JobChange.builder();
    if (change.due() != null) {
      copy.due(change.due());
    }
    if (change.priority() != null) {
      copy.priority(change.priority());
    }
    if (change.crashesLeft() != null) {
      copy.crashesLeft(change.crashesLeft());
    }
    if (change.failuresLeft() != null) {
      copy.failuresLeft(change.failuresLeft());
    }
    if (change.notAfter() != null) {
      copy.notAfter(change.notAfter());
    }
    return change.payload() == null ? copy : copy.payload(change.payload());
  }

  private static final class ChangedJob extends InMemoryJob {
    private final Changer changer;

    ChangedJob(NewJob input, long place, Instant now, Changer changer) {
      super(input, place, now);
      this.changer = changer;
    }

    @Override
    void change(JobChange change, Instant now) {
      changer.change(this, change, now);
    }

    void changeRightly(JobChange change, Instant now) {
      super.change(change, now);
    }
  }
}
