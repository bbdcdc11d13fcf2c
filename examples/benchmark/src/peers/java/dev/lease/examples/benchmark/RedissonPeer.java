package dev.lease.examples.benchmark;

/** The lock of Redisson; its queue loses what a dead worker has taken, and is no peer. */
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
