package dev.lease.worker.guice;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import com.google.inject.multibindings.OptionalBinder;
import dev.lease.Backend;
import dev.lease.Limits;
import dev.lease.worker.ClientInterceptor;
import dev.lease.worker.HandlerInterceptor;
import dev.lease.worker.JobClient;
import dev.lease.worker.Schedule;
import dev.lease.worker.Schedules;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.WorkerListener;
import dev.lease.worker.codec.PayloadCodec;
import dev.lease.worker.guice.JobHandlerBinder.BoundHandler;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Provides one {@link Worker}, one {@link JobClient}, {@link Schedules}, and a {@link
 * WorkerLifecycle} that starts and stops the worker, with Guice. It needs a binding of {@link
 * Backend}, and uses one of {@link PayloadCodec} if there is one. The worker has every {@link
 * WorkerListener}, {@link HandlerInterceptor} and {@link Schedule} that a {@link Multibinder}
 * binds, the client every {@link ClientInterceptor}, and the lifecycle every {@link
 * WorkerLifecycle.Part}. {@link #withWorker} and {@link #withClient} set what else their builders
 * have. Handlers come from {@link JobHandlerBinder}, meters from {@link MetricsModule}, traces from
 * {@link TracingModule}.
 *
 * <p>For tests, it also provides a {@link Worker.Builder} of the same worker, each time a new one:
 * {@code TestWorker.of(injector.getInstance(Worker.Builder.class))}.
 *
 * <p>Guice is an optional dependency of this library: declare {@code com.google.inject:guice} in
 * your own build.
 */
public final class WorkerModule extends AbstractModule {

  /** Null for a program that only enqueues. */
  private final @Nullable WorkerConfig config;

  private final Consumer<Worker.Builder> ofWorker;
  private final Consumer<JobClient.Builder> ofClient;

  /**
   * Makes the module.
   *
   * @param config the settings of the worker
   */
  public WorkerModule(WorkerConfig config) {
    this(Limits.notNull("config", config), worker -> {}, client -> {});
  }

  private WorkerModule(
      @Nullable WorkerConfig config,
      Consumer<Worker.Builder> ofWorker,
      Consumer<JobClient.Builder> ofClient) {
    this.config = config;
    this.ofWorker = ofWorker;
    this.ofClient = ofClient;
  }

  /**
   * Makes a module for a program that enqueues jobs and runs none. It provides all but {@link
   * Worker} and {@link Worker.Builder}. Its lifecycle starts and stops the parts, and closes the
   * store; it has a shutdown hook.
   *
   * @return the module
   */
  public static WorkerModule withoutWorker() {
    return new WorkerModule(null, worker -> {}, client -> {});
  }

  /**
   * The same module, which sets more of the worker, such as {@link Worker.Builder#defaults}, {@link
   * Worker.Builder#queuesWithPrefix} or {@link Worker.Builder#threads}.
   *
   * @param settings is called with the builder of the worker, last
   * @return a module
   * @throws IllegalStateException if this one is {@link #withoutWorker}
   */
  public WorkerModule withWorker(Consumer<Worker.Builder> settings) {
    Limits.notNull("settings", settings);
    if (config == null) {
      throw new IllegalStateException(
          "a module without a worker has nothing to set of it: make it by new WorkerModule(config)");
    }
    return new WorkerModule(config, ofWorker.andThen(settings), ofClient);
  }

  /**
   * The same module, which sets more of the client, such as {@link JobClient.Builder#finishHints}.
   *
   * @param settings is called with the builder of the client, last
   * @return a module
   */
  public WorkerModule withClient(Consumer<JobClient.Builder> settings) {
    Limits.notNull("settings", settings);
    return new WorkerModule(config, ofWorker, ofClient.andThen(settings));
  }

  @Override
  protected void configure() {
    JobHandlerBinder.newBinder(binder());
    OptionalBinder.newOptionalBinder(binder(), PayloadCodec.class);
    OptionalBinder.newOptionalBinder(binder(), Worker.class);
    Multibinder.newSetBinder(binder(), WorkerListener.class);
    Multibinder.newSetBinder(binder(), HandlerInterceptor.class);
    Multibinder.newSetBinder(binder(), ClientInterceptor.class);
    Multibinder.newSetBinder(binder(), Schedule.class);
    Multibinder.newSetBinder(binder(), WorkerLifecycle.Part.class);
    if (config != null) {
      install(new OfWorker(config, ofWorker));
    }
  }

  @Provides
  @Singleton
  JobClient jobClient(
      Backend backend, Optional<PayloadCodec> codec, Set<ClientInterceptor> interceptors) {
    JobClient.Builder builder = JobClient.builder(backend);
    codec.ifPresent(builder::codec);
    ofClient.accept(builder);
    JobClient client = builder.build();
    for (ClientInterceptor interceptor : interceptors) {
      client = client.intercept(interceptor);
    }
    return client;
  }

  /** No singleton: a store without an admin has none, and may still have a worker. */
  @Provides
  Schedules schedules(Backend backend, Optional<PayloadCodec> codec) {
    return codec.map(own -> Schedules.of(backend, own)).orElseGet(() -> Schedules.of(backend));
  }

  @Provides
  @Singleton
  WorkerLifecycle lifecycle(
      Backend backend, Optional<Worker> worker, Set<WorkerLifecycle.Part> parts) {
    boolean hook = config == null || config.shutdownHook();
    return new WorkerLifecycle(backend, worker.orElse(null), parts, hook);
  }

  /** What a program that only enqueues has not. */
  private static final class OfWorker extends AbstractModule {

    private final WorkerConfig config;
    private final Consumer<Worker.Builder> settings;

    OfWorker(WorkerConfig config, Consumer<Worker.Builder> settings) {
      this.config = config;
      this.settings = settings;
    }

    @Provides
    @Singleton
    Worker worker(Worker.Builder builder) {
      return builder.build();
    }

    @Provides
    Worker.Builder builder(
        Backend backend,
        Set<BoundHandler> handlers,
        Optional<PayloadCodec> codec,
        Set<WorkerListener> listeners,
        Set<HandlerInterceptor> interceptors,
        Set<Schedule> schedules) {
      Worker.Builder worker = Worker.builder(backend).config(config);
      codec.ifPresent(worker::codec);
      listeners.forEach(worker::listen);
      interceptors.forEach(worker::intercept);
      schedules.forEach(worker::schedule);
      handlers.forEach(handler -> handler.addTo(worker));
      settings.accept(worker);
      return worker;
    }
  }
}
