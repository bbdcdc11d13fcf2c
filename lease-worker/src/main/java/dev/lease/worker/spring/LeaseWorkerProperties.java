package dev.lease.worker.spring;

import dev.lease.worker.QueueShare;
import dev.lease.worker.WorkerConfig;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.convert.DurationUnit;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;

/**
 * The properties of the worker. A bean of type {@link WorkerConfig} takes the place of all but
 * {@code enabled}.
 *
 * @param enabled Whether this application runs jobs; false for one that only enqueues.
 * @param name Name of the worker, the owner of its leases. Default is the host name and a random
 *     number.
 * @param concurrency How many handlers run at once, at most. Default is the number of processors.
 * @param queues How much of the worker each queue may have, by the name of the queue.
 * @param leaseDuration How long a lease lasts without being extended; a worker that died keeps its
 *     jobs for that long.
 * @param pollInterval How often an idle worker polls when no hint arrives.
 * @param lookAhead How many jobs the worker claims ahead, beyond those that run, at most.
 * @param stopGrace How long running handlers may go on when the application stops. With 15 s more
 *     it must fit into spring.lifecycle.timeout-per-shutdown-phase. Default is 8s, or less if only
 *     that fits.
 * @param idempotencyKeyPrefix Prefix of the keys that handlers give to other services. Never change
 *     it while jobs are unfinished. Default is lease:.
 * @param purgeInterval How often the worker removes finished jobs that were kept long enough.
 * @param threads On what threads handlers run. Default is virtual on Java 21 and newer.
 * @param maxDueTime How long a job may be due before the health is DEGRADED. By default health does
 *     not look at the queues.
 * @param report Whether the worker reports itself to operators.
 */
@ConfigurationProperties(prefix = "lease.worker", ignoreUnknownFields = false)
record LeaseWorkerProperties(
    @DefaultValue("true") boolean enabled,
    @Nullable String name,
    @Nullable Integer concurrency,
    @DefaultValue Map<String, Share> queues,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("30s") Duration leaseDuration,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("1s") Duration pollInterval,
    @DefaultValue("1000") int lookAhead,
    @DurationUnit(ChronoUnit.SECONDS) @Nullable Duration stopGrace,
    @Nullable String idempotencyKeyPrefix,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("1m") Duration purgeInterval,
    WorkerConfig.@Nullable Threads threads,
    @DurationUnit(ChronoUnit.SECONDS) @Nullable Duration maxDueTime,
    @DefaultValue("true") boolean report) {

  /**
   * The share of a queue.
   *
   * @param slots How many jobs of the queue run at once, at most. Default is all of the worker.
   * @param weight How many times in a row the worker claims from the queue, 1 to 1000.
   */
  record Share(@Nullable Integer slots, @DefaultValue("1") int weight) {

    QueueShare share() {
      QueueShare share = QueueShare.DEFAULT.withWeight(weight);
      return slots == null ? share : share.withSlots(slots);
    }
  }

  /** With a grace that fits, where none is set. */
  WorkerConfig config(Duration stopTimeout) {
    WorkerConfig.Builder config =
        WorkerConfig.builder()
            .leaseDuration(leaseDuration)
            .pollInterval(pollInterval)
            .lookAhead(lookAhead)
            .stopGrace(stopGrace == null ? LeaseWorker.grace(stopTimeout) : stopGrace)
            .purgeInterval(purgeInterval)
            .report(report)
            // The context stops the worker; a hook of its own would race with the pool's end.
            .shutdownHook(false);
    if (name != null) {
      config.name(name);
    }
    if (concurrency != null) {
      config.concurrency(concurrency);
    }
    if (idempotencyKeyPrefix != null) {
      config.idempotencyKeyPrefix(idempotencyKeyPrefix);
    }
    if (threads != null) {
      config.threads(threads);
    }
    if (maxDueTime != null) {
      config.maxDueTime(maxDueTime);
    }
    queues.forEach((queue, share) -> config.queue(queue, share.share()));
    return config.build();
  }

  /** Refuses what a bean of type {@link WorkerConfig} takes the place of: nobody would read it. */
  static void refuseBesideABean(Environment environment) {
    Binder binder = Binder.get(environment);
    for (RecordComponent each : LeaseWorkerProperties.class.getRecordComponents()) {
      String name = "lease.worker." + DataObjectPropertyName.toDashedForm(each.getName());
      BindResult<?> value =
          binder.bind(name, Bindable.of(ResolvableType.forType(each.getGenericType())));
      if (value.isBound() && !each.getName().equals("enabled")) {
        throw new InvalidConfigurationPropertyValueException(
            name,
            value.get(),
            "A bean of type WorkerConfig takes the place of this property. Set it in the bean, or leave one of them out.");
      }
    }
  }
}
