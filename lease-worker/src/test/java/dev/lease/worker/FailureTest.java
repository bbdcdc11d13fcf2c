package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.MDC;

class FailureTest extends WorkerFixture {

  interface Failing {
    void fail() throws Throwable;
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        named(
            "an exception",
            () -> {
              throw new IllegalStateException("boom");
            }),
        named(
            "an error",
            () -> {
              throw new NoClassDefFoundError("boom");
            }),
        named(
            "out of memory",
            () -> {
              throw new OutOfMemoryError("boom");
            }),
        named(
            "the end of the thread",
            () -> {
              throw new ThreadDeath();
            }),
        named("a stack overflow", () -> overflow(1)),
        named(
            "an interrupt of its own",
            () -> {
              throw new InterruptedException("boom");
            }),
        named(
            "an interrupt that it gave itself",
            () -> {
              Thread.currentThread().interrupt();
              Thread.sleep(1);
            }),
        named(
            "a text that throws",
            () -> {
              throw new Unspeakable();
            }),
        named(
            "a text that no store can keep",
            () -> {
              throw new IllegalStateException("a\0b\uD800" + "x".repeat(1_000_000));
            }));
  }

  private static Arguments named(String what, Failing failing) {
    return Arguments.of(what, failing);
  }

  private static int overflow(int depth) {
    return depth == 0 ? 0 : overflow(depth + 1) + 1;
  }

  private static final class Unspeakable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("not even this");
    }
  }

  @ParameterizedTest(name = "W04 {0} is a failed attempt, and the slot survives it")
  @MethodSource("failures")
  void anyThrowable(String what, Failing failing) {
    enqueue("failing", "next");
    Worker worker =
        start(
            config(),
            (payload, context) -> {
              if (payload.equals("failing")) {
                sneak(failing);
              }
            });

    Job failed = awaitState("failing", JobState.RETRY);
    assertThat(failed.attempts()).isEqualTo(1);
    assertThat(failed.error()).isNotBlank().hasSizeLessThanOrEqualTo(Limits.MAX_ERROR_CHARS);
    assertThat(awaitState("next", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(worker.status().failed()).isEqualTo(1);
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains("failing", "attempt 1, token")
        .hasSizeLessThan(Limits.MAX_ERROR_CHARS + 1_000);
  }

  private static void sneak(Failing failing) throws Exception {
    try {
      failing.fail();
    } catch (Exception | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @DisplayName("W04 the error kept is the stack trace")
  void stackTrace() {
    enqueue("a");
    start(
        config(),
        (payload, context) -> {
          throw new IllegalStateException("why", new IllegalArgumentException("cause"));
        });

    assertThat(awaitState("a", JobState.RETRY).error())
        .startsWith("java.lang.IllegalStateException: why")
        .contains("FailureTest", "Caused by: java.lang.IllegalArgumentException: cause");
  }

  @Test
  @DisplayName("W04 an exception that means so ends the job at once")
  void fatal() {
    enqueue("a");
    start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(
                TEXT,
                (payload, context) -> {
                  throw new NumberFormatException("never");
                },
                patient().neverRetryOn(IllegalArgumentException.class)));

    assertThat(awaitState("a", JobState.FAILED).attempts()).isEqualTo(1);
  }

  @Test
  @DisplayName("W04 the last failure ends the job")
  void exhausted() {
    enqueue(client.job(TEXT.withMaxFailures(1), "a", "a").build());
    start(
        config(),
        (payload, context) -> {
          throw new IllegalStateException("boom");
        });

    assertThat(awaitState("a", JobState.FAILED).error()).contains("boom");
  }

  @Test
  @DisplayName("an id cannot make a line of its own in the log")
  void lineInId() {
    var seen = new AtomicReference<String>();
    String id = "bad\nERROR forged\u001b[2J\u2028";
    enqueue(client.job(TEXT, id, "a").build());
    start(
        config(),
        (payload, context) -> {
          seen.set(MDC.get("jobId"));
          throw new IllegalStateException("boom");
        });

    eventually(() -> jobs.find(TEXT.queue(), id).orElseThrow().state() == JobState.RETRY);
    assertThat(seen.get()).isEqualTo("bad\\u000AERROR forged\\u001B[2J\\u2028");
    assertThat(logs.at(Level.WARN)).singleElement().asString().contains("boom", seen.get());
  }

  @Test
  @DisplayName("W07 a handler starts clean, whatever the one before left on its thread")
  void clean() {
    var first = new AtomicReference<Thread>();
    var found = new AtomicReference<Map<String, String>>();
    var loader = new AtomicReference<ClassLoader>();
    ClassLoader strange = new ClassLoader() {};
    enqueue("dirty", "clean");
    start(
        config(),
        (payload, context) -> {
          if (payload.equals("dirty")) {
            first.set(Thread.currentThread());
            MDC.put("mine", "dirt");
            Thread.currentThread().setContextClassLoader(strange);
            Thread.currentThread().interrupt();
          } else {
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            found.set(MDC.getCopyOfContextMap());
            loader.set(Thread.currentThread().getContextClassLoader());
          }
        });

    awaitState("clean", JobState.DONE);
    assertThat(found.get())
        .isEqualTo(
            Map.of("jobQueue", "texts", "jobId", "clean", "jobType", "text", "jobAttempt", "1"));
    assertThat(loader.get()).isNotSameAs(strange);
  }

  @Test
  @DisplayName("W10 a payload that cannot be read is no attempt, and holds up that job alone")
  void undecodable() {
    List<String> bad = List.of("{", "null", "[1]", "[".repeat(100_000), "{\"@class\":\"x\"}");
    List<NewJob> all = new ArrayList<>();
    for (int i = 0; i < bad.size(); i++) {
      all.add(NewJob.builder(TEXT.queue(), "bad" + i, TEXT.name(), bad.get(i)).build());
    }
    client.enqueue(all);
    enqueue("good");
    var payloads = new CopyOnWriteArrayList<String>();
    start(config(), (payload, context) -> payloads.add(payload));

    awaitState("good", JobState.DONE);
    for (int i = 0; i < bad.size(); i++) {
      String id = "bad" + i;
      var released = awaitState(id, JobState.PENDING, job -> job.token() > 0);
      assertThat(released.attempts()).isZero();
    }
    assertThat(payloads).containsExactly("good");
  }

  @Test
  @DisplayName("W10 jobs of an unknown type go back with a delay, uncounted, with one warning")
  void unknownType() {
    for (String id : List.of("u1", "u2", "u3")) {
      enqueue(NewJob.builder(TEXT.queue(), id, "unknown", "\"\"").build());
    }
    enqueue("known");
    start(config(), (payload, context) -> {});

    awaitState("known", JobState.DONE);
    for (String id : List.of("u1", "u2", "u3")) {
      Job job = awaitState(id, JobState.PENDING);
      assertThat(job.attempts()).isZero();
    }
    assertThat(logs.at(Level.WARN)).singleElement().asString().contains("unknown");
  }

  @Test
  @DisplayName("W12 id and idempotency keys are the same over all attempts, and the token grows")
  void identity() {
    var ids = new CopyOnWriteArrayList<String>();
    var tokens = new CopyOnWriteArrayList<Long>();
    var attempts = new CopyOnWriteArrayList<Integer>();
    enqueue("a b");
    start(
        Parts.worker(jobs)
            .config(config().idempotencyKeyPrefix("shop:").build())
            .handle(
                TEXT,
                (payload, context) -> {
                  ids.add(context.jobId());
                  ids.add(context.idempotencyKey());
                  ids.add(context.idempotencyKey("place"));
                  tokens.add(context.token());
                  attempts.add(context.attempt());
                  if (context.attempt() < 3) {
                    throw new IllegalStateException("again");
                  }
                },
                RetryPolicy.exponential(java.time.Duration.ofNanos(1), FAR)));

    awaitState("a b", JobState.DONE);
    assertThat(attempts).containsExactly(1, 2, 3);
    assertThat(tokens).isSorted().doesNotHaveDuplicates();
    assertThat(ids).containsOnly("a b", "shop:texts:a+b", "shop:texts:a+b:place");
  }
}
