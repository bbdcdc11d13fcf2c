package dev.lease.console.pages;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.worker.Schedules;
import java.util.List;

/**
 * One job.
 *
 * @param job the job
 * @param entries its line of time, the oldest first
 * @param open whether payloads are shown
 * @param cut whether values of steps are cut or left out, and can be asked for
 * @param audited whether the store records acts
 */
public record JobView(Job job, List<Entry> entries, boolean open, boolean cut, boolean audited) {

  /** {@return whether there is an error that no entry tells} */
  public boolean isErrorOpen() {
    return job.error() != null
        && entries.stream().noneMatch(entry -> job.error().equals(entry.text()));
  }

  /** {@return whether it keeps a schedule, on which other acts work} */
  public boolean isSchedule() {
    return job.type().equals(Schedules.JOB_TYPE);
  }

  /** {@return whether it can be retried} */
  public boolean canRetry() {
    return job.state() == JobState.FAILED || job.state() == JobState.CANCELLED;
  }

  /** {@return whether it waits, and can be made due} */
  public boolean canRunNow() {
    return job.state() == JobState.PENDING || job.state() == JobState.RETRY;
  }

  /** {@return whether it can be cancelled} */
  public boolean canCancel() {
    return !job.state().isFinished();
  }
}
