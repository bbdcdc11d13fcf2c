package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.FinishedJob;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.worker.JobEvent.End;
import java.lang.reflect.Field;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** What listeners hear, and what interceptors can do. */
@EnumSource(names = "POSTGRESQL")
class EventsTest extends WorkerFixture {

  private final List<String> heard = new CopyOnWriteArrayList<>();

  private final class Hearing implements WorkerListener {

    private void hear(String what, JobEvent job) {
      heard.add(what + " " + job.jobId() + " " + job.attempt());
    }

    @Override
    public void claimed(JobEvent job) {
      hear("claimed", job);
    }

    @Override
    public void started(JobEvent job) {
      hear("started", job);
    }

    @Override
    public void attemptEnded(JobEvent job) {
      End end = Objects.requireNonNull(job.end());
      String how = end.name().toLowerCase(Locale.ROOT);
      hear(
          switch (end) {
            case RETRIED -> how + " after " + job.delay() + " " + job.failure();
            case SNOOZED -> how + " for " + job.delay();
            default -> how;
          },
          job);
    }

    @Override
    public void stuck(JobEvent job) {
      hear("stuck", job);
    }

    @Override
    public void spent(FinishedJob job) {
      heard.add("spent " + job.id() + " " + job.state());
    }

    @Override
    public void outageBegan(String worker, String queue, Throwable failure) {
      heard.add("outage of " + queue + ": " + failure.getMessage());
    }

    @Override
    public void outageEnded(String worker, Duration length) {
      heard.add("outage over");
    }
  }

  private Worker.Builder hearing(JobHandler<String> handler) {
    return Parts.worker(jobs)
        .config(config().build())
        .listen(new Hearing())
        .handle(TEXT, handler, RetryPolicy.fixed(Duration.ZERO));
  }

  private void awaitHeard(String... events) {
    eventually(() -> heard.containsAll(List.of(events)));
  }

  @Test
  @DisplayName("each end of an attempt is heard once, as the store has it")
  void ends() {
    start(
        hearing(
            (payload, context) -> {
              switch (payload) {
                case "good" -> {}
                case "flaky" -> {
                  if (context.attempt() == 1) {
                    throw new IllegalStateException("boom");
                  }
                }
                case "old" -> throw Outcome.discard().because("too old");
                case "closed" -> throw Outcome.snooze(FAR).because("closed");
                default -> throw Outcome.fail().because("no account");
              }
            }));
    for (String id : List.of("good", "flaky", "old", "closed", "bad")) {
      heard.clear();
      enqueue(id);
      String begin = "claimed " + id + " 1, started " + id + " 1, ";
      String end =
          switch (id) {
            case "good" -> "succeeded good 1";
            case "flaky" ->
                "retried after PT0S java.lang.IllegalStateException: boom flaky 1, "
                    + "claimed flaky 2, started flaky 2, succeeded flaky 2";
            case "old" -> "discarded old 1";
            case "closed" -> "snoozed for PT1H closed 1";
            default -> "failed bad 1";
          };
      eventually(() -> String.join(", ", heard).equals(begin + end));
    }
  }

  @Test
  @DisplayName("a job that is handed back, one that was lost, and one without a handler")
  void others() throws Exception {
    enqueue(NewJob.builder(TEXT.queue(), "foreign", "foreign", "\"\"").build());
    enqueue(client.job(TEXT.withMaxCrashes(1), "dead", "dead").build());
    jobs.claim(ClaimRequest.of(TEXT.queue(), "dead", 10, Duration.ofMillis(1)));
    enqueue(client.job(TEXT.withNotAfter(Duration.ZERO), "late", "late").build());
    CountDownLatch go = latch();
    CountDownLatch running = latch();
    start(
        hearing(
            (payload, context) -> {
              running.countDown();
              passStubbornly(go);
            }));
    awaitHeard("spent dead FAILED", "spent late CANCELLED", "released foreign 2");

    enqueue("lost");
    pass(running);
    admin.delete(TEXT.queue(), "lost");
    go.countDown();
    awaitHeard("lost lost 1");
  }

