package dev.lease.worker;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.LeaseStore;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A store of which a test has some parts. */
record Parts(@Nullable JobQueue jobs, @Nullable JobAdmin admin, @Nullable LeaseStore leases)
    implements Backend {

  static Backend of(JobQueue jobs) {
    return new Parts(jobs, null, null);
  }

  static Backend of(JobQueue jobs, JobAdmin admin) {
    return new Parts(jobs, admin, null);
  }

  static Backend of(LeaseStore leases) {
    return new Parts(null, null, leases);
  }

  static Worker.Builder worker(JobQueue jobs) {
    return Worker.builder(of(jobs));
  }

  static Worker.Builder worker(JobQueue jobs, JobAdmin admin) {
    return Worker.builder(of(jobs, admin));
  }

  @Override
  public Set<Capability> capabilities() {
    Set<Capability> has = EnumSet.noneOf(Capability.class);
    if (jobs != null) {
      has.add(Capability.JOBS);
    }
    if (admin != null) {
      has.add(Capability.ADMIN);
    }
    if (leases != null) {
      has.add(Capability.LEASES);
    }
    return has;
  }

  @Override
  public LeaseStore leaseStore() {
    return Objects.requireNonNull(leases);
  }

  @Override
  public JobQueue jobQueue() {
    return Objects.requireNonNull(jobs);
  }

  @Override
  public JobAdmin jobAdmin() {
    return Objects.requireNonNull(admin);
  }

  @Override
  public Duration longestCall() {
    return Duration.ofMinutes(1);
  }

  @Override
  public void close() {}
}
