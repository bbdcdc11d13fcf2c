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
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.WorkerListener;
import dev.lease.worker.codec.PayloadCodec;
import dev.lease.worker.guice.JobHandlerBinder.BoundHandler;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Provides one {@link Worker} and one {@link JobClient} with Guice. It needs a binding of {@link
 * Backend}, and uses one of {@link PayloadCodec} if there is one. The worker has every {@link
 * WorkerListener}, {@link HandlerInterceptor} and {@link Schedule} that a {@link Multibinder}
 * binds, and the client every {@link ClientInterceptor}. {@link #withWorker} and {@link
 * #withClient} set what else their builders have. Guice does not start or stop the worker; do that
 * yourself. For tests, it also provides a {@link Worker.Builder} of the same worker, each time a
 * new one: {@code TestWorker.of(injector.getInstance(Worker.Builder.class))}.
 *
 * <p>Guice is an optional dependency of this library: declare {@code com.google.inject:guice} in
 * your own build.
 */
public final class WorkerModule extends AbstractModule {

  private final WorkerConfig config;
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
      WorkerConfig config,
      Consumer<Worker.Builder> ofWorker,
      Consumer<JobClient.Builder> ofClient) {
    this.config = config;
    this.ofWorker = ofWorker;
    this.ofClient = ofClient;
  }

  /**
   * The same module, which sets more of the worker, such as {@link Worker.Builder#defaults}, {@link
   * Worker.Builder#queuesWithPrefix} or {@link Worker.Builder#threads}.
   *
   * @param settings is called with the builder of the worker, last
   * @return a module
   */
  public WorkerModule withWorker(Consumer<Worker.Builder> settings) {
    Limits.notNull("settings", settings);
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
    Multibinder.newSetBinder(binder(), WorkerListener.class);
    Multibinder.newSetBinder(binder(), HandlerInterceptor.class);
    Multibinder.newSetBinder(binder(), ClientInterceptor.class);
    Multibinder.newSetBinder(binder(), Schedule.class);
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
    ofWorker.accept(worker);
    return worker;
  }
}
