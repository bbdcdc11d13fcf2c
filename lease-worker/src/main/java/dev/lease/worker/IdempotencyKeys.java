package dev.lease.worker;

import dev.lease.JobLease;
import dev.lease.Limits;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes idempotency keys. Their form must never change: with another form, the effects of all
 * unfinished jobs would be made again. For the same reason nothing in them says from which store
 * they are: a job keeps its keys when its store is restored or copied.
 */
final class IdempotencyKeys {

  private static final Logger log = LoggerFactory.getLogger(IdempotencyKeys.class);

  private final String prefix;
  private final AtomicBoolean isPrefixKnown;

  /**
   * @param isPrefixChosen whether the user has set the prefix
   */
  IdempotencyKeys(String prefix, boolean isPrefixChosen) {
    this.prefix = prefix;
    this.isPrefixKnown = new AtomicBoolean(isPrefixChosen);
  }

  String of(JobLease job) {
    warnOnce(job);
    return of(prefix, job.queue(), job.jobId());
  }

  String of(JobLease job, String step) {
    warnOnce(job);
    return of(prefix, job.queue(), job.jobId(), step);
  }

  private void warnOnce(JobLease job) {
    if (!isPrefixKnown.get()
        && !JobIds.isUnique(job.jobId())
        && isPrefixKnown.compareAndSet(false, true)) {
      log.warn(
          "Job {} of queue {} has an id that may be in another store too. The outside service takes"
              + " the same idempotency key for the same effect, and makes it once for both jobs. Set"
              + " idempotencyKeyPrefix in WorkerConfig, to a text for each store; \"{}\" is right for"
              + " one, and keeps the keys of unfinished jobs. This is said once",
          Limits.oneLine(job.jobId()),
          Limits.oneLine(job.queue()),
          Limits.oneLine(prefix));
    }
  }

  /** Joins the parts by colons. Each part is encoded and so has no colon: no two keys are equal. */
  static String of(String prefix, String... parts) {
    var key = new StringBuilder(prefix);
    for (int i = 0; i < parts.length; i++) {
      key.append(i == 0 ? "" : ":").append(URLEncoder.encode(parts[i], StandardCharsets.UTF_8));
    }
    return key.toString();
  }
}
