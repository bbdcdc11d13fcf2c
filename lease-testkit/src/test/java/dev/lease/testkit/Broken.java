package dev.lease.testkit;

import dev.lease.Admission;
import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobGraphs;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.util.Set;

/** A backend object of a store of which one part may be broken. */
final class Broken implements Backend {

  private final Set<Capability> capabilities;
  private final LeaseStore leaseStore;
  private final JobQueue jobQueue;
  private final JobAdmin jobAdmin;
  private final Admission admission;
  private final JobGraphs jobGraphs;
  private final InMemorySession session;

  Broken(Parts parts, InMemorySession session) {
    capabilities = parts.capabilities();
    leaseStore = parts.leaseStore(session);
    jobQueue = parts.jobQueue(session);
    jobAdmin = parts.jobAdmin(session);
    admission = parts.admission(session);
    jobGraphs = parts.jobGraphs(session);
    this.session = session;
  }

  @Override
  public Set<Capability> capabilities() {
    return capabilities;
  }

  @Override
  public LeaseStore leaseStore() {
    return leaseStore;
  }

  @Override
  public JobQueue jobQueue() {
    return jobQueue;
  }

  @Override
  public JobAdmin jobAdmin() {
    return jobAdmin;
  }

  @Override
  public Admission admission() {
    return admission;
  }

  @Override
  public JobGraphs jobGraphs() {
    return jobGraphs;
  }

  @Override
  public Duration longestCall() {
    return Duration.ofSeconds(10);
  }

  @Override
  public void close() {
    session.close();
  }
}
