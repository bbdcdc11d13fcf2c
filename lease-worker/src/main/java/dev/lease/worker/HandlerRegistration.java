package dev.lease.worker;

import dev.lease.ClaimedJob;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.PayloadCodec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A type of jobs with its handler, and how it is handled.
 *
 * @param codec reads the payloads; null for the codec of the worker
 */
record HandlerRegistration<T>(
    JobType<T> type, JobHandler<T> handler, HandlerOptions options, @Nullable PayloadCodec codec) {

  HandlerRegistration(JobType<T> type, JobHandler<T> handler, HandlerOptions options) {
    this(type, handler, options, null);
  }

  /**
   * Reads the payload and calls the handler. If that throws, the attempt has failed.
   *
   * @throws UnreadablePayloadException if the payload cannot be read; the handler was not called
   */
  void handle(ClaimedJob job, PayloadCodec ofWorker, CodecContext ofJob, JobContext context)
      throws Exception {
    handler.handle(type.payload().read(job, codec != null ? codec : ofWorker, ofJob), context);
  }

  /** What an interceptor calls. */
  record RestOfChain<T>(T payload, JobContext context, JobHandler<T> handler)
      implements HandlerInterceptor.Call {

    @Override
    public void proceed() throws Exception {
      handler.handle(payload, context);
    }
  }

  /**
   * The same with the options of its worker, and with interceptors around its handler: the first
   * one outermost.
   */
  HandlerRegistration<T> complete(HandlerOptions defaults, List<HandlerInterceptor> interceptors) {
    JobHandler<T> chain = handler;
    for (int i = interceptors.size() - 1; i >= 0; i--) {
      HandlerInterceptor interceptor = interceptors.get(i);
      JobHandler<T> rest = chain;
      chain =
          (payload, context) ->
              interceptor.around(context, new RestOfChain<>(payload, context, rest));
    }
    return new HandlerRegistration<>(type, chain, options.or(defaults), codec);
  }

  /** A failed attempt at a job of this type. */
  Failure failure(ClaimedJob job, Throwable exception) {
    return Failure.of(job.failures() + 1, exception)
        .withAttempt(job.attempt())
        .withMaxFailures(maxFailures(job));
  }

  /** The job's own number, or else that of the worker. */
  int maxFailures(ClaimedJob job) {
    return Objects.requireNonNullElse(job.maxFailures(), options.maxFailures());
  }

  /**
   * What the handler says becomes of the job, or else what its retry policy says. Throws what the
   * policy throws.
   */
  Outcome after(Failure failure) {
    return Outcome.saidBy(failure.exception())
        .orElseGet(() -> Objects.requireNonNull(options.retry().after(failure)));
  }
}
