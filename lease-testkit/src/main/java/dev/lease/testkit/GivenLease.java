package dev.lease.testkit;

import dev.lease.JobLease;
import java.util.List;
import java.util.stream.Stream;

/**
 * A job's lease in a random sequence: the job's first grant, second grant and so on, as it was
 * granted or forged.
 *
 * @param job the job
 * @param grant which grant of that job, from 0
 * @param forgery how the lease is forged
 */
record GivenLease(JobKey job, int grant, Forgery forgery) {

  private static final long FAR = 1L << 40;

  /** Ways to make a lease that nobody was granted. */
  enum Forgery {
    NONE,
    LARGER_TOKEN,
    ZERO_TOKEN,
    NEGATIVE_TOKEN,
    OTHER_JOB,
    OTHER_QUEUE;

    JobLease of(JobLease lease) {
      return switch (this) {
        case NONE -> lease;
        case LARGER_TOKEN -> with(lease, lease.queue(), lease.jobId(), lease.token() + FAR);
        case ZERO_TOKEN -> with(lease, lease.queue(), lease.jobId(), 0);
        case NEGATIVE_TOKEN -> with(lease, lease.queue(), lease.jobId(), -lease.token());
        case OTHER_JOB -> with(lease, lease.queue(), "unknown", lease.token());
        case OTHER_QUEUE -> with(lease, "unknown", lease.jobId(), lease.token());
      };
    }

    private static JobLease with(JobLease lease, String queue, String id, long token) {
      return JobLease.of(queue, id, lease.owner(), token, lease.expiresAt())
          .withPlace(lease.place());
    }

    /** The source text that makes the forged lease from a variable. */
    String code(String lease) {
      String queue = this == OTHER_QUEUE ? "\"unknown\"" : lease + ".queue()";
      String id = this == OTHER_JOB ? "\"unknown\"" : lease + ".jobId()";
      String token =
          switch (this) {
            case LARGER_TOKEN -> lease + ".token() + " + FAR + "L";
            case ZERO_TOKEN -> "0";
            case NEGATIVE_TOKEN -> "-" + lease + ".token()";
            case NONE, OTHER_JOB, OTHER_QUEUE -> lease + ".token()";
          };
      return "JobLease.of(%s, %s, %s.owner(), %s, %s.expiresAt()).withPlace(%s.place())"
          .formatted(queue, id, lease, token, lease, lease);
    }
  }

  List<GivenLease> simpler() {
    return Stream.of(
            new GivenLease(job, grant, Forgery.NONE), new GivenLease(job, grant / 2, forgery))
        .filter(simple -> !simple.equals(this))
        .toList();
  }
}
