package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.LeaseLostException;
import dev.lease.Limits;
import dev.lease.StoreException;
import dev.lease.testkit.Fault;
import dev.lease.testkit.Faults;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.JobEvent.End;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Handlers on the test's own thread, on the in-memory store, whose time the test moves. */
class TestWorkerTest {

  private static final JobType<Order> ORDER = JobType.of("orders", "order", Order.class);
  private static final JobType<String> MAIL = JobType.of("mails", "mail", String.class);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  record Order(String item, int amount) {}

  record Receipt(String number) {}

  private final ManualClock clock = new ManualClock();
  private final InMemoryBackend backend = new InMemoryBackend(clock);
  private final Faults faults = new Faults();
  private final JobQueue jobs = faults.wrap(backend.jobQueue());
  private final Worker.Builder builder = Parts.worker(jobs, backend.jobAdmin());
  private final List<String> effects = new ArrayList<>();

  @AfterEach
  void close() {
    backend.close();
  }

  private TestWorker worker(JobHandler<Order> handler) {
    return TestWorker.of(
        builder.handle(
            ORDER,
            handler,
            HandlerOptions.builder().retry(RetryPolicy.fixed(MINUTE)).maxRunTime(MINUTE).build()));
  }

  private JobClient client() {
    return JobClient.of(backend);
  }

  private Receipt charge(JobContext context) {
    effects.add(context.idempotencyKey("charge"));
    return new Receipt("r" + effects.size());
  }

  private Job job(TestedAttempt attempt) {
    return backend.jobQueue().find(attempt.queue(), attempt.jobId()).orElseThrow();
  }

  private static final Order TEA = new Order("tea", 2);

  @Test
  @DisplayName("a job that succeeds: its result, its steps, its progress, on this very thread")
  void succeeds() {
    Thread test = Thread.currentThread();
    TestWorker worker =
        worker(
            (order, context) -> {
              assertThat(Thread.currentThread()).isSameAs(test);
              Receipt receipt = context.step("charge", Receipt.class, () -> charge(context));
              context.step("ship", () -> effects.add("ship"));
              context.progress(70, order.item());
              context.result(receipt);
            });

    TestedAttempt attempt = worker.run(ORDER, TEA);

    assertThat(attempt.end()).as("%s", attempt).isEqualTo(End.SUCCEEDED);
    assertThat(attempt.failure()).isNull();
    assertThat(attempt.attempt()).isEqualTo(1);
    assertThat(attempt.result(Receipt.class)).contains(new Receipt("r1"));
    assertThat(attempt.steps()).containsExactly("charge", "ship");
    assertThat(attempt.step("charge", Receipt.class)).isEqualTo(new Receipt("r1"));
    assertThat(attempt.progress()).hasToString("Progress[percent=70, message=tea]");
    assertThat(job(attempt).state()).isEqualTo(JobState.DONE);
    assertThat(job(attempt).progress()).isEqualTo(attempt.progress());
    assertThatThrownBy(() -> attempt.step("other", Receipt.class))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContainingAll("\"other\"", "charge", "ship");
  }

  @Test
  @DisplayName("a later attempt gets the steps that were kept, the headers and its number")
  void laterAttempt() {
    TestWorker worker =
        worker(
            (order, context) -> {
              Receipt receipt = context.step("charge", Receipt.class, () -> charge(context));
              try {
                context.step(
                    Step.of("card", String.class).keepFailure(IOException.class), () -> "");
              } catch (StepFailedException e) {
                context.step("note", String.class, e::getMessage);
              }
              context.result(context.headers().get("trace") + context.attempt() + receipt.number());
            });

    TestedAttempt attempt =
        worker
            .job(ORDER.withMaxFailures(3), TEA)
            .attempt(3)
            .keptStep("charge", new Receipt("r0"))
            .keptFailure("card", new IOException("refused"))
            .headers(Map.of("trace", "t"))
            .run();

    assertThat(attempt.result(String.class)).contains("t3r0");
    assertThat(attempt.steps()).containsExactly("note");
    assertThat(attempt.step("note", String.class)).contains("refused");
    assertThat(effects).isEmpty();
    assertThat(backend.jobAdmin().failedAttempts(ORDER.queue(), attempt.jobId())).hasSize(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> worker.job(ORDER.withMaxFailures(3), TEA).attempt(4))
        .withMessageContainingAll("attempt", "4", "3");
  }

