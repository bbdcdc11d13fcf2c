package dev.lease.testkit;

import dev.lease.NewJob;
import java.util.Map;

/** Takes headers from a job, which its builder does not. */
final class Headers {

  private Headers() {}

  /** The same job with these headers alone. */
  static NewJob only(Map<String, String> headers, NewJob job) {
    return NewJob.builder(job.queue(), job.id(), job.type(), job.payload())
        .priority(job.priority())
        .due(job.due())
        .notAfter(job.notAfter())
        .maxCrashes(job.maxCrashes())
        .maxFailures(job.maxFailures())
        .dedupKey(job.dedupKey())
        .dedupFor(job.dedupFor())
        .headers(headers)
        .keep(job.keep())
        .build();
  }
}
