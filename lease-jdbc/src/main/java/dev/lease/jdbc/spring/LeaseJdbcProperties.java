package dev.lease.jdbc.spring;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.Predicate;
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
 * The properties of a store over a {@code DataSource}. A bean of type {@link JdbcConfig} takes the
 * place of all but {@code dataSource} and {@code pool}, and one of type {@link JdbcBackend} that of
 * {@code pool}, and of all others if it does not inject the {@code JdbcConfig}.
 *
 * @param dataSource Name of the DataSource bean that has the store, where there are several and
 *     none is primary.
 * @param pool Whether the store takes connections of the application's pool, or has a pool of its
 *     own with the same URL.
 * @param poolSize How many connections there are for batches, steps and reads, 1 to 100. Default 1
 *     in a shared pool and 3 in its own.
 * @param schema Schema of PostgreSQL that has the store's tables; it has to exist.
 * @param migrate Whether the start brings the store's tables up to date, or only checks them.
 * @param openingTime For how long the start waits while the database is down.
 * @param callTimeout How long a call waits for a connection, a lock or an answer before it fails.
 * @param keepDone How long DONE jobs stay.
 * @param keepFailed How long FAILED and CANCELLED jobs stay.
 * @param rememberedIds For how long after a job's end enqueueing its id again makes no second job.
 */
@ConfigurationProperties(prefix = "lease.jdbc", ignoreUnknownFields = false)
record LeaseJdbcProperties(
    @Nullable String dataSource,
    @DefaultValue("shared") Pool pool,
    @Nullable Integer poolSize,
    @Nullable String schema,
    @DefaultValue("true") boolean migrate,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("0s") Duration openingTime,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("10s") Duration callTimeout,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("24h") Duration keepDone,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("7d") Duration keepFailed,
    @DurationUnit(ChronoUnit.SECONDS) @DefaultValue("24h") Duration rememberedIds) {

  enum Pool {
    SHARED,
    OWN
  }

  JdbcConfig config() {
    JdbcConfig config =
        JdbcConfig.defaults()
            .withMigrate(migrate)
            .withOpeningTime(openingTime)
            .withCallTimeout(callTimeout)
            .withRetention(keepDone, keepFailed)
            .withRememberedIds(rememberedIds);
    if (poolSize != null) {
      config = config.withPoolSize(poolSize);
    }
    return schema == null ? config : config.withSchema(schema);
  }

  /** Refuses what a bean takes the place of: nobody would read it. */
  static void refuseBesideABean(Environment environment, Predicate<String> isRead) {
    Binder binder = Binder.get(environment);
    for (RecordComponent each : LeaseJdbcProperties.class.getRecordComponents()) {
      String name = "lease.jdbc." + DataObjectPropertyName.toDashedForm(each.getName());
      BindResult<?> value =
          binder.bind(name, Bindable.of(ResolvableType.forType(each.getGenericType())));
      if (value.isBound() && !isRead.test(each.getName())) {
        throw new InvalidConfigurationPropertyValueException(
            name,
            value.get(),
            "A bean of type JdbcConfig or JdbcBackend takes the place of this property. Set it in the bean, or leave one of them out.");
      }
    }
  }
}