  @Test
  @DisplayName("an outage is heard when it begins and when it ends")
  void outage() {
    jobs.onClaim =
        (queue, call) -> {
          throw StoreException.notDone("down", null);
        };
    start(hearing((payload, context) -> {}));
    awaitHeard("outage of texts: down");
    jobs.onClaim = (queue, call) -> call.get();
    awaitHeard("outage over");
    assertThat(heard).containsExactly("outage of texts: down", "outage over");
  }

  @Test
  @DisplayName("a listener that throws or hangs harms neither the worker nor other listeners")
  void badListeners() {
    CountDownLatch hanging = latch();
    WorkerListener broken =
        new WorkerListener() {
          @Override
          public void claimed(JobEvent job) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException() {
              private static final long serialVersionUID = 1L;

              @Override
              public String getMessage() {
                throw new IllegalStateException("not even this");
              }
            };
          }

          @Override
          public void attemptEnded(JobEvent job) {
            heard.add("the broken one: " + job.jobId());
          }
        };
    WorkerListener slow =
        new WorkerListener() {
          @Override
          public void claimed(JobEvent job) {
            passStubbornly(hanging);
          }
        };
    Worker worker = start(hearing((payload, context) -> {}).listen(broken).listen(slow));
    enqueue("a");
    awaitHeard("succeeded a 1");
    enqueue("b");
    awaitHeard("succeeded b 1", "the broken one: a", "the broken one: b");
    worker.stop();