  @Test
  @DisplayName("each outcome of a handler, with its delay and its exception")
  void outcomes() {
    List<Exception> thrown = new ArrayList<>();
    TestWorker worker =
        worker(
            (order, context) -> {
              throw thrown.get(0);
            });

    thrown.add(new IOException("down"));
    TestedAttempt retried = worker.run(ORDER, TEA);
    assertThat(retried.end()).isEqualTo(End.RETRIED);
    assertThat(retried.delay()).isEqualTo(MINUTE);
    assertThat(retried.failure()).isSameAs(thrown.get(0));
    assertThat(retried.toString()).contains("RETRIED", "PT1M", "java.io.IOException: down");
    assertThat(worker.job(ORDER.withMaxFailures(3), TEA).attempt(3).run().end())
        .isEqualTo(End.FAILED);

    thrown.set(0, Outcome.snooze(MINUTE).because("closed"));
    assertThat(worker.run(ORDER, TEA).end()).isEqualTo(End.SNOOZED);
    thrown.set(0, Outcome.discard().because("too old"));
    assertThat(worker.run(ORDER, TEA).end()).isEqualTo(End.DISCARDED);
    thrown.set(0, Outcome.fail().because("no such item"));
    TestedAttempt failed = worker.run(ORDER, TEA);
    assertThat(failed.end()).isEqualTo(End.FAILED);
    assertThat(job(failed).state()).isEqualTo(JobState.FAILED);
  }

  @Test
  @DisplayName("W09 a dependency that is down for a day makes no job FAILED by default")
  void outlastsADay() {
    TestWorker worker =
        TestWorker.of(
            builder.handle(
                ORDER,
                (order, context) -> {
                  throw new IOException("down");
                }));
    TestedAttempt attempt = worker.run(ORDER, TEA);
    var since = clock.instant();
    for (int failure = 1; failure < RetryPolicy.DEFAULT_MAX_FAILURES; failure++) {
      assertThat(attempt.end()).as("failure %s", failure).isEqualTo(End.RETRIED);
      clock.advance(attempt.delay().plusMillis(1)); // the store rounds up
      attempt = worker.drain().get(0);
    }
    assertThat(attempt.end()).isEqualTo(End.FAILED);
    assertThat(Duration.between(since, clock.instant())).isGreaterThan(Duration.ofDays(1));
    assertThat(job(attempt).failures()).isEqualTo(RetryPolicy.DEFAULT_MAX_FAILURES);
    assertThat(job(attempt).state()).isEqualTo(JobState.FAILED);
  }

  @Test
  @DisplayName("W09 a job's own number of failures goes before that of the worker")
  void ownNumber() {
    TestWorker worker =
        worker(
            (order, context) -> {
              throw new IOException(
                  "attempt " + context.attempt() + " after " + context.failures());
            });
    JobType<Order> patient = ORDER.withMaxFailures(RetryPolicy.DEFAULT_MAX_FAILURES + 1);

    TestedAttempt attempt =
        worker.job(patient, TEA).attempt(RetryPolicy.DEFAULT_MAX_FAILURES).run();
    assertThat(attempt.end()).isEqualTo(End.RETRIED);
    assertThat(job(attempt).error()).contains("attempt 30 after 29");
    clock.advance(MINUTE);
    assertThat(worker.drain().get(0).end()).isEqualTo(End.FAILED);
  }

