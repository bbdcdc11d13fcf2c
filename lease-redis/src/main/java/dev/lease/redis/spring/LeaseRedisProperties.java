package dev.lease.redis.spring;

import dev.lease.redis.RedisConfig;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties of a store on Redis. A bean of type {@link RedisConfig} takes the place of all.
 *
 * @param uri Where Redis is, such as redis://user:password@host:6379/0. Without lease-jdbc on the
 *     class path the default is the server of spring.data.redis, if that names one.
 * @param prefix What the store's keys begin with.
 * @param openingTime For how long the start waits while Redis is down.
 * @param callTimeout How long a call waits for an answer before it fails.
 * @param keepDone How long DONE jobs stay.
 * @param keepFailed How long FAILED and CANCELLED jobs stay.
 * @param keepDoneAtMost How many DONE jobs of a queue stay, at most.
 * @param rememberedIds For how long after a job's end enqueueing its id again makes no second job.
 */
@ConfigurationProperties(prefix = "lease.redis", ignoreUnknownFields = false)
record LeaseRedisProperties(
    @Nullable String uri,
    @DefaultValue("lease") String prefix,
    @DefaultValue("0s") Duration openingTime,
    @DefaultValue("10s") Duration callTimeout,
    @DefaultValue("6h") Duration keepDone,
    @DefaultValue("7d") Duration keepFailed,
    @DefaultValue("10000") int keepDoneAtMost,
    @DefaultValue("6h") Duration rememberedIds) {

  RedisConfig config(String chosen) {
    return RedisConfig.of(chosen)
        .withPrefix(prefix)
        .withOpeningTime(openingTime)
        .withCallTimeout(callTimeout)
        .withRetention(keepDone, keepFailed, keepDoneAtMost)
        .withRememberedIds(rememberedIds);
  }
}
