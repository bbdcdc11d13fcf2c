package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.RetryPolicy;
import dev.lease.worker.Worker;
import dev.lease.worker.tracing.JobTracing;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Collection;

/** Prints a span for the enqueue, and one for each attempt. A program sends them to a collector. */
final class Tracing {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  static void placeOrder(int attempt) {
    if (attempt == 1) {
      throw new IllegalStateException("connection reset");
    }
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    SdkTracerProvider tracers =
        SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(new Printing()))
            .build();
    JobTracing tracing =
        JobTracing.of(OpenTelemetrySdk.builder().setTracerProvider(tracers).build());
    try (tracers;
        JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file))) {
      JobClient client = JobClient.of(backend).intercept(tracing);
      String id = client.enqueue(PLACE_ORDER, "tea").id();
      try (Worker worker =
          Worker.builder(backend)
              .intercept(tracing)
              .handle(
                  PLACE_ORDER,
                  (order, context) -> placeOrder(context.attempt()),
                  RetryPolicy.fixed(Duration.ofMillis(50)))
              .build()) {
        worker.start();
        while (!backend.jobQueue().find("orders", id).orElseThrow().state().isFinished()) {
          Thread.sleep(10);
        }
      }
    }
  }

  private static final class Printing implements SpanExporter {

    private String enqueued = "";

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      for (SpanData span : spans) {
        System.out.printf("%s: %s%n", span.getName(), span.getStatus().getStatusCode());
        for (LinkData link : span.getLinks()) {
          boolean toEnqueue = link.getSpanContext().getSpanId().equals(enqueued);
          System.out.printf("  linked to the enqueue: %b%n", toEnqueue);
        }
        enqueued = span.getName().startsWith("enqueue") ? span.getSpanId() : enqueued;
      }
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}
