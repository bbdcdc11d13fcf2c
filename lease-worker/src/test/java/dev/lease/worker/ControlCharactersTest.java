package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.lease.ClaimRequest;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Names and errors of others that a log or a terminal would act on, through a whole worker. */
class ControlCharactersTest extends WorkerFixture {

  /** End of line, carriage return, ESC, NEL, line separator, turned direction, bell. */
  private static final String EVIL =
      "x\n2026-11-30 ERROR forged\r\u001b[2J\u0085\u2028\u202e\u0007y";

  private static final JobType<String> TYPE = JobType.of("q" + EVIL, "t" + EVIL, String.class);

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.lease");
  private final List<String> said = new CopyOnWriteArrayList<>();

  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          said.add(event.getFormattedMessage());
          said.add(event.getThreadName());
          said.addAll(event.getMDCPropertyMap().values());
        }
      };

  @BeforeEach
  void listen() {
    logger.setLevel(Level.DEBUG);
    appender.start();
    logger.addAppender(appender);
  }

  @AfterEach
  void listenNoMore() {
    logger.detachAppender(appender);
    logger.setLevel(null);
  }

  private static void assertPrintable(List<String> texts) {
    // A stack trace has lines of its own, but each is indented.
    assertThat(texts)
        .isNotEmpty()
        .allSatisfy(
            text -> {
              String line = text.replace("\n    ", " ");
              assertThat(line).isEqualTo(Limits.oneLine(line));
            });
  }

  private void awaitSaid(String... parts) {
    for (String part : parts) {
      eventually(() -> said.stream().anyMatch(text -> text.contains(part)));
    }
  }

  private NewJob newJob(String id) {
    return client.job(TYPE, id + EVIL, id).maxCrashes(1).build();
  }

  private JobState state(String id) {
    return jobs.find(TYPE.queue(), id + EVIL).orElseThrow().state();
  }

  @Test
  @DisplayName("no control character of a name or an error reaches a line of the log, or the MDC")
  void logLines() throws Exception {
    client.enqueue(newJob("crashed"));
    jobs.claim(ClaimRequest.of(TYPE.queue(), "dead" + EVIL, 1, Duration.ofMillis(1)));
    for (String id : List.of("retried", "failed", "discarded", "snoozed", "deleted", "step")) {
      client.enqueue(newJob(id));
    }
    client.enqueue(NewJob.builder(TYPE.queue(), "foreign" + EVIL, "f" + EVIL, "\"\"").build());
    client.enqueue(NewJob.builder(TYPE.queue(), "bad" + EVIL, TYPE.name(), "!").build());
    CountDownLatch running = latch();
    CountDownLatch go = latch();
    jobs.onCheckpoint = failingOnce();
    Worker worker =
        start(
            Parts.worker(jobs, admin)
                .config(soonExtended().name("w" + EVIL).concurrency(8).build())
                .queuesWithPrefix("p" + EVIL)
                .schedule(Schedule.every("s" + EVIL, TYPE, "step", FAR))
                .listen(
                    new WorkerListener() {
                      @Override
                      public void claimed(JobEvent job) {
                        throw new IllegalStateException(EVIL);
                      }
                    })
                .handle(
                    TYPE,
                    (payload, context) -> {
                      LoggerFactory.getLogger("dev.lease.program").info("in the handler");
                      context.idempotencyKey();
                      switch (payload) {
                        case "step" -> context.step("s" + EVIL, String.class, () -> "");
                        case "discarded" -> throw Outcome.discard().because(EVIL);
                        case "snoozed" -> throw Outcome.snooze(FAR).because(EVIL);
                        case "failed" -> throw Outcome.fail().because(EVIL);
                        case "deleted" -> {
                          running.countDown();
                          passStubbornly(go);
                        }
                        default -> throw new IllegalArgumentException(EVIL);
                      }
                    },
                    failure -> {
                      throw new IllegalStateException(EVIL);
                    }));
    pass(running);
    admin.delete(TYPE.queue(), "deleted" + EVIL);
    go.countDown();
    awaitSaid(
        "of its 1 attempts crashed",
        "no handler for its type",
        "cannot read its payload",
        "The retry policy of type",
        "threw an exception, which changes nothing",
        "is discarded",
        "is snoozed for",
        "it is not tried again",
        "it is tried again after",
        "in the handler",
        "was lost before it could be settled",
        "Could not",
        "is registered, as");
    eventually(() -> state("step") == JobState.DONE);

    worker.addQueue("added" + EVIL);
    jobs.onClaim =
        (queue, call) -> {
          throw StoreException.notDone(EVIL, null);
        };
    awaitSaid("cannot claim jobs of queue", "either: ");
    List<String> reasons = new ArrayList<>();
    eventually(
        () -> {
          reasons.addAll(worker.health().reasons());
          return !reasons.isEmpty();
        });
    jobs.onClaim = (queue, call) -> call.get();
    awaitSaid("reaches the store again");
    worker.removeQueue("added" + EVIL);
    worker.stop();
    awaitSaid("has stopped");

    assertPrintable(said);
    assertPrintable(reasons);
    assertPrintable(
        List.of(worker.status().toString(), client.find(TYPE, "step" + EVIL).toString()));
  }

  private static FaultyQueue.Fault<String, Optional<String>> failingOnce() {
    var failed = new AtomicBoolean();
    return (step, call) -> {
      if (step.startsWith("s") && failed.compareAndSet(false, true)) {
        throw StoreException.outcomeUnknown(EVIL, null);
      }
      return call.get();
    };
  }

  @Test
  @DisplayName("nor one of a named lease and its owner")
  void leases() throws Exception {
    String name = "n" + EVIL;
    try (Leases leases =
            Leases.builder(backend).owner("o" + EVIL).leaseDuration(Duration.ofSeconds(2)).build();
        HeldLease lease = leases.tryAcquire(name).orElseThrow()) {
      var stored = lease.lease();
      assertThat(backend.leaseStore().release(stored)).isTrue();
      awaitSaid("is lost");
      assertPrintable(Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList());
      assertPrintable(List.of(lease.toString()));
    }
    assertPrintable(said);
  }
}
