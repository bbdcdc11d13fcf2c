package dev.lease.worker;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.google.inject.multibindings.Multibinder;
import com.google.inject.multibindings.OptionalBinder;
import dev.lease.Backend;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.worker.JobHandlerBinder.BoundHandler;
import java.util.Optional;
import java.util.Set;

/**
 * Provides one {@link Worker} and one {@link JobClient} with Guice. It needs a binding of {@link
 * JobQueue}, and uses bindings of {@link Backend}, {@link JobAdmin} and {@link PayloadCodec} if
 * they exist. The worker has every {@link WorkerListener}, {@link HandlerInterceptor} and {@link
 * Schedule} that a {@link Multibinder} binds. Guice does not start or stop the worker; do that
 * yourself. For tests, it also provides a {@link Worker.Builder} of the same worker, each time a
 * new one: {@code TestWorker.of(injector.getInstance(Worker.Builder.class))}.
 *
 * <p>Guice is an optional dependency of this library: declare {@code com.google.inject:guice} in
 * your own build.
 */
public final class WorkerModule extends AbstractModule {

  private final WorkerConfig config;

  /**
   * Makes the module.
   *
   * @param config the settings of the worker
   */
  public WorkerModule(WorkerConfig config) {
    this.config = config;
  }

  @Override
  protected void configure() {
    JobHandlerBinder.newBinder(binder());
    OptionalBinder.newOptionalBinder(binder(), Backend.class);
    OptionalBinder.newOptionalBinder(binder(), JobAdmin.class);
    OptionalBinder.newOptionalBinder(binder(), PayloadCodec.class);
    Multibinder.newSetBinder(binder(), WorkerListener.class);
    Multibinder.newSetBinder(binder(), HandlerInterceptor.class);
    Multibinder.newSetBinder(binder(), Schedule.class);
  }

  @Provides
  @Singleton
  JobClient jobClient(JobQueue jobs, Optional<JobAdmin> admin, Optional<PayloadCodec> codec) {
    var client = new JobClient(jobs, codec.orElse(JacksonCodec.DEFAULT));
    return admin.map(client::withAdmin).orElse(client);
  }

  @Provides
  @Singleton
  Worker worker(Worker.Builder builder) {
    return builder.build();
  }

  @Provides
  Worker.Builder builder(
      JobQueue jobs,
      Optional<Backend> backend,
      Set<BoundHandler<?>> handlers,
      Optional<JobAdmin> admin,
      Optional<PayloadCodec> codec,
      Set<WorkerListener> listeners,
      Set<HandlerInterceptor> interceptors,
      Set<Schedule> schedules) {
    Worker.Builder worker =
        backend.map(Worker::builder).orElseGet(() -> Worker.builder(jobs)).config(config);
    admin.ifPresent(worker::admin);
    codec.ifPresent(worker::codec);
    listeners.forEach(worker::listen);
    interceptors.forEach(worker::intercept);
    schedules.forEach(worker::schedule);
    handlers.forEach(handler -> handler.addTo(worker));
    return worker;
  }
}
