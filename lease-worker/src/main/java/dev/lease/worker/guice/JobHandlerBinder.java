package dev.lease.worker.guice;

import com.google.inject.Binder;
import com.google.inject.Provider;
import com.google.inject.TypeLiteral;
import com.google.inject.multibindings.Multibinder;
import dev.lease.worker.JobHandler;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Worker;

/**
 * Binds handlers for the {@link Worker} that {@link WorkerModule} provides. Any number of modules
 * may do so.
 *
 * <pre>{@code
 * JobHandlerBinder.newBinder(binder()).bind(PLACE_ORDER, PlaceOrderHandler.class);
 * }</pre>
 */
public final class JobHandlerBinder {

  private final Binder binder;
  private final Multibinder<BoundHandler<?>> handlers;

  private JobHandlerBinder(Binder binder) {
    this.binder = binder;
    this.handlers = Multibinder.newSetBinder(binder, new TypeLiteral<BoundHandler<?>>() {});
  }

  /**
   * Starts to bind handlers.
   *
   * @param binder the binder of your module
   * @return a binder of handlers
   */
  public static JobHandlerBinder newBinder(Binder binder) {
    return new JobHandlerBinder(binder.skipSources(JobHandlerBinder.class));
  }

  /**
   * Binds a handler with {@link RetryPolicy#DEFAULT}.
   *
   * @param <T> the type of the payload
   * @param type the type of jobs
   * @param handler the class of the handler, which is bound too; the worker uses one instance
   * @return this
   */
  public <T> JobHandlerBinder bind(JobType<T> type, Class<? extends JobHandler<T>> handler) {
    return bind(type, handler, RetryPolicy.DEFAULT);
  }

  /**
   * Binds a handler.
   *
   * @param <T> the type of the payload
   * @param type the type of jobs
   * @param handler the class of the handler, which is bound too; the worker uses one instance
   * @param retry decides when a failed attempt is tried again
   * @return this
   */
  public <T> JobHandlerBinder bind(
      JobType<T> type, Class<? extends JobHandler<T>> handler, RetryPolicy retry) {
    binder.bind(handler);
    return bind(type, binder.getProvider(handler), retry);
  }

  /**
   * Binds a handler with {@link RetryPolicy#DEFAULT}.
   *
   * @param <T> the type of the payload
   * @param type the type of jobs
   * @param handler the handler
   * @return this
   */
  public <T> JobHandlerBinder bind(JobType<T> type, JobHandler<T> handler) {
    return bind(type, handler, RetryPolicy.DEFAULT);
  }

  /**
   * Binds a handler.
   *
   * @param <T> the type of the payload
   * @param type the type of jobs
   * @param handler the handler
   * @param retry decides when a failed attempt is tried again
   * @return this
   */
  public <T> JobHandlerBinder bind(JobType<T> type, JobHandler<T> handler, RetryPolicy retry) {
    return bind(type, () -> handler, retry);
  }

  private <T> JobHandlerBinder bind(
      JobType<T> type, Provider<? extends JobHandler<T>> handler, RetryPolicy retry) {
    handlers.addBinding().toInstance(new BoundHandler<>(type, handler, retry));
    return this;
  }

  /** A handler that the injector makes later. */
  record BoundHandler<T>(
      JobType<T> type, Provider<? extends JobHandler<T>> handler, RetryPolicy retry) {

    void addTo(Worker.Builder worker) {
      worker.handle(type, handler.get(), retry);
    }
  }
}
