package dev.lease.examples.benchmark;

import dev.lease.Backend;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.router.QueueRouter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Opens a store of Lease with the settings of a run. No other class knows both backends. */
final class LeaseBackend {

  private static final int TUNED_POOL = 8;

  private LeaseBackend() {}

  /** Opens the store; of several, the queues are in one after the other. */
  static Backend open(Target target) {
    List<Target> stores = target.stores();
    if (stores.size() == 1) {
      return one(target);
    }
    List<String> queues = target.settings().queues();
    QueueRouter.Builder router = QueueRouter.builder().leases("0");
    for (int i = 0; i < stores.size(); i++) {
      List<String> own = new ArrayList<>(i == 0 ? List.of("*") : List.of());
      for (int queue = i; queue < queues.size(); queue += stores.size()) {
        own.add(queues.get(queue));
      }
      router.store(Integer.toString(i), one(stores.get(i)), own.toArray(String[]::new));
    }
    return router.build();
  }

  private static Backend one(Target target) {
    return target.kind().isSql() ? jdbc(target) : redis(target);
  }

  static void migrate(Target target) {
    if (target.kind().isSql()) {
      target.stores().forEach(store -> JdbcBackend.migrate(JdbcConfig.of(store.url())));
    }
  }

  private static Backend jdbc(Target target) {
    Settings settings = target.settings();
    JdbcConfig config = JdbcConfig.of(target.url());
    int pool = settings.number("pool", settings.isTuned() ? TUNED_POOL : config.poolSize());
    return JdbcBackend.open(
        config
            .withPoolSize(pool)
            .withRetention(keepDone(settings, config.keepDone()), config.keepFailed()));
  }

  private static Backend redis(Target target) {
    RedisConfig config = RedisConfig.of(target.url());
    Duration keepDone = keepDone(target.settings(), config.keepDone());
    return RedisBackend.open(
        config
            .withRetention(
                keepDone, config.keepFailed(), keepDone.isZero() ? 0 : config.keepDoneAtMost())
            .withDurability(
                target.settings().number("replicas", 0), target.settings().has("on-disk")));
  }

  private static Duration keepDone(Settings settings, Duration otherwise) {
    return settings.has("keep-done")
        ? Duration.ofHours(settings.number("keep-done", 0))
        : settings.isTuned() ? Duration.ZERO : otherwise;
  }
}
