package dev.lease.examples.benchmark;

/** The lock of Redisson. Its queue is no peer: it loses the jobs of a dead worker. */
public final class RedissonPeer implements JavaPeer {

  @Override
  public String name() {
    return "redisson";
  }

  @Override
  public Locks locks(Target target) {
    return new RedissonLocks(target);
  }
}
