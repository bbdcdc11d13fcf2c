package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.worker.Outcome.OutcomeException;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** What a handler says becomes of its job. */
@EnumSource(names = "POSTGRESQL")
class OutcomesTest extends WorkerFixture {

  private final List<Integer> attempts = new CopyOnWriteArrayList<>();

  /** An exception of a library, which says what becomes of any job that meets it. */
  private static final class TooManyRequests extends OutcomeException {
    private static final long serialVersionUID = 1L;

    TooManyRequests(Duration wait) {
      super(Outcome.retryAfter(wait), "too many requests", null);
    }
  }

  private Worker startThrowing(RetryPolicy policy, Supplier<Exception> thrown) {
    return start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(
                TEXT,
                (payload, context) -> {
                  attempts.add(context.attempt());
                  throw thrown.get();
                },
                policy));
  }

  private static Duration wait(Job job) {
    return Duration.between(job.asOf(), job.dueAt());
  }

  @Test
  @DisplayName("retry after: the attempt counts, and the job waits as long as it was told to")
  void retryAfter() {
    enqueue("a");
    Worker worker =
        startThrowing(
            RetryPolicy.fixed(Duration.ZERO), () -> new TooManyRequests(Duration.ofDays(3)));

    Job job = awaitState("a", JobState.RETRY);
    assertThat(job.attempts()).isEqualTo(1);
    assertThat(wait(job)).isBetween(Duration.ofDays(2), Duration.ofDays(3));
    assertThat(job.error()).contains("too many requests");
    assertThat(worker.status().failed()).isEqualTo(1);
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains("is tried again after 3 d", "too many requests")
        .doesNotContain("\n");
  }

  @Test
  @DisplayName("W04 snooze: the attempt does not count, however often, and nobody is warned")
  void snooze() {
    enqueue(client.job(TEXT.withMaxCrashes(1), "a", "a").build());
    Worker worker =
        start(
            config(),
            (payload, context) -> {
              attempts.add(context.attempt());
              if (attempts.size() < 4) {
                throw Outcome.snooze(Duration.ofMillis(1)).because("the exchange is closed");
              }
            });

    Job job = awaitState("a", JobState.DONE);
    assertThat(attempts).containsExactly(1, 1, 1, 1);
    assertThat(job.attempts()).isEqualTo(1);
    assertThat(admin.failedAttempts(TEXT.queue(), "a")).isEmpty();
    assertThat(worker.status().failed()).isZero();
    assertThat(worker.status().lost()).isZero();
    assertThat(logs.at(Level.WARN)).isEmpty();
    assertThat(logs.at(Level.ERROR)).isEmpty();
  }

  @Test
  @DisplayName("snooze: the job waits as long as it was told to, in the state that it had")
  void snoozeWaits() {
    enqueue("a");
    startThrowing(patient(), () -> Outcome.snooze(Duration.ofDays(3)).because("closed"));

    eventually(() -> wait(job("a")).compareTo(Duration.ofDays(2)) > 0);
    Job job = awaitState("a", JobState.PENDING);
    assertThat(job.attempts()).isZero();
    assertThat(wait(job)).isBetween(Duration.ofDays(2), Duration.ofDays(3));
    assertThat(attempts).containsExactly(1);
  }

  @Test
  @DisplayName("W04 discard: the job is CANCELLED with the reason, and no failure is counted")
  void discard() {
    enqueue("a");
    Worker worker =
        startThrowing(patient(), () -> Outcome.discard().because("the order is too old"));

    Job job = awaitState("a", JobState.CANCELLED);
    assertThat(job.error()).isEqualTo("the order is too old");
    assertThat(admin.failedAttempts(TEXT.queue(), "a")).isEmpty();
    assertThat(worker.status().failed()).isZero();
    assertThat(logs.at(Level.WARN)).isEmpty();
    assertThat(logs.at(Level.INFO)).anyMatch(line -> line.contains("is discarded: the order is"));
  }

  @Test
  @DisplayName("fail: the job is FAILED at once, with its reason and its trace")
  void fail() {
    enqueue("a");
    startThrowing(
        patient(), () -> Outcome.fail().because("no such account", new IOException("404")));

    Job job = awaitState("a", JobState.FAILED);
    assertThat(job.attempts()).isEqualTo(1);
    assertThat(job.error()).contains("no such account", "Caused by: java.io.IOException: 404");
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains("it is not tried again", "no such account");
  }

  @Test
  @DisplayName("what a handler says counts, whatever wraps it, and not the retry policy")
  void wrapped() {
    enqueue("a");
    startThrowing(
        patient(),
        () ->
            new ExecutionException(
                new IllegalStateException(Outcome.fail().because("no such account"))));

    awaitState("a", JobState.FAILED);
  }

  @Test
  @DisplayName("a retry policy decides by exceptions and their causes")
  void policy() {
    enqueue("a", "b", "c");
    start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(
                TEXT,
                (payload, context) -> {
                  throw switch (payload) {
                    case "a" -> new IllegalStateException(new NumberFormatException("x"));
                    case "b" -> new IOException("reset");
                    default -> new IllegalStateException("other");
                  };
                },
                RetryPolicy.fixed(Duration.ofDays(1))
                    .on(NumberFormatException.class, e -> Outcome.discard())
                    .on(IOException.class, e -> Outcome.snooze(Duration.ofDays(9)))));

    assertThat(awaitState("a", JobState.CANCELLED).error()).contains("NumberFormatException");
    eventually(() -> wait(job("b")).toDays() >= 8);
    assertThat(job("b").attempts()).isZero();
    assertThat(wait(awaitState("c", JobState.RETRY)))
        .isCloseTo(Duration.ofDays(1), Duration.of(1, ChronoUnit.HOURS));
  }

  @Test
  @DisplayName("W05 a handler that is stopped has not failed, also if it says that it is to retry")
  void stopped() throws Exception {
    CountDownLatch running = latch();
    enqueue("a");
    Worker worker =
        start(
            config().stopGrace(Duration.ZERO),
            (payload, context) -> {
              running.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                throw Outcome.retryAfter(FAR).because("no answer", e);
              }
            });
    pass(running);
    worker.stop();

    assertThat(job("a").state()).isEqualTo(JobState.PENDING);
    assertThat(job("a").attempts()).isZero();
  }

  @Test
  @DisplayName("W04 an exception of a retry policy is no harm, whatever its methods do")
  void brokenPolicy() {
    enqueue("a");
    start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(
                TEXT,
                (payload, context) -> {
                  throw new IllegalStateException("boom");
                },
                failure -> {
                  throw new Unspeakable();
                }));

    assertThat(awaitState("a", JobState.RETRY).error()).contains("boom");
    assertThat(logs.at(Level.ERROR))
        .singleElement()
        .asString()
        .contains("RetryPolicy.DEFAULT decides instead");
  }

  @Test
  @DisplayName("W04 of many exceptions of a retry policy a hundred have a line")
  void linesOfBrokenPolicy() {
    int many = FailureLines.MOST + 7;
    Worker worker =
        started(
            Parts.worker(jobs)
                .config(config().build())
                .handle(
                    TEXT,
                    (payload, context) -> {
                      throw new IllegalStateException("boom");
                    },
                    failure -> {
                      throw new IllegalStateException("on purpose");
                    })
                .build(FROZEN, Thread::new));
    enqueue(IntStream.range(0, many).mapToObj(i -> "job" + i).toArray(String[]::new));
    eventually(() -> worker.status().failed() >= many);
    worker.stop();
    assertThat(logs.at(Level.ERROR))
        .filteredOn(line -> line.contains("RetryPolicy.DEFAULT decides instead"))
        .hasSize(FailureLines.MOST);
    assertThat(logs.at(Level.WARN))
        .anyMatch(line -> line.contains("more exceptions came from the retry policy in the last"));
  }

  private static final class Unspeakable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("not even this");
    }
  }

  @Test
  @DisplayName("W13 a retry policy that hangs is interrupted, as its handler would be")
  void hangingPolicy() {
    enqueue("a");
    start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(
                TEXT,
                (payload, context) -> {
                  throw new IllegalStateException("boom");
                },
                HandlerOptions.builder()
                    .maxRunTime(Duration.ofMillis(20))
                    .retry(
                        failure -> {
                          try {
                            new CountDownLatch(1).await();
                          } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                          return Outcome.retryAfter(FAR);
                        })
                    .build()));

    assertThat(awaitState("a", JobState.RETRY).error()).contains("ran longer than 20 ms", "boom");
  }
}