  @Test
  @DisplayName("a crash is no failure: the handler sees both numbers, and the pause is the first")
  void crashIsNoFailure() {
    List<String> seen = new ArrayList<>();
    TestWorker worker =
        worker(
            (order, context) -> {
              seen.add(context.attempt() + " " + context.crashes() + " " + context.failures());
              throw new IOException("down");
            });
    client().enqueue(ORDER, TEA);
    backend.jobQueue().claim(ClaimRequest.of(ORDER.queue(), "dead", 1, MINUTE));
    clock.advance(MINUTE);
    worker.drain();
    clock.advance(MINUTE);
    worker.drain();

    assertThat(seen).containsExactly("2 1 0", "3 1 1");
  }

  @Test
  @DisplayName("a handler sees how long it has until the deadline; no attempt begins after it")
  void deadline() {
    List<Optional<Duration>> left = new ArrayList<>();
    TestWorker worker =
        worker(
            (order, context) -> {
              left.add(context.timeLeft());
              throw new IOException("down");
            });
    worker.run(ORDER, TEA);
    assertThat(left).containsExactly(Optional.empty());

    TestedAttempt attempt = worker.job(ORDER, TEA).notAfter(Due.after(MINUTE)).run();
    assertThat(left.get(1))
        .hasValueSatisfying(it -> assertThat(it).isBetween(Duration.ZERO, MINUTE));
    assertThat(attempt.end()).isEqualTo(End.RETRIED);
    clock.advance(MINUTE.plusMillis(1));
    worker.drain();
    assertThat(job(attempt).state()).isEqualTo(JobState.CANCELLED);
    assertThat(job(attempt).error()).isEqualTo(Limits.DEADLINE_PASSED);
    assertThat(left).as("the attempts that began, one of them of the first job").hasSize(3);
  }

  @Test
  @DisplayName("a handler that is told to stop: cancelled, stopping or overdue; the test goes on")
  void toldToStop() {
    TestWorker worker =
        worker(
            (order, context) -> {
              assertThat(context.shouldStop()).isTrue();
              Thread.sleep(Duration.ofMinutes(2).toMillis());
            });

    TestedAttempt cancelled = worker.job(ORDER, TEA).cancelled().run();
    assertThat(cancelled.end()).isEqualTo(End.CANCELLED);
    assertThat(cancelled.failure()).isInstanceOf(InterruptedException.class);
    assertThat(job(cancelled).state()).isEqualTo(JobState.CANCELLED);

    TestedAttempt stopped = worker.job(ORDER, TEA).stopping().run();
    assertThat(stopped.end()).isEqualTo(End.RELEASED);
    assertThat(job(stopped).state()).isEqualTo(JobState.PENDING);

    TestedAttempt overdue = worker.job(ORDER, TEA).overdue().run();
    assertThat(overdue.end()).isEqualTo(End.RETRIED);
    assertThat(job(overdue).error()).contains("ran longer than 1 min");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();

    TestWorker checking = TestWorker.of(builder.handle(MAIL, (mail, c) -> c.checkActive()));
    assertThat(checking.job(MAIL, "a").stopping().run().failure())
        .isInstanceOf(CancellationException.class);
    assertThatIllegalStateException()
        .isThrownBy(() -> checking.job(MAIL, "a").overdue())
        .withMessageContaining("no maximum run time");
  }

  @Test
  @DisplayName("a lease that is lost before the work, or between an effect and its value")
  void losesLease() {
    TestWorker worker =
        worker(
            (order, context) -> {
              context.checkActive();
              context.step("charge", Receipt.class, () -> charge(context));
            });

    TestedAttempt before = worker.job(ORDER, TEA).losesLease().run();
    assertThat(before.end()).isEqualTo(End.LOST);
    assertThat(before.failure()).isInstanceOf(LeaseLostException.class);
    assertThat(effects).isEmpty();
    assertThat(worker.drain()).extracting(TestedAttempt::end).containsExactly(End.SUCCEEDED);
    effects.clear();

    TestedAttempt within = worker.job(ORDER, TEA).losesLeaseIn("charge").run();
    assertThat(within.end()).isEqualTo(End.LOST);
    assertThat(within.steps()).isEmpty();
    assertThat(worker.drain()).extracting(TestedAttempt::jobId).containsExactly(within.jobId());
    assertThat(effects).hasSize(2).containsOnly(effects.get(0));
  }

