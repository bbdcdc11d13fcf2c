package dev.lease.examples.benchmark;

import java.util.concurrent.TimeUnit;
import org.redisson.Redisson;
import org.redisson.api.RLock;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Locks of Redisson. Like the other locks here, they are never waited for. */
final class RedissonLocks implements Locks {

  private static final int AT_MOST_SECONDS = 30;

  private final RedissonClient redisson;

  RedissonLocks(Target target) {
    Config config = new Config();
    config.useSingleServer().setAddress(target.url());
    redisson = Redisson.create(config);
  }

  @Override
  public boolean pair(String name) throws InterruptedException {
    RLock lock = redisson.getLock(name);
    if (!lock.tryLock(0, AT_MOST_SECONDS, TimeUnit.SECONDS)) {
      return false;
    }
    lock.unlock();
    return true;
  }

  @Override
  public void close() {
    redisson.shutdown();
  }
}
