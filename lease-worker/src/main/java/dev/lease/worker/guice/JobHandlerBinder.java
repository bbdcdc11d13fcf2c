package dev.lease.worker.guice;

import com.google.inject.Binder;
import com.google.inject.Provider;
import com.google.inject.multibindings.Multibinder;
import dev.lease.Limits;
import dev.lease.worker.HandlerOptions;
import dev.lease.worker.JobHandler;
import dev.lease.worker.JobType;
import dev.lease.worker.TypedJobHandler;
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
  private final Multibinder<BoundHandler> handlers;

  private JobHandlerBinder(Binder binder) {
    this.binder = binder;
    this.handlers = Multibinder.newSetBinder(binder, BoundHandler.class);
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
   * Binds a handler.
   *
   * @param <T> the type of the payload
   * @param type the type of jobs
   * @param handler the class of the handler, which is bound too; the worker uses one instance
   * @return this
   */
  public <T> JobHandlerBinder bind(JobType<T> type, Class<? extends JobHandler<T>> handler) {
    Limits.notNull("type", type);
    Limits.notNull("handler", handler);
    binder.bind(handler);
    Provider<? extends JobHandler<T>> provider = binder.getProvider(handler);
    return add(worker -> worker.handle(type, provider.get()));
  }

  /**
   * Binds a handler.
   *
   * @param <T> the type of the payload
   * @param type the type of jobs
   * @param handler the class of the handler, which is bound too; the worker uses one instance
   * @param options how the worker handles the type
   * @return this
   */
  public <T> JobHandlerBinder bind(
      JobType<T> type, Class<? extends JobHandler<T>> handler, HandlerOptions options) {
    Limits.notNull("type", type);
    Limits.notNull("handler", handler);
    Limits.notNull("options", options);
    binder.bind(handler);
    Provider<? extends JobHandler<T>> provider = binder.getProvider(handler);
    return add(worker -> worker.handle(type, provider.get(), options));
  }

  /**
   * Binds a handler that names its type, with its {@link TypedJobHandler#options}.
   *
   * @param handler the class of the handler, which is bound too; the worker uses one instance
   * @return this
   */
  public JobHandlerBinder bind(Class<? extends TypedJobHandler<?>> handler) {
    Limits.notNull("handler", handler);
    binder.bind(handler);
    Provider<? extends TypedJobHandler<?>> provider = binder.getProvider(handler);
    return add(worker -> worker.handle(provider.get()));
  }

  /**
   * Binds a handler that names its type.
   *
   * @param handler the class of the handler, which is bound too; the worker uses one instance
   * @param options how the worker handles the type, in place of the handler's own
   * @return this
   */
  public JobHandlerBinder bind(
      Class<? extends TypedJobHandler<?>> handler, HandlerOptions options) {
    Limits.notNull("handler", handler);
    Limits.notNull("options", options);
    binder.bind(handler);
    Provider<? extends TypedJobHandler<?>> provider = binder.getProvider(handler);
    return add(worker -> worker.handle(provider.get(), options));
  }

  /**
   * Binds a handler.
   *
   * @param <T> the type of the payload
   * @param type the type of jobs
   * @param handler the handler
   * @return this
   */
  public <T> JobHandlerBinder bind(JobType<T> type, JobHandler<T> handler) {
    Limits.notNull("type", type);
    Limits.notNull("handler", handler);
    return add(worker -> worker.handle(type, handler));
  }

  /**
   * Binds a handler.
   *
   * @param <T> the type of the payload
   * @param type the type of jobs
   * @param handler the handler
   * @param options how the worker handles the type
   * @return this
   */
  public <T> JobHandlerBinder bind(JobType<T> type, JobHandler<T> handler, HandlerOptions options) {
    Limits.notNull("type", type);
    Limits.notNull("handler", handler);
    Limits.notNull("options", options);
    return add(worker -> worker.handle(type, handler, options));
  }

  /**
   * Binds a handler that returns the result of its type.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   * @param type the type of jobs
   * @param handler the class of the handler, which is bound too; the worker uses one instance
   * @return this
   */
  public <T, R> JobHandlerBinder bind(
      JobType.Returning<T, R> type, Class<? extends JobHandler.Returning<T, R>> handler) {
    return bind(type, handler, HandlerOptions.builder().build());
  }

  /**
   * Binds a handler that returns the result of its type.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   * @param type the type of jobs
   * @param handler the class of the handler, which is bound too; the worker uses one instance
   * @param options how the worker handles the type
   * @return this
   */
  public <T, R> JobHandlerBinder bind(
      JobType.Returning<T, R> type,
      Class<? extends JobHandler.Returning<T, R>> handler,
      HandlerOptions options) {
    Limits.notNull("type", type);
    Limits.notNull("handler", handler);
    Limits.notNull("options", options);
    binder.bind(handler);
    Provider<? extends JobHandler.Returning<T, R>> provider = binder.getProvider(handler);
    return add(worker -> worker.handle(type, provider.get(), options));
  }

  /**
   * Binds a handler that returns the result of its type.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   * @param type the type of jobs
   * @param handler the handler
   * @return this
   */
  public <T, R> JobHandlerBinder bind(
      JobType.Returning<T, R> type, JobHandler.Returning<T, R> handler) {
    Limits.notNull("type", type);
    Limits.notNull("handler", handler);
    return add(worker -> worker.handle(type, handler));
  }

  /**
   * Binds a handler that returns the result of its type.
   *
   * @param <T> the type of the payload
   * @param <R> the type of the result
   * @param type the type of jobs
   * @param handler the handler
   * @param options how the worker handles the type
   * @return this
   */
  public <T, R> JobHandlerBinder bind(
      JobType.Returning<T, R> type, JobHandler.Returning<T, R> handler, HandlerOptions options) {
    Limits.notNull("type", type);
    Limits.notNull("handler", handler);
    Limits.notNull("options", options);
    return add(worker -> worker.handle(type, handler, options));
  }

  private JobHandlerBinder add(BoundHandler handler) {
    handlers.addBinding().toInstance(handler);
    return this;
  }

  /** Adds a handler, which the injector may make only then. */
  @FunctionalInterface
  interface BoundHandler {
    void addTo(Worker.Builder worker);
  }
}
