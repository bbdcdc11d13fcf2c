package dev.lease.worker;

import com.google.inject.AbstractModule;
import com.google.inject.Inject;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.worker.JobHandlerBinder.BoundHandler;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Provides one {@link Worker} and one {@link JobClient} with Guice. It needs a binding of {@link
 * JobQueue}, and uses bindings of {@link JobAdmin} and {@link JsonMapper} if they exist. Guice does
 * not start or stop the worker; do that yourself.
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
    bind(Optionals.class);
  }

  @Provides
  @Singleton
  JobClient jobClient(JobQueue jobs, Optionals optionals) {
    return new JobClient(jobs, optionals.mapper);
  }

  @Provides
  @Singleton
  Worker worker(JobQueue jobs, Set<BoundHandler<?>> handlers, Optionals optionals) {
    Worker.Builder worker = Worker.builder(jobs).config(config).mapper(optionals.mapper);
    if (optionals.admin != null) {
      worker.admin(optionals.admin);
    }
    handlers.forEach(handler -> handler.addTo(worker));
    return worker.build();
  }

  /** What an application may bind but does not have to. */
  static final class Optionals {
    @Inject(optional = true)
    private @Nullable JobAdmin admin;

    @Inject(optional = true)
    private JsonMapper mapper = new JsonMapper();

    @Inject
    Optionals() {}
  }
}
