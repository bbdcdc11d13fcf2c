package dev.lease.examples.benchmark;

/** db-scheduler, on PostgreSQL. */
public final class DbSchedulerPeer implements JavaPeer {

  @Override
  public String name() {
    return "db-scheduler";
  }

  @Override
  public Subject jobs(Target target) {
    return new DbSchedulerJobs(target);
  }
}
