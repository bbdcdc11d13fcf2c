package dev.lease.worker;

import dev.lease.JobQueue;
import dev.lease.Progress;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes progress about once a second, since each write costs the store a new version of a row. Has
 * a lane of its own, so that the extender never waits for it.
 */
final class ProgressWriter {

  private static final Logger log = LoggerFactory.getLogger(ProgressWriter.class);
  private static final long INTERVAL = Duration.ofSeconds(1).toNanos();

  private final JobQueue jobs;
  private final HeldJobs held;
  private final LeaseLoss losses;

  ProgressWriter(JobQueue jobs, HeldJobs held, LeaseLoss losses) {
    this.jobs = jobs;
    this.held = held;
    this.losses = losses;
  }

  long round() {
    held.forEach(this::flush);
    return INTERVAL;
  }

  /** Writes the last progress of a job unless it is written. A failure must not fail the job. */
  void flush(HeldJob job) {
    try {
      job.progress().write(progress -> write(job, progress));
    } catch (RuntimeException e) {
      log.debug("The progress of job {} could not be written", job, e);
    }
  }

  private void write(HeldJob job, Progress progress) {
    // Nothing is sent after the local deadline [W02].
    if (!job.isLost()
        && !job.isDoubtful()
        && !job.isSettled()
        && !jobs.progress(job.lease(), progress)) {
      losses.refused(job, "its progress");
    }
  }
}
