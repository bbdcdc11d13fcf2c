package dev.lease.console;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import java.time.Duration;
import java.util.Set;

/** A store with jobs, and with nothing else that a store need not have. */
record Bare(Backend real) implements Backend {

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.JOBS, Capability.ADMIN);
  }

  @Override
  public JobQueue jobQueue() {
    return real.jobQueue();
  }

  @Override
  public JobAdmin jobAdmin() {
    return real.jobAdmin();
  }

  @Override
  public Duration longestCall() {
    return real.longestCall();
  }

  @Override
  public void close() {
    real.close();
  }
}