  @Test
  @DisplayName("a handler that ignores the loss of its lease has not done its job")
  void ignoresLoss() {
    TestWorker worker = worker((order, context) -> context.result("done"));

    TestedAttempt attempt = worker.job(ORDER, TEA).losesLease().run();

    assertThat(attempt.end()).isEqualTo(End.LOST);
    assertThat(attempt.failure()).isNull();
    assertThat(job(attempt).state()).isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("drain runs what is due, also what that enqueues; the clock brings the retry")
  void drain() {
    JobClient client = JobClient.of(Parts.of(jobs));
    TestWorker worker =
        TestWorker.of(
            builder
                .handle(
                    ORDER,
                    (order, context) -> {
                      client.enqueue(MAIL, order.item());
                      if (context.attempt() == 1) {
                        throw new IOException("down");
                      }
                    },
                    RetryPolicy.fixed(MINUTE))
                .handle(MAIL, (mail, context) -> effects.add(mail)));
    client.enqueue(ORDER, TEA);
    client.enqueue(client.job(MAIL, "later").due(Due.after(Duration.ofHours(1))).build());

    assertThat(worker.drain())
        .extracting(TestedAttempt::type, TestedAttempt::end)
        .containsExactly(tuple("order", End.RETRIED), tuple("mail", End.SUCCEEDED));
    assertThat(worker.drain()).isEmpty();

    clock.advance(MINUTE);
    assertThat(worker.drain())
        .extracting(TestedAttempt::type, TestedAttempt::attempt, TestedAttempt::end)
        .containsExactly(tuple("order", 2, End.SUCCEEDED), tuple("mail", 1, End.SUCCEEDED));
    assertThat(effects).containsExactly("tea", "tea");

    clock.advance(Duration.ofHours(1));
    assertThat(worker.drain()).hasSize(1);
    assertThat(effects).contains("later");
  }

  @Test
  @DisplayName("drain ends although jobs enqueue themselves, and the next job is as it was")
  void endless() {
    JobClient client = JobClient.of(Parts.of(jobs));
    TestWorker worker = worker((order, context) -> client.enqueue(ORDER, order));
    client.enqueue(ORDER, TEA);

    assertThatIllegalStateException()
        .isThrownBy(() -> worker.drain(3))
        .withMessageContainingAll("3 attempts", "enqueue themselves", "SUCCEEDED order", "orders");
    assertThat(worker.assertEnqueued(ORDER, TEA::equals).attempts()).isZero();
  }

  @Test
  @DisplayName("time that passes in a handler costs it no lease, since nobody else claims its job")
  void timePasses() {
    TestWorker worker =
        worker(
            (order, context) -> {
              clock.advance(Duration.ofDays(1));
              context.checkActive();
              context.step("charge", Receipt.class, () -> charge(context));
            });
    worker.client().enqueue(ORDER, TEA);

    assertThat(worker.drain()).extracting(TestedAttempt::end).containsExactly(End.SUCCEEDED);
  }

  @Test
  @DisplayName("listeners and interceptors of the builder take part, on this thread")
  void configuration() {
    List<String> heard = new ArrayList<>();
    builder
        .listen(
            new WorkerListener() {
              @Override
              public void attemptEnded(JobEvent job) {
                heard.add(job.end() + " on " + Thread.currentThread().getName());
              }
            })
        .intercept(
            (context, call) -> {
              heard.add("begin");
              call.proceed();
            });

    worker((order, context) -> heard.add("handler")).run(ORDER, TEA);

    assertThat(heard)
        .containsExactly("begin", "handler", "SUCCEEDED on " + Thread.currentThread().getName());
  }

  @Test
  @DisplayName("faults of the store: what can be sent again is, and the rest is an error")
  void faults() {
    TestWorker worker =
        worker((order, context) -> context.step("charge", Receipt.class, () -> charge(context)));

    faults.next("checkpoint", Fault.LOST_REPLY);
    faults.next("settle", Fault.LOST_REPLY, Fault.NOT_DONE);
    TestedAttempt attempt = worker.run(ORDER, TEA);
    assertThat(attempt.end()).isEqualTo(End.SUCCEEDED);
    assertThat(effects).hasSize(1);

    faults.outage();
    assertThatThrownBy(worker::drain).isInstanceOf(StoreException.class);
  }

  @Test
  @DisplayName("a settlement that never succeeds is an error, not an endless wait")
  void neverSettled() {
    TestWorker worker = worker((order, context) -> faults.outage());

    assertThatIllegalStateException()
        .isThrownBy(() -> worker.run(ORDER, TEA))
        .withMessageContaining("could not be settled")
        .withCauseInstanceOf(StoreException.class);
  }

  @Test
  @DisplayName("a type without a handler and a payload that cannot be read are released, as ever")
  void released() {
    JobClient client = JobClient.of(Parts.of(jobs));
    TestWorker worker = worker((order, context) -> effects.add("run"));
    client.enqueue(client.job(JobType.of("orders", "other", String.class), "x").build());
    client.enqueue(JobType.of("orders", "order", String.class), "no order");

    assertThat(worker.drain())
        .extracting(TestedAttempt::type, TestedAttempt::end)
        .containsExactly(tuple("other", End.RELEASED), tuple("order", End.RELEASED));
    assertThat(effects).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> worker.run(MAIL, "a"))
        .withMessageContainingAll("mail", "no handler");
  }

