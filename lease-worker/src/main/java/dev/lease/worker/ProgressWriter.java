package dev.lease.worker;

import dev.lease.JobQueue;
import dev.lease.Progress;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes progress about once a second, apart from the extender: that must not wait for it [J16].
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

  long step() {
    held.forEach(this::flush);
    return INTERVAL;
  }

  /** Writes the last progress of a job, if it is unwritten. Progress is worth no failure. */
  void flush(HeldJob job) {
    try {
      job.progress().write(progress -> write(job, progress));
    } catch (RuntimeException e) {
      log.debug("The progress of {} was not written", job, e);
    }
  }

  private void write(HeldJob job, Progress progress) {
    // Nothing is sent after the local deadline [W02].
    if (!job.isLost()
        && !job.isDoubtful()
        && !job.isSettled()
        && !jobs.progress(job.lease(), progress)) {
      losses.refused(job, "it refused its progress");
    }
  }
}
