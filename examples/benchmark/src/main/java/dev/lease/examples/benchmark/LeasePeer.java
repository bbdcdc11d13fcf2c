package dev.lease.examples.benchmark;

/** Lease itself. */
final class LeasePeer implements JavaPeer {

  static final String NAME = "lease";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Subject jobs(Target target) {
    return new LeaseJobs(target);
  }

  @Override
  public Locks locks(Target target) {
    return new LeaseLocks(target);
  }
}
