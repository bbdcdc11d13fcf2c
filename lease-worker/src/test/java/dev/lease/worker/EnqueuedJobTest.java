package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Progress;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** What a producer can learn of its job, and do with it. */
@EnumSource(names = "POSTGRESQL")
class EnqueuedJobTest extends WorkerFixture {

  record Receipt(String number, int cents) {}

  /** So long that a test ends before: only a hint can bring the news. */
  private static final Duration NO_POLL = FAR;

  private static final Duration SHORT_POLL = Duration.ofMillis(10);

  private JobClient full() {
    return JobClient.of(Parts.of(jobs, admin));
  }

  @Test
  @DisplayName("a job is found with its payload and its result, typed")
  void typed() throws Exception {
    start(
        config(),
        (payload, context) -> {
          context.progress(50, "half");
          if (payload.equals("one")) {
            context.result(new Receipt("r1", 500));
          } else if (payload.equals("many")) {
            context.result(List.of(new Receipt("r1", 500), new Receipt("r2", 700)));
          }
        });
    enqueue("one", "many", "none");

    EnqueuedJob<String> one = client.await(TEXT, "one", LONG);
    assertThat(one.state()).isEqualTo(JobState.DONE);
    assertThat(one.payload()).isEqualTo("one");
    assertThat(one.result(Receipt.class)).contains(new Receipt("r1", 500));
    assertThat(one.progress()).isEqualTo(Progress.of(50, "half"));
    assertThat(one).hasToString("text one of queue texts, DONE");
    assertThatIllegalArgumentException().isThrownBy(() -> one.result(Integer.class));
    assertThat(client.await(TEXT, "many", LONG).result(new TypeReference<List<Receipt>>() {}))
        .contains(List.of(new Receipt("r1", 500), new Receipt("r2", 700)));
    assertThat(client.await(TEXT, "none", LONG).result(Receipt.class)).isEmpty();
    assertThat(client.find(TEXT, "unknown")).isEmpty();
  }

  @Test
  @DisplayName("a handle changes, cancels and requeues its job, if the store has an admin")
  void actions() {
    enqueue("a");
    EnqueuedJob<String> handle = full().find(TEXT, "a").orElseThrow();
    assertThat(handle.change(JobChange.builder().due(Due.after(FAR)).build()))
        .isEqualTo(JobAdmin.Change.CHANGED);
    assertThat(handle.cancel()).isEqualTo(JobAdmin.Cancellation.CANCELLED);
    assertThat(handle.state()).as("of the time when it was read").isEqualTo(JobState.PENDING);
    assertThat(handle.refresh().orElseThrow().state()).isEqualTo(JobState.CANCELLED);
    assertThat(handle.requeue()).isEqualTo(JobAdmin.Requeue.REQUEUED);
    assertThat(handle.refresh().orElseThrow().state()).isEqualTo(JobState.PENDING);
    admin.delete(TEXT.queue(), "a");
    assertThat(handle.refresh()).isEmpty();

    enqueue("b");
    EnqueuedJob<String> powerless = client.find(TEXT, "b").orElseThrow();
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(powerless::cancel)
        .withMessageContainingAll("capability ADMIN", "job b");
  }

  @Test
  @DisplayName(
      "whoever awaits a job is woken by a hint when it has finished, also in another process")
  void hinted() throws Exception {
    JobClient hinting = JobClient.builder(Parts.of(jobs)).finishHints().build();
    // SQLite gives hints within one backend object only.
    JobClient other = store == Store.JDBC ? client : JobClient.of(again());
    CountDownLatch go = latch();
    start(
        config(),
        (payload, context) -> {
          pass(go);
          switch (payload) {
            case "failed" -> throw Outcome.fail().because("no account");
            case "discarded" -> throw Outcome.discard().because("too old");
            default -> {}
          }
        });
    List<String> ids = List.of("done", "failed", "discarded");
    for (String id : ids) {
      hinting.enqueue(hinting.job(TEXT, id, id).headers(Map.of("mine", "kept")).build());
    }
    List<CompletableFuture<Job>> ends = ids.stream().map(id -> end(other, id)).toList();
    go.countDown();

    assertThat(get(ends.get(0)).state()).isEqualTo(JobState.DONE);
    assertThat(get(ends.get(1)).state()).isEqualTo(JobState.FAILED);
    assertThat(get(ends.get(2)).state()).isEqualTo(JobState.CANCELLED);
    assertThat(job("done").headers()).containsEntry("mine", "kept").hasSize(2);
  }

