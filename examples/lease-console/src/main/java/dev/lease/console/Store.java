package dev.lease.console;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.Operator;
import java.time.Instant;
import java.util.function.UnaryOperator;

/** The store, as the console reads and changes it. */
record Store(Settings settings) {

  Backend backend() {
    return settings.backend();
  }

  boolean has(Capability capability) {
    return backend().capabilities().contains(capability);
  }

  JobAdmin admin() {
    return backend().jobAdmin();
  }

  boolean isRedacted() {
    return settings.redactor() != null;
  }

  /** What takes secrets out of texts that all viewers share. */
  UnaryOperator<String> redactor() {
    Redactor redactor = settings.redactor();
    return redactor == null ? UnaryOperator.identity() : redactor::redact;
  }

  /** The store for an operator, whose acts it records if it can. */
  JobAdmin admin(Operator operator) {
    return has(Capability.AUDIT) ? admin().by(operator) : admin();
  }

  /** The store's clock; that of this machine if there is no job. */
  Instant now() {
    JobQuery newest = JobQuery.of(JobFilter.all()).order(JobOrder.NEWEST_FIRST).limit(1).brief();
    return admin().list(newest).jobs().stream().map(Job::asOf).findFirst().orElseGet(Instant::now);
  }
}
