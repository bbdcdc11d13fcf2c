package dev.lease.redis.spring;

import dev.lease.redis.RedisConfig;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;

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
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("0s") Duration openingTime,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("10s") Duration callTimeout,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("6h") Duration keepDone,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("7d") Duration keepFailed,
    @DefaultValue("10000") int keepDoneAtMost,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("6h") Duration rememberedIds) {

  RedisConfig config(String chosen) {
    return RedisConfig.of(chosen)
        .withPrefix(prefix)
        .withOpeningTime(openingTime)
        .withCallTimeout(callTimeout)
        .withRetention(keepDone, keepFailed, keepDoneAtMost)
        .withRememberedIds(rememberedIds);
  }

  /** Refuses what a bean of type {@link RedisConfig} takes the place of: nobody would read it. */
  static void refuseBesideABean(Environment environment) {
    Binder binder = Binder.get(environment);
    // Those of the record alone: an environment has names of others, such as LEASE_REDIS_PORT of
    // Kubernetes.
    for (RecordComponent each : LeaseRedisProperties.class.getRecordComponents()) {
      String name = "lease.redis." + DataObjectPropertyName.toDashedForm(each.getName());
      if (binder.bind(name, Bindable.of(ResolvableType.forType(each.getGenericType()))).isBound()) {
        // Not the exception for a value: Spring Boot shows the value then, and a URI has a
        // password.
        throw new IllegalStateException(
            "A bean of type RedisConfig takes the place of "
                + name
                + ". Set it in the bean, or leave one of them out.");
      }
    }
  }
}
