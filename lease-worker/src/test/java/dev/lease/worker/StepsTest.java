package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Job;
import dev.lease.JobState;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class StepsTest extends WorkerFixture {

  record Receipt(String number, int amount) {}

  /** What steps ran, over all attempts. */
  private final List<String> ran = new CopyOnWriteArrayList<>();

  private final List<Object> results = new CopyOnWriteArrayList<>();

  private <T> T ran(String step, T result) {
    ran.add(step);
    return result;
  }

  private void startWithRetries(JobHandler<String> handler) {
    startWithRetries(config(), handler);
  }

  private void startWithRetries(WorkerConfig.Builder config, JobHandler<String> handler) {
    RetryPolicy soon = RetryPolicy.exponential(Duration.ofMillis(1), Duration.ofMillis(1));
    start(Parts.worker(jobs).config(config.build()).handle(TEXT, handler, soon));
  }

  private static void failOn(int attempt, JobContext context) {
    if (context.attempt() == attempt) {
      throw new IllegalStateException("on purpose");
    }
  }

  @Test
  @DisplayName("Q26 a step that an attempt has run is not run by later ones, which get its value")
  void once() {
    enqueue("a");
    startWithRetries(
        (payload, context) -> {
          results.add(
              context.step("charge", Receipt.class, () -> ran("charge", new Receipt("r1", 5))));
          failOn(1, context);
          context.step("mail", () -> ran.add("mail"));
          failOn(2, context);
        });

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(3);
    assertThat(ran).containsExactly("charge", "mail");
    assertThat(results).hasSize(3).containsOnly(new Receipt("r1", 5));
  }

  @Test
  @DisplayName("Q26 the value is kept before the next step begins")
  void keptBeforeTheNext() {
    enqueue("a");
    startWithRetries(
        (payload, context) -> {
          context.step("first", () -> ran.add("first"));
          context.step(
              "second",
              () -> {
                assertThat(backend.jobQueue().checkpoints(context.lease()).orElseThrow())
                    .containsOnlyKeys("first");
                ran.add("second");
              });
        });

    awaitState("a", JobState.DONE);
    assertThat(ran).containsExactly("first", "second");
  }

  @Test
  @DisplayName("a name is given once in an attempt; a loop tells its rounds apart")
  void loop() {
    enqueue("twice", "loop");
    start(
        config(),
        (payload, context) -> {
          for (String line : List.of("tea", "milk")) {
            String name = payload.equals("twice") ? "reserve" : "reserve-" + line;
            results.add(context.step(name, String.class, () -> ran(line, line)));
          }
        });

    awaitState("loop", JobState.DONE);
    Job twice = awaitState("twice", JobState.RETRY);
    assertThat(twice.error())
        .contains("has run step \"reserve\" already; each step of a job needs a name of its own");
    assertThat(ran).containsExactly("tea", "tea", "milk");
    assertThat(results).containsExactly("tea", "tea", "milk");
  }

  @Test
  @DisplayName("a step that failed may be tried again within the attempt")
  void failedStep() {
    enqueue("a");
    startWithRetries(
        (payload, context) -> {
          assertThatThrownBy(
                  () ->
                      context.step(
                          "charge",
                          () -> {
                            ran.add("failing");
                            throw new IOException("declined");
                          }))
              .isInstanceOf(IOException.class)
              .hasMessage("declined");
          context.step("charge", () -> ran.add("charge"));
        });

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(ran).containsExactly("failing", "charge");
  }

  @Test
  @DisplayName("a step in a step is the job's own: kept although the outer one fails")
  void nested() {
    enqueue("a");
    startWithRetries(
        (payload, context) ->
            context.step(
                "outer",
                () -> {
                  ran.add("outer");
                  context.step("inner", () -> ran.add("inner"));
                  failOn(1, context);
                }));

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(2);
    assertThat(ran).containsExactly("outer", "inner", "outer");
  }

  @Test
  @DisplayName("a step that failed is tried again within the attempt, without what it had run")
  void nestedAgain() {
    enqueue("a");
    start(
        config(),
        (payload, context) -> {
          var tries = new AtomicInteger();
          JobContext.Action outer =
              () -> {
                ran.add("outer");
                results.add(context.step("inner", String.class, () -> ran("inner", "i")));
                if (tries.incrementAndGet() == 1) {
                  throw new IOException("on purpose");
                }
              };
          assertThatThrownBy(() -> context.step("outer", outer)).isInstanceOf(IOException.class);
          context.step("outer", outer);
          assertThatThrownBy(() -> context.step("inner", () -> {}))
              .hasMessageContaining("has run step \"inner\" already");
        });

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(ran).containsExactly("outer", "inner", "outer");
    assertThat(results).containsExactly("i", "i");
  }

  @Test
  @DisplayName("a failure that is kept is thrown again by later attempts, and the work not run")
  void keptFailure() {
    Step<String> card = Step.of("card", String.class).keepFailure(IOException.class);
    enqueue("a");
    startWithRetries(
        (payload, context) -> {
          try {
            context.step(
                card,
                () -> {
                  ran.add("card");
                  throw new FileNotFoundException("timed out");
                });
          } catch (StepFailedException e) {
            results.add(e.step() + ", " + e.failure() + ", " + e.reason() + ", " + e.getCause());
            context.step("paypal", () -> ran.add("paypal"));
          }
          failOn(1, context);
        });

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(2);
    assertThat(ran).containsExactly("card", "paypal");
    String failure = "card, java.io.FileNotFoundException, timed out, ";
    assertThat(results)
        .containsExactly(failure + "java.io.FileNotFoundException: timed out", failure + "null");
  }

  @Test
  @DisplayName("a failure is kept only if the step says so, and never what the handler says")
  void failuresThatAreNotKept() {
    Step<String> step = Step.of("card", String.class).keepFailure(RuntimeException.class);
    enqueue("a");
    startWithRetries(
        (payload, context) ->
            results.add(
                context.step(
                    step,
                    () -> {
                      ran.add("card " + context.attempt());
                      switch (context.attempt()) {
                        case 1 -> throw new IOException("declined");
                        case 2 -> throw Outcome.retryAfter(Duration.ZERO).because("busy");
                        default -> {
                          return "failed:";
                        }
                      }
                    })));

    awaitState("a", JobState.DONE);
    assertThat(ran).containsExactly("card 1", "card 2", "card 3");
    assertThat(results).containsExactly("failed:");
  }

  @Test
  @DisplayName("steps may run on several threads, and in steps on other threads")
  void threads() {
    enqueue("a");
    startWithRetries(
        (payload, context) -> {
          ExecutorService threads = Executors.newFixedThreadPool(4);
          try {
            List<Future<String>> parts = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
              String name = "part-" + i;
              parts.add(
                  threads.submit(() -> context.step(name, String.class, () -> ran(name, name))));
            }
            for (Future<String> part : parts) {
              results.add(part.get());
            }
            failOn(1, context);
            var tries = new AtomicInteger();
            JobContext.Action outer =
                () -> {
                  threads
                      .submit(() -> context.step("inner", String.class, () -> ran("inner", "i")))
                      .get();
                  if (tries.incrementAndGet() == 1) {
                    throw new IOException("on purpose");
                  }
                };
            assertThatThrownBy(() -> context.step("outer", outer)).isInstanceOf(IOException.class);
            context.step("outer", outer);
          } finally {
            threads.shutdown();
          }
        });

    awaitState("a", JobState.DONE);
    assertThat(ran).containsExactlyInAnyOrder("part-0", "part-1", "part-2", "part-3", "inner");
    assertThat(results).hasSize(8).startsWith("part-0", "part-1", "part-2", "part-3");
  }

  @Test
  @DisplayName("two threads whose first steps begin together run neither of them twice")
  void firstStepsTogether() {
    var together = new CyclicBarrier(2);
    jobs.onCheckpoints =
        (lease, call) -> {
          Optional<Map<String, String>> kept = call.get();
          together.await(LONG.toSeconds(), TimeUnit.SECONDS);
          return kept;
        };
    enqueue("a");
    startWithRetries(
        (payload, context) -> {
          ExecutorService threads = Executors.newFixedThreadPool(1);
          try {
            Future<String> other =
                threads.submit(() -> context.step("b", String.class, () -> ran("b", "kept")));
            var tries = new AtomicInteger();
            JobContext.Action failing =
                () -> {
                  other.get();
                  if (tries.incrementAndGet() == 1) {
                    throw new IOException("on purpose");
                  }
                };
            assertThatThrownBy(() -> context.step("a", failing)).isInstanceOf(IOException.class);
            context.step("a", failing);
            results.add(context.step("b", String.class, () -> ran("b again", "twice")));
          } finally {
            threads.shutdown();
          }
        });

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(ran).containsExactly("b");
    assertThat(results).containsExactly("kept");
  }

  @Tag("slow")
  @Test
  @DisplayName("a store that refuses a result does not keep a job from being cancelled")
  void cancelledWhileRefused() throws Exception {
    CountDownLatch refused = latch();
    jobs.onCheckpoint =
        (step, call) -> {
          refused.countDown();
          throw StoreException.notDone("no right to", null);
        };
    enqueue("a");
    start(soonExtended(), (payload, context) -> context.step("charge", () -> ran.add("charge")));

    pass(refused);
    admin.cancel(TEXT.queue(), "a");
    awaitState("a", JobState.CANCELLED);
    assertThat(ran).containsExactly("charge");
  }

  @Test
  @DisplayName("a step in a step of the same name is refused")
  void nestedInItself() {
    enqueue("a");
    start(
        config(),
        (payload, context) ->
            context.step("charge", () -> context.step("charge", () -> ran.add("charge"))));

    assertThat(awaitState("a", JobState.RETRY).error()).contains("has run step \"charge\" already");
    assertThat(ran).isEmpty();
  }

  @Test
  @DisplayName("a result that its class cannot read fails the attempt, stays, and is read later")
  void unreadable() {
    var type = new AtomicReference<Class<? extends Object>>(String.class);
    enqueue("a");
    startWithRetries(
        (payload, context) -> {
          results.add(context.step("charge", asObject(type.get()), () -> ran("charge", "r1")));
          if (results.size() == 1) {
            type.set(Integer.class);
            throw new IllegalStateException("on purpose");
          }
        });

    Job failed = awaitState("a", JobState.FAILED);
    assertThat(failed.attempts()).isEqualTo(RetryPolicy.DEFAULT_MAX_FAILURES);
    assertThat(failed.error())
        .contains("the kept value of step \"charge\" cannot be read as java.lang.Integer");
    type.set(String.class);
    admin.requeue(TEXT.queue(), "a");

    awaitState("a", JobState.DONE);
    assertThat(ran).containsExactly("charge");
    assertThat(results).containsExactly("r1", "r1");
  }

  /** As a class whose form has changed while its name has not. */
  @SuppressWarnings("unchecked")
  private static Class<Object> asObject(Class<?> type) {
    return (Class<Object>) type;
  }

  @Test
  @DisplayName(
      "a value that is too large, or cannot be written, fails with a text that names the step")
  void unkeepable() {
    List<Object> endless = new ArrayList<>();
    endless.add(endless);
    enqueue("large", "unwritable");
    start(
        config(),
        (payload, context) -> {
          if (payload.equals("large")) {
            context.step("read", String.class, () -> ran("x", "x".repeat(Limits.MAX_TEXT_BYTES)));
          } else {
            context.step("read", Object.class, () -> ran("y", endless));
          }
        });

    assertThat(awaitState("large", JobState.RETRY).error())
        .contains("the value of step \"read\" must be at most 1048576 bytes");
    assertThat(awaitState("unwritable", JobState.RETRY).error())
        .contains("the value of step \"read\" cannot be written");
  }

  @Test
  @DisplayName("a value with type arguments keeps them")
  void generic() {
    enqueue("a");
    startWithRetries(
        (payload, context) -> {
          List<Receipt> receipts =
              context.step(
                  Step.of("charge", new TypeReference<List<Receipt>>() {}),
                  () -> ran("charge", List.of(new Receipt("r1", 5))));
          results.add(receipts.get(0).number());
          failOn(1, context);
        });

    awaitState("a", JobState.DONE);
    assertThat(ran).containsExactly("charge");
    assertThat(results).containsExactly("r1", "r1");
  }

  @Test
  @DisplayName("a name that breaks the rules is refused before the step runs")
  void badName() {
    enqueue("a");
    start(config(), (payload, context) -> context.step(" ", () -> ran.add("blank")));

    assertThat(awaitState("a", JobState.RETRY).error()).contains("step must not be blank");
    assertThat(ran).isEmpty();
  }

  @Test
  @DisplayName("a name that the worker keeps for itself is refused")
  void reservedName() {
    enqueue("a");
    start(config(), (payload, context) -> context.step("lease:x", () -> ran.add("x")));

    assertThat(awaitState("a", JobState.RETRY).error())
        .contains("step must not begin with lease:, was \"lease:x\"");
    assertThat(ran).isEmpty();
  }

  @Test
  @DisplayName(
      "W03 a result that the store does not take is sent again, and the step not run again")
  void outage() {
    var tries = new AtomicInteger();
    jobs.onCheckpoint =
        (step, call) ->
            switch (tries.incrementAndGet()) {
              case 1 -> throw StoreException.notDone("down", null);
              case 2 -> {
                var unused = call.get();
                throw StoreException.outcomeUnknown("cut off", null);
              }
              default -> call.get();
            };
    enqueue("a");
    start(
        config(),
        (payload, context) ->
            results.add(context.step("charge", String.class, () -> ran("charge", "r1"))));

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(1);
    assertThat(ran).containsExactly("charge");
    assertThat(results).containsExactly("r1");
    assertThat(jobs.checkpointed).hasSize(3);
  }

  @Test
  @DisplayName("a step that was interrupted and ended well is kept, and the interrupt comes after")
  void interrupted() throws Exception {
    CountDownLatch running = latch();
    enqueue("a");
    Worker worker =
        start(
            config().stopGrace(Duration.ZERO),
            (payload, context) -> {
              context.step(
                  "charge",
                  () -> {
                    ran.add("charge");
                    running.countDown();
                    while (!Thread.currentThread().isInterrupted()) {
                      Thread.onSpinWait();
                    }
                  });
              ran.add("interrupted " + Thread.currentThread().isInterrupted());
              context.step("mail", () -> ran.add("mail"));
            });
    pass(running);
    worker.stop();

    assertThat(job("a").state()).isEqualTo(JobState.PENDING);
    assertThat(job("a").attempts()).isZero();
    startWithRetries(
        (payload, context) -> {
          context.step("charge", () -> ran.add("charge again"));
          context.step("mail", () -> ran.add("mail"));
        });
    awaitState("a", JobState.DONE);
    assertThat(ran).containsExactly("charge", "interrupted true", "mail");
  }

  @Test
  @DisplayName("Q38 a cancelled job ends between its steps, those that ran being kept")
  void cancelled() {
    enqueue("a");
    start(
        soonExtended(),
        (payload, context) -> {
          context.step(
              "charge",
              () -> {
                ran.add("charge");
                admin.cancel(TEXT.queue(), "a");
                while (!context.shouldStop()) {
                  Thread.onSpinWait();
                }
              });
          assertThatThrownBy(() -> context.step("mail", () -> ran.add("mail")))
              .isInstanceOf(CancellationException.class);
          ran.add("told");
          context.checkActive();
        });

    awaitState("a", JobState.CANCELLED);
    assertThat(ran).containsExactly("charge", "told");
    assertThat(jobs.checkpointed).containsExactly("charge");
  }

  @Test
  @DisplayName("W02 after the local deadline no step is run and no result sent")
  void afterTheDeadline() {
    jobs.onExtend =
        (leases, call) -> {
          throw StoreException.notDone("cut off", null);
        };
    var sent = new AtomicInteger();
    enqueue("a");
    startWithRetries(
        shortLease(),
        (payload, context) -> {
          if (context.attempt() == 1) {
            assertThatThrownBy(
                    () ->
                        context.step(
                            "charge",
                            () -> {
                              while (!context.shouldStop()) {
                                Thread.onSpinWait();
                              }
                            }))
                .isInstanceOf(LeaseLostException.class);
            assertThatThrownBy(() -> context.step("mail", () -> ran.add("mail")))
                .isInstanceOf(LeaseLostException.class);
            sent.set(jobs.checkpointed.size());
            failOn(1, context);
          }
        });

    assertThat(awaitState("a", JobState.DONE).attempts()).isEqualTo(2);
    assertThat(sent).hasValue(0);
    assertThat(ran).isEmpty();
  }

  @Test
  @DisplayName(
      "Q23 a result that comes after the job was given to another is refused: the lease is lost")
  void stale() {
    // The holder still trusts its lease, which the store has ended long since.
    var seen = new AtomicReference<Throwable>();
    enqueue("a");
    Worker worker =
        start(
            config(),
            (payload, context) -> {
              if (seen.get() == null) {
                try {
                  context.step(
                      "charge",
                      () -> {
                        ran.add("charge");
                        jobs.settle(List.of(Settlement.released(context.lease(), Duration.ZERO)));
                      });
                } catch (LeaseLostException e) {
                  seen.set(e);
                  throw e;
                }
              }
            });

    awaitState("a", JobState.DONE);
    assertThat(seen.get()).hasMessageContaining("refused step \"charge\"");
    eventually(() -> worker.status().lost() == 1);
    assertThat(ran).containsExactly("charge");
  }
}
