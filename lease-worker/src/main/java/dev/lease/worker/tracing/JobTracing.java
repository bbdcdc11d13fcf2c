package dev.lease.worker.tracing;

import dev.lease.Enqueued;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.worker.ClientInterceptor;
import dev.lease.worker.HandlerInterceptor;
import dev.lease.worker.JobContext;
import dev.lease.worker.Outcome;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Traces jobs with OpenTelemetry: a span for each enqueue and one for each attempt, linked to each
 * other. Needs {@code io.opentelemetry:opentelemetry-api}.
 *
 * <pre>{@code
 * JobTracing tracing = JobTracing.of(openTelemetry);
 * JobClient client = JobClient.of(backend).intercept(tracing);
 * Worker worker = Worker.builder(backend).intercept(tracing).handle(TYPE, handler).build();
 * }</pre>
 *
 * <p>The span of an enqueue travels in the headers {@code traceparent} and {@code tracestate} of
 * its jobs, as W3C Trace Context has it. The span of an attempt begins a trace of its own, unless
 * there is a current span, and has a link to the span of the enqueue: an attempt may come hours
 * later, and there may be several. It is current while the handler runs. Names and attributes are
 * those of OpenTelemetry's conventions for messaging. Safe for use by many threads.
 */
public final class JobTracing implements ClientInterceptor, HandlerInterceptor {

  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("messaging.operation.name");
  private static final AttributeKey<String> OPERATION_TYPE =
      AttributeKey.stringKey("messaging.operation.type");
  private static final AttributeKey<String> DESTINATION =
      AttributeKey.stringKey("messaging.destination.name");
  private static final AttributeKey<String> MESSAGE_ID =
      AttributeKey.stringKey("messaging.message.id");
  private static final AttributeKey<Long> BATCH_COUNT =
      AttributeKey.longKey("messaging.batch.message_count");
  private static final AttributeKey<String> CLIENT_ID =
      AttributeKey.stringKey("messaging.client.id");
  private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
  private static final AttributeKey<String> JOB_TYPE = AttributeKey.stringKey("lease.job.type");
  private static final AttributeKey<Long> ATTEMPT = AttributeKey.longKey("lease.job.attempt");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("lease.outcome");

  private static final String SNOOZED = "snoozed";
  private static final String DISCARDED = "discarded";

  private static final String TRACE_PARENT = "traceparent";
  private static final TextMapPropagator W3C = W3CTraceContextPropagator.getInstance();

  private final Tracer tracer;

  private JobTracing(Tracer tracer) {
    this.tracer = tracer;
  }

  /**
   * Makes an instance.
   *
   * @param telemetry takes the spans
   * @return the instance
   */
  public static JobTracing of(OpenTelemetry telemetry) {
    return new JobTracing(Limits.notNull("telemetry", telemetry).getTracer("dev.lease.worker"));
  }

  /**
   * Stores jobs in a span, and writes the span into their headers. The other headers stay. A job
   * that has a {@code traceparent} already, or no room for two more headers, is stored as it is. A
   * client calls this.
   */
  @Override
  @SuppressWarnings("try") // The scope is there to be closed.
  public List<Enqueued> around(List<NewJob> jobs, ClientInterceptor.Call call) {
    List<String> queues = jobs.stream().map(NewJob::queue).distinct().toList();
    SpanBuilder builder =
        span("enqueue", "send", queues.size() == 1 ? queues.get(0) : null)
            .setSpanKind(SpanKind.PRODUCER);
    if (jobs.size() == 1) {
      builder.setAttribute(MESSAGE_ID, jobs.get(0).id());
      builder.setAttribute(JOB_TYPE, jobs.get(0).type());
    } else {
      builder.setAttribute(BATCH_COUNT, (long) jobs.size());
    }
    Span span = builder.startSpan();
    try (Scope scope = span.makeCurrent()) {
      return call.enqueue(jobs.stream().map(job -> withHeaders(job, span)).toList());
    } catch (Throwable e) {
      failed(span, e);
      throw e;
    } finally {
      span.end();
    }
  }

  private static NewJob withHeaders(NewJob job, Span span) {
    Map<String, String> headers = new HashMap<>(job.headers());
    if (headers.containsKey(TRACE_PARENT) || headers.size() + 2 > Limits.MAX_HEADERS) {
      return job;
    }
    W3C.inject(Context.root().with(span), headers, JobTracing::put);
    return job.toBuilder().headers(headers).build();
  }

  private static @Nullable String get(@Nullable Map<String, String> headers, String key) {
    return headers == null ? null : headers.get(key);
  }

  /** A {@code tracestate} that is too long may be left out. */
  private static void put(@Nullable Map<String, String> headers, String key, String value) {
    if (headers != null && value.length() <= Limits.MAX_HEADER_BYTES) {
      headers.put(key, value);
    }
  }

  /** Runs an attempt in a span. A worker calls this. */
  @Override
  @SuppressWarnings("try") // The scope is there to be closed.
  public void around(JobContext context, HandlerInterceptor.Call call) throws Exception {
    SpanBuilder builder =
        span("process", "process", context.queue())
            .setSpanKind(SpanKind.CONSUMER)
            .setAttribute(MESSAGE_ID, context.jobId())
            .setAttribute(CLIENT_ID, context.lease().owner())
            .setAttribute(JOB_TYPE, context.type())
            .setAttribute(ATTEMPT, (long) context.attempt());
    SpanContext enqueued =
        Span.fromContext(W3C.extract(Context.root(), context.headers(), JobTracing::get))
            .getSpanContext();
    if (enqueued.isValid()) {
      builder.addLink(enqueued);
    }
    Span span = builder.startSpan();
    try (Scope scope = span.makeCurrent()) {
      call.proceed();
      span.setAttribute(OUTCOME, "done");
    } catch (Throwable e) {
      threw(span, e);
      throw e;
    } finally {
      span.end();
    }
  }

  private SpanBuilder span(String operation, String type, @Nullable String queue) {
    SpanBuilder builder =
        tracer
            .spanBuilder(queue == null ? operation : operation + " " + queue)
            .setAttribute(SYSTEM, "lease")
            .setAttribute(OPERATION, operation)
            .setAttribute(OPERATION_TYPE, type);
    return queue == null ? builder : builder.setAttribute(DESTINATION, queue);
  }

  private static void threw(Span span, Throwable exception) {
    String outcome = Outcome.saidBy(exception).map(JobTracing::name).orElse("threw");
    span.setAttribute(OUTCOME, outcome);
    if (!outcome.equals(SNOOZED) && !outcome.equals(DISCARDED)) {
      failed(span, exception);
    }
  }

  /** As the meters name it. Where the handler says nothing, the worker decides after the span. */
  private static String name(Outcome outcome) {
    return switch (outcome.kind()) {
      case RETRY -> "retry";
      case SNOOZE, CLOSE_KEY -> SNOOZED;
      case DISCARD -> DISCARDED;
      case FAIL -> "failed";
    };
  }

  private static void failed(Span span, Throwable exception) {
    span.setStatus(StatusCode.ERROR);
    span.setAttribute(ERROR_TYPE, exception.getClass().getName());
    span.recordException(exception);
  }
}
