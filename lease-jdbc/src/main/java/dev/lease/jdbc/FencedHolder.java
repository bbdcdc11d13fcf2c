package dev.lease.jdbc;

import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import org.jdbi.v3.core.statement.SqlStatement;

/**
 * A holder of a lease that writes to a fenced resource, with its token.
 *
 * @param queue the queue of the job, or empty for a named lease: no queue has an empty name
 * @param name the id of the job, or the name of the lease
 */
record FencedHolder(String resource, String queue, String name, long token) {

  FencedHolder {
    Limits.name("resource", resource);
  }

  static FencedHolder of(String resource, JobLease lease) {
    return new FencedHolder(resource, lease.queue(), lease.jobId(), lease.token());
  }

  static FencedHolder of(String resource, Lease lease) {
    return new FencedHolder(resource, "", lease.name(), lease.token());
  }

  <T extends SqlStatement<T>> T bound(T statement) {
    return statement
        .bind("resource", resource)
        .bind("queue", queue)
        .bind("name", name)
        .bind("token", token);
  }

  LeaseLostException refused(long seen) {
    String holder = queue.isEmpty() ? "lease " + name : "job %s of queue %s".formatted(name, queue);
    return new LeaseLostException(
        "the fence of %s refused token %d of %s: it has seen token %d"
            .formatted(resource, token, holder, seen));
  }
}