    assertThat(logs.at(Level.WARN))
        .hasSize(2)
        .anyMatch(line -> line.contains("threw an exception, which changes nothing"))
        .anyMatch(line -> line.contains("still runs while the worker stops"));
  }

  @Test
  @DisplayName("interceptors run around the handlers of their types, in order, on their thread")
  void interceptors() {
    JobType<String> other = JobType.of(TEXT.queue(), "other", String.class);
    start(
        Parts.worker(jobs)
            .config(config().build())
            .intercept((context, call) -> around("all", call))
            .intercept(other, (context, call) -> around("other", call))
            .handle(TEXT, (payload, context) -> heard.add(payload), patient())
            .handle(other, (payload, context) -> heard.add(payload), patient()));
    enqueue("a");
    awaitState("a", JobState.DONE);
    client.enqueue(client.job(other, "b", "b").build());
    awaitState("b", JobState.DONE);

    assertThat(heard).containsExactly("all>", "a", "<all", "all>", "other>", "b", "<other", "<all");
  }

  private void around(String name, HandlerInterceptor.Call call) throws Exception {
    heard.add(name + ">");
    call.proceed();
    heard.add("<" + name);
  }

  @Test
  @DisplayName("an interceptor decides as a handler does: it throws, or does not go on")
  void decidingInterceptors() {
    start(
        Parts.worker(jobs)
            .config(config().build())
            .intercept(
                (context, call) -> {
                  if (context.jobId().equals("refused")) {
                    throw Outcome.fail().because("not allowed");
                  }
                  if (!context.jobId().equals("skipped")) {
                    call.proceed();
                  }
                })
            .handle(TEXT, (payload, context) -> heard.add(payload)));
    enqueue("refused", "skipped", "run");

    assertThat(awaitState("refused", JobState.FAILED).error()).contains("not allowed");
    awaitState("skipped", JobState.DONE);
    awaitState("run", JobState.DONE);
    assertThat(heard).containsExactly("run");
  }

  @Test
  @DisplayName("an interceptor sees the payload, and is not called if that cannot be read")
  void payloadOfInterceptors() {
    var seen = new CopyOnWriteArrayList<Object>();
    start(
        Parts.worker(jobs)
            .config(config().build())
            .intercept(
                (context, call) -> {
                  seen.add(call.payload());
                  call.proceed();
                })
            .handle(TEXT, (payload, context) -> heard.add(payload)));
    enqueue(NewJob.builder(TEXT.queue(), "bad", TEXT.name(), "{").build());
    eventually(() -> logs.at(Level.WARN).stream().anyMatch(line -> line.contains("cannot read")));
    enqueue("good");
    awaitState("good", JobState.DONE);

    assertThat(seen).containsExactly("good");
    assertThat(heard).containsExactly("good");
  }

  @Test
  @DisplayName("an interceptor of a type without a handler is refused")
  void interceptorOfNobody() {
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                Parts.worker(jobs)
                    .handle(TEXT, (payload, context) -> {})
                    .intercept(TEXT.in("other"), (context, call) -> call.proceed())
                    .build())
        .withMessageContaining("text of queue other has an interceptor, but no handler");
  }

  @Test
  @DisplayName("an event has the times of its job")
  void times() throws Exception {
    var events = new CopyOnWriteArrayList<JobEvent>();
    start(
        Parts.worker(jobs)
            .config(config().build())
            .listen(
                new WorkerListener() {
                  @Override
                  public void attemptEnded(JobEvent job) {
                    events.add(job);
                  }
                })
            .handle(TEXT, (payload, context) -> TimeUnit.MILLISECONDS.sleep(5)));
    enqueue(
        client
            .job(TEXT, "a", "a")
            .headers(Map.of("trace", "x", "lease-finish-hint", "of another job"))
            .build());

    eventually(() -> events.size() == 1);
    JobEvent event = events.get(0);
    assertThat(event.ran()).isGreaterThanOrEqualTo(Duration.ofMillis(5)).isLessThan(LONG);
    assertThat(event.waited()).isBetween(Duration.ZERO, LONG);
    assertThat(event.headers()).isEqualTo(Map.of("trace", "x"));
    assertThat(event.worker()).isEqualTo("test");
    assertThat(event.queue()).isEqualTo(TEXT.queue());
    assertThat(event.failure()).isNull();
    assertThat(event).hasToString("text a of queue texts (attempt 1)");
  }

  @Test
  @DisplayName("Q11 how long a job waited is told by the time of its claim, not by its lease")
  void waited() {
    var waits = new ArrayList<Duration>();
    var listening =
        new DirectListening(
            new WorkerListener() {
              @Override
              public void claimed(JobEvent job) {
                waits.add(job.waited());
              }
            });
    var held = new HeldJobs(FROZEN, FAR, new Events(List.of(listening), queue -> {}, Rates.NONE));
    var lease = JobLease.of("q", "a", "w", 1, Instant.EPOCH.plus(LONG));
    held.add(
        ClaimedJob.builder(lease, "t", "")
            .attempt(1)
            .maxCrashes(3)
            .dueAt(Instant.EPOCH)
            .claimedAt(Instant.EPOCH.plusSeconds(5))
            .build(),
        held.deadline());
    assertThat(waits).containsExactly(Duration.ofSeconds(5));
  }

  @Test
  @DisplayName("an event keeps no payload, so that those of a slow listener take little memory")
  void withoutPayload() {
    assertThat(JobEvent.class.getDeclaredFields())
        .extracting(Field::getType)
        .isNotEmpty()
        .doesNotContain(ClaimedJob.class);
  }

  @Test
  @DisplayName("what the store has is heard, also where the handler or an operator decided")
  void asTheStoreHasIt() throws Exception {
    CountDownLatch cancelled = latch();
    start(
        Parts.worker(jobs)
            .config(soonExtended().build())
            .listen(new Hearing())
            .handle(
                TEXT.withMaxCrashes(1),
                (payload, context) -> {
                  if (payload.equals("own")) {
                    var unused =
                        backend.jobQueue().settle(List.of(Settlement.done(context.lease())));
                    throw new IllegalStateException("after the settlement");
                  }
                  cancelled.countDown();
                  while (!context.shouldStop()) {
                    Thread.onSpinWait();
                  }
                  throw Outcome.snooze(FAR).because("it was told to stop");
                }));
    enqueue("own");
    awaitHeard("succeeded own 1");
    assertThat(logs.at(Level.ERROR)).isEmpty();

    enqueue("b");
    pass(cancelled);
    admin.cancel(TEXT.queue(), "b");
    awaitHeard("cancelled b 1");
    assertThat(job("b").state()).isEqualTo(JobState.CANCELLED);
  }
}
