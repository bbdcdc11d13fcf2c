package dev.lease.worker.spring;

import dev.lease.Backend;
import dev.lease.worker.ClientInterceptor;
import dev.lease.worker.HandlerInterceptor;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobHandler;
import dev.lease.worker.Schedule;
import dev.lease.worker.Schedules;
import dev.lease.worker.TestWorker;
import dev.lease.worker.TypedJobHandler;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.WorkerListener;
import dev.lease.worker.codec.PayloadCodec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.env.Environment;

/**
 * Spring Boot finds this by itself. Where there is a bean of {@link Backend} it makes a {@link
 * JobClient}, and where there is a {@link TypedJobHandler} as well, a worker that has all beans of
 * that type, and those of {@link Schedule}, {@link WorkerListener} and {@link HandlerInterceptor}.
 * The client has those of {@link ClientInterceptor}, and both the one of {@link PayloadCodec}, if
 * there is one. Properties begin with {@code lease.worker}.
 */
@AutoConfiguration(
    afterName = {
      "dev.lease.jdbc.spring.LeaseJdbcAutoConfiguration",
      "dev.lease.redis.spring.LeaseRedisAutoConfiguration"
    })
@ConditionalOnBooleanProperty(name = "lease.enabled", matchIfMissing = true)
@ConditionalOnBean(Backend.class)
@EnableConfigurationProperties(LeaseWorkerProperties.class)
public final class LeaseWorkerAutoConfiguration {

  private static final Logger log = LoggerFactory.getLogger(LeaseWorkerAutoConfiguration.class);

  /** How long Spring waits for the stop if nothing is set. */
  private static final Duration SPRINGS_TIMEOUT = Duration.ofSeconds(30);

  /** Spring makes one. */
  LeaseWorkerAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  JobClient leaseClient(
      Backend backend,
      ObjectProvider<PayloadCodec> codec,
      ObjectProvider<ClientInterceptor> interceptors,
      ObjectProvider<LeaseCustomizer> customizers) {
    JobClient.Builder builder = JobClient.builder(backend);
    codec.ifAvailable(builder::codec);
    customizers.orderedStream().forEach(it -> it.customize(builder));
    JobClient client = builder.build();
    for (ClientInterceptor interceptor : interceptors.orderedStream().toList()) {
      client = client.intercept(interceptor);
    }
    return client;
  }

  @Bean
  @ConditionalOnMissingBean
  Schedules leaseSchedules(Backend backend, ObjectProvider<PayloadCodec> codec) {
    PayloadCodec own = codec.getIfAvailable();
    return own == null ? Schedules.of(backend) : Schedules.of(backend, own);
  }

  @Bean
  @ConditionalOnMissingBean
  WorkerConfig leaseWorkerConfig(LeaseWorkerProperties properties, Environment environment) {
    return properties.config(stopTimeout(environment));
  }

  /** A new one for each start of a worker, and for a test that runs its jobs itself. */
  @Bean
  @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
  Worker.Builder leaseWorkerBuilder(
      Backend backend,
      WorkerConfig config,
      ObjectProvider<PayloadCodec> codec,
      ObjectProvider<TypedJobHandler<?>> handlers,
      ObjectProvider<Schedule> schedules,
      ObjectProvider<WorkerListener> listeners,
      ObjectProvider<HandlerInterceptor> interceptors,
      ObjectProvider<LeaseCustomizer> customizers) {
    Worker.Builder worker = Worker.builder(backend).config(config);
    codec.ifAvailable(worker::codec);
    listeners.orderedStream().forEach(worker::listen);
    interceptors.orderedStream().forEach(worker::intercept);
    schedules.orderedStream().forEach(worker::schedule);
    handlers.orderedStream().forEach(worker::handle);
    customizers.orderedStream().forEach(it -> it.customize(worker));
    return worker;
  }

  /** Refuses what only a worker would run, where there is none, and what nobody would read. */
  @Bean
  SmartInitializingSingleton leaseRefusals(
      ListableBeanFactory beans, LeaseWorkerProperties properties, Environment environment) {
    return () -> {
      if (!beans.containsBean("leaseWorkerConfig")) {
        LeaseWorkerProperties.refuseBesideABean(environment);
      }
      if (!properties.enabled()
          || Stream.of(LeaseWorker.class, Worker.class, TestWorker.class)
              .anyMatch(worker -> beans.getBeanNamesForType(worker).length > 0)) {
        return;
      }
      List<String> idle = new ArrayList<>(List.of(beans.getBeanNamesForType(JobHandler.class)));
      idle.addAll(List.of(beans.getBeanNamesForType(Schedule.class)));
      if (!idle.isEmpty()) {
        throw new IllegalStateException(
            "there is no worker for the beans %s, since no bean is a TypedJobHandler: declare a handler as one, or set lease.worker.enabled=false if others run the jobs"
                .formatted(idle));
      }
      log.info("No bean is a TypedJobHandler, so this application enqueues jobs and runs none");
    };
  }

  /**
   * An application without a handler only enqueues, one with a worker starts that itself, and a
   * test runs its jobs when it likes.
   */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBean(TypedJobHandler.class)
  @ConditionalOnMissingBean({Worker.class, TestWorker.class})
  @ConditionalOnBooleanProperty(name = "lease.worker.enabled", matchIfMissing = true)
  static class OfHandlers {

    @Bean
    LeaseWorker leaseWorker(
        @Qualifier("leaseWorkerBuilder") ObjectProvider<Worker.Builder> builders,
        WorkerConfig config,
        Environment environment,
        ObjectProvider<LeaseCustomizer> customizers) {
      return new LeaseWorker(
          builders::getObject,
          worker -> customizers.orderedStream().forEach(it -> it.started(worker)),
          config,
          stopTimeout(environment));
    }
  }

  private static Duration stopTimeout(Environment environment) {
    return Binder.get(environment)
        .bind("spring.lifecycle.timeout-per-shutdown-phase", Duration.class)
        .orElse(SPRINGS_TIMEOUT);
  }
}