  @Test
  @DisplayName("a job that cannot be claimed is an error")
  void paused() {
    TestWorker worker = worker((order, context) -> {});
    backend.jobAdmin().pause(ORDER.queue());

    assertThatIllegalStateException()
        .isThrownBy(() -> worker.run(ORDER, TEA))
        .withMessageContainingAll("cannot be claimed", "paused");
  }

  @Test
  @DisplayName("jobs that wait can be asserted, due or not, with or without handlers")
  void enqueued() {
    TestWorker worker = TestWorker.of(builder);
    JobClient client = worker.client();

    assertThatThrownBy(() -> worker.assertEnqueued(ORDER, order -> true))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("no job of type order", "no job waits in queue orders");

    client.enqueue(client.job(ORDER, "o1", TEA).due(Due.after(MINUTE)).build());
    assertThat(worker.assertEnqueued(ORDER, order -> order.amount() == 2).dueAt())
        .isEqualTo(clock.instant().plus(MINUTE));
    worker.assertNotEnqueued(ORDER, order -> order.amount() == 3);
    worker.assertNotEnqueued(MAIL, mail -> true);

    assertThatThrownBy(() -> worker.assertEnqueued(ORDER, order -> order.amount() == 3))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("order o1 (PENDING, due 2026-01-01T00:01:00Z)", "\"amount\":2");
    assertThatThrownBy(() -> worker.assertNotEnqueued(ORDER, TEA::equals))
        .isInstanceOf(AssertionError.class)
        .hasMessageContainingAll("queue orders", "order o1", "\"amount\":2");
  }

  @Test
  @DisplayName("what needs a JobAdmin says so where there is none")
  void withoutAdmin() {
    TestWorker worker = TestWorker.of(Parts.worker(jobs).handle(MAIL, (mail, context) -> {}));

    assertThat(worker.run(MAIL, "a").end()).isEqualTo(End.SUCCEEDED);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> worker.assertEnqueued(MAIL, mail -> true))
        .withMessageContaining("capability ADMIN");
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> worker.job(MAIL, "a").cancelled())
        .withMessageContaining("capability ADMIN");
  }

  @Test
  @DisplayName("schedules fire when the time has come that the test has moved to")
  void schedules() {
    builder.schedule(Schedule.every("tea-time", ORDER, TEA, Duration.ofHours(1)));
    TestWorker worker = worker((order, context) -> effects.add(order.item()));

    worker.drain();
    assertThat(effects).isEmpty();
    for (int hours = 1; hours <= 3; hours++) {
      clock.advance(Duration.ofHours(1));
      worker.drain();
      assertThat(effects).hasSize(hours).containsOnly("tea");
    }
  }
}
