package dev.lease.worker;

import static io.opentelemetry.api.common.AttributeKey.longKey;
import static io.opentelemetry.api.common.AttributeKey.stringKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.worker.tracing.JobTracing;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** The spans of enqueues and attempts, across a real store. */
@EnumSource(names = "POSTGRESQL")
class TracingTest extends WorkerFixture {

  private static final String FOREIGN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final OpenTelemetryExtension telemetry = OpenTelemetryExtension.create();
  private final JobTracing tracing = JobTracing.of(telemetry.getOpenTelemetry());
  private JobClient traced;

  @BeforeEach
  void trace() {
    traced = client.intercept(tracing);
  }

  private void startTraced(JobHandler<String> handler) {
    start(
        Parts.worker(jobs)
            .config(config().build())
            .intercept(tracing)
            .handle(TEXT, handler, RetryPolicy.fixed(Duration.ZERO)));
  }

  private List<SpanData> spans(String name) {
    return telemetry.getSpans().stream().filter(span -> span.getName().equals(name)).toList();
  }

  private SpanData attempt(String id) {
    return spans("process texts").stream()
        .filter(span -> id.equals(span.getAttributes().get(stringKey("messaging.message.id"))))
        .findFirst()
        .orElseThrow();
  }

  private static @Nullable String outcome(SpanData span) {
    return span.getAttributes().get(stringKey("lease.outcome"));
  }

  private static void isLinked(SpanData attempt, SpanContext to) {
    assertThat(attempt.getLinks()).hasSize(1);
    SpanContext link = attempt.getLinks().get(0).getSpanContext();
    assertThat(link.getTraceId()).isEqualTo(to.getTraceId());
    assertThat(link.getSpanId()).isEqualTo(to.getSpanId());
  }

  @Test
  @DisplayName("each attempt has a span of its own, linked to that of the enqueue")
  @SuppressWarnings("try") // The scope is there to be closed.
  void attempts() {
    Span request = telemetry.getOpenTelemetry().getTracer("test").spanBuilder("r").startSpan();
    try (Scope scope = request.makeCurrent()) {
      traced.enqueue(traced.job(TEXT, "a", "a").headers(Map.of("customer", "7")).build());
    }
    var current = new CopyOnWriteArrayList<String>();
    startTraced(
        (payload, context) -> {
          current.add(Span.current().getSpanContext().getSpanId());
          if (context.attempt() == 1) {
            throw new IllegalStateException("boom");
          }
        });
    awaitState("a", JobState.DONE);

    SpanData enqueue = spans("enqueue texts").get(0);
    assertThat(enqueue.getKind()).isEqualTo(SpanKind.PRODUCER);
    assertThat(enqueue.getParentSpanId()).isEqualTo(request.getSpanContext().getSpanId());
    assertThat(enqueue.getAttributes().get(stringKey("messaging.operation.type")))
        .isEqualTo("send");
    assertThat(job("a").headers()).containsEntry("customer", "7").containsKey("traceparent");
    List<SpanData> attempts = spans("process texts");
    assertThat(attempts).hasSize(2);
    assertThat(current)
        .containsExactlyElementsOf(attempts.stream().map(SpanData::getSpanId).toList());
    for (SpanData attempt : attempts) {
      assertThat(attempt.getKind()).isEqualTo(SpanKind.CONSUMER);
      assertThat(attempt.getParentSpanContext().isValid()).isFalse();
      isLinked(attempt, enqueue.getSpanContext());
    }
    SpanData failed = attempts.get(0);
    assertThat(failed.getAttributes().get(longKey("lease.job.attempt"))).isEqualTo(1);
    assertThat(failed.getAttributes().get(stringKey("error.type")))
        .isEqualTo("java.lang.IllegalStateException");
    assertThat(failed.getEvents()).hasSize(1);
    assertThat(failed.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(attempts).extracting(TracingTest::outcome).containsExactly("threw", "done");
  }

  @Test
  @DisplayName("a batch has one span; jobs of others, with odd headers, and outcomes work as well")
  void batch() {
    Map<String, String> full = new HashMap<>();
    for (int i = 0; i < 32; i++) {
      full.put("header-" + i, "x");
    }
    traced.enqueue(
        List.of(
            traced.job(TEXT, "closed", "closed").build(),
            traced.job(TEXT, "old", "old").build(),
            traced.job(TEXT, "bad", "bad").build(),
            traced.job(TEXT, "forwarded", "").headers(Map.of("traceparent", FOREIGN)).build(),
            traced.job(TEXT, "full", "").headers(full).build()));
    enqueue("untraced");
    enqueue(client.job(TEXT, "odd", "").headers(Map.of("traceparent", "odd")).build());
    startTraced(
        (payload, context) -> {
          switch (payload) {
            case "closed" -> throw Outcome.snooze(FAR).because("closed");
            case "old" -> throw Outcome.discard().because("too old");
            case "bad" -> throw Outcome.fail().because("no account");
            default -> {}
          }
        });
    for (String id : List.of("forwarded", "full", "untraced", "odd")) {
      awaitState(id, JobState.DONE);
      assertThat(outcome(attempt(id))).isEqualTo("done");
    }
    awaitState("bad", JobState.FAILED);

    SpanData enqueue = spans("enqueue texts").get(0);
    assertThat(enqueue.getAttributes().get(longKey("messaging.batch.message_count"))).isEqualTo(5);
    isLinked(attempt("closed"), enqueue.getSpanContext());
    isLinked(attempt("bad"), enqueue.getSpanContext());
    assertThat(attempt("forwarded").getLinks().get(0).getSpanContext().getSpanId())
        .isEqualTo("b7ad6b7169203331");
    for (String id : List.of("full", "untraced", "odd")) {
      assertThat(attempt(id).getLinks()).isEmpty();
    }
    assertThat(outcome(attempt("closed"))).isEqualTo("snoozed");
    assertThat(outcome(attempt("old"))).isEqualTo("discarded");
    assertThat(attempt("old").getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(outcome(attempt("bad"))).isEqualTo("failed");
    assertThat(attempt("bad").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
  }

  @Test
  @DisplayName("an enqueue that fails is a failed span, and its caller gets the exception")
  void failingEnqueue() {
    JobClient failing =
        client
            .intercept(tracing)
            .in(
                jobs -> {
                  throw StoreException.notDone("down", null);
                });
    NewJob job = client.job(TEXT, "a", "a").build();
    assertThatThrownBy(() -> failing.enqueue(job)).hasMessage("down");
    assertThat(spans("enqueue texts").get(0).getStatus().getStatusCode())
        .isEqualTo(StatusCode.ERROR);
  }
}