  private static CompletableFuture<Job> end(JobClient client, String id) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return client.await(TEXT, id, FAR, NO_POLL).job();
          } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
          }
        },
        task -> inBackground(task));
  }

  private static Job get(CompletableFuture<Job> end) throws Exception {
    return end.get(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  @DisplayName("without a hint the job is polled")
  void polled() throws Exception {
    enqueue("a");
    admin.cancel(TEXT.queue(), "a");
    assertThat(client.await(TEXT, "a", LONG).state()).isEqualTo(JobState.CANCELLED);

    JobClient hinting = JobClient.builder(Parts.of(jobs)).finishHints().build();
    hinting.enqueue(hinting.job(TEXT, "b", "b").build());
    Thread cancelling =
        inBackground(
            () -> {
              // An operator's cancel gives no hint.
              admin.cancel(TEXT.queue(), "b");
            });
    assertThat(client.await(TEXT, "b", LONG, SHORT_POLL).state()).isEqualTo(JobState.CANCELLED);
    cancelling.join();
  }

  @Test
  @DisplayName("a job that has not finished in time goes on; one that is not there is named")
  void timeout() {
    enqueue("a");
    assertThatThrownBy(() -> client.await(TEXT, "a", Duration.ZERO))
        .isInstanceOf(TimeoutException.class)
        .hasMessage("job a of queue texts had not finished after 0 ms");
    assertThatThrownBy(() -> client.await(TEXT, "b", LONG))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessage("there is no job b in queue texts");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> client.await(TEXT, "a", Duration.ofSeconds(-1)));
    assertThat(job("a").state()).isEqualTo(JobState.PENDING);
  }

  @Test
  @DisplayName("a store that hangs does not keep whoever awaits a job")
  void hangingStore() {
    enqueue("a");
    try (var hanging = new HangingCalls(Parts.of(jobs), FAR, FAR)) {
      JobClient client = JobClient.of(hanging);
      hanging.begin(Hang.Call.FIND, TEXT.queue(), Hang.Fault.NEVER);
      assertThatThrownBy(() -> client.await(TEXT, "a", SHORT_POLL))
          .isInstanceOf(TimeoutException.class)
          .hasMessage(
              "job a of queue texts had not finished after 10 ms; the store did not answer");
    }
  }

  @Test
  @DisplayName("whoever was interrupted before is told so, also if the job has finished")
  void interruptedBefore() throws Exception {
    enqueue("a");
    start(config(), (payload, context) -> {});
    awaitState("a", JobState.DONE);
    var finds = new AtomicInteger();
    JobQueue counted =
        (JobQueue)
            Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {JobQueue.class},
                (proxy, method, arguments) -> {
                  finds.addAndGet(method.getName().equals("find") ? 1 : 0);
                  return method.invoke(jobs, arguments);
                });
    JobClient counting = JobClient.of(Parts.of(counted));

    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> counting.await(TEXT, "a", LONG))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).as("still interrupted").isFalse();
    assertThat(counting.await(TEXT, "a", LONG).state()).isEqualTo(JobState.DONE);
    assertThat(finds).as("the store was asked by the second call alone").hasValue(1);
  }

  @Test
  @DisplayName("a job of another type is refused")
  void otherType() {
    client.enqueue(NewJob.builder(TEXT.queue(), "a", "other", "\"\"").build());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> client.find(TEXT, "a"))
        .withMessage("job a of queue texts must be of type text, was of type other");
  }

  @Test
  @DisplayName("a header that is no name of a queue harms nothing")
  void badHint() {
    start(config(), (payload, context) -> {});
    enqueue(
        client.job(TEXT, "a", "a").headers(Map.of("lease-finish-hint", "x".repeat(1_000))).build());
    enqueue("b");
    awaitState("a", JobState.DONE);
    awaitState("b", JobState.DONE);
    assertThat(logs.at(Level.ERROR)).isEmpty();
  }
}
