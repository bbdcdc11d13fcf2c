package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.Limits;
import dev.lease.StoreException;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.LocalClock.Deadline;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** A log that hangs, as one over a dead network does, holds up whoever logs, and nobody else. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class HangingLogTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("dev.lease.worker");
  private final CountDownLatch hangs = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile boolean wasWaitedFor;

  private final UnsynchronizedAppenderBase<ILoggingEvent> log =
      new UnsynchronizedAppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
            hangs.countDown();
            try {
              WorkerFixture.passStubbornly(over);
            } catch (AssertionError e) {
              // The test goes on now, and must not pass.
              wasWaitedFor = true;
            }
          }
        }
      };

  @BeforeEach
  void hang() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void end() {
    logger.detachAppender(log);
    over.countDown();
    assertThat(wasWaitedFor).as("the test waited until the log went on").isFalse();
  }

  private void logsForEver(Runnable call) throws InterruptedException {
    WorkerFixture.inBackground(call);
    WorkerFixture.pass(hangs);
  }

  @Test
  @DisplayName("W11 the failure of another queue is noted while the first is being logged")
  void outage() throws Exception {
    var outage = new StoreOutage("w", WorkerFixture.NO_EVENTS, () -> {});
    var failure = StoreException.notDone("down", null);
    logsForEver(() -> outage.failed("a", "claim", failure));
    outage.failed("a", "settle", failure);
    outage.succeeded("a", "claim");
    WorkerFixture.inBackground(() -> outage.failed("b", "claim", failure));
    WorkerFixture.eventually(
        () -> outage.state().orElseThrow().failing().keySet().equals(Set.of("a", "b")));
  }

  @Test
  @DisplayName("W11 calls go on while it is being logged that a listener is too slow for outages")
  void listenerOfOutages() throws Exception {
    var listening = new Listening(new WorkerListener() {}, "never-started");
    for (int i = 0; i < WorkerListener.MOST_WAITING; i++) {
      listening.tell(listener -> {}, 0);
    }
    var events = new Events(List.of(listening), queue -> {}, Rates.NONE);
    var outage = new StoreOutage("w", events, () -> {});
    var failure = StoreException.notDone("down", null);
    logsForEver(() -> outage.failed("a", "claim", failure));
    outage.succeeded("a", "claim");
    assertThat(outage.state()).isEmpty();
  }

  @Test
  @DisplayName("W25 a holder can ask and close while the failure of a renewal is being logged")
  void lease() throws Exception {
    var clock = LocalClock.SYSTEM;
    Instant now = Instant.EPOCH;
    Lease granted = Lease.of("n", "w", 1, now.plus(WorkerFixture.FAR), now);
    var store = new FaultyLeases(new InMemoryBackend(new ManualClock()).leaseStore());
    store.onRenew =
        (name, call) -> {
          throw StoreException.notDone("down", null);
        };
    Deadline asked = clock.in(WorkerFixture.FAR);
    var lease = new HeldLease(store, granted, WorkerFixture.FAR, clock, asked, Runnable::run);
    lease.beginCall();
    logsForEver(lease::callStore);
    lease.onLost(() -> {});
    assertThat(lease.whatEnded()).isNull();
    long nanosToCall = lease.nanosToCall();
    assertThat(nanosToCall).as("it is renewed again").isLessThan(lease.nanosLeft());

    var released = new CountDownLatch(1);
    var closed = new CountDownLatch(1);
    store.onRelease =
        (name, call) -> {
          released.countDown();
          return true;
        };
    WorkerFixture.inBackground(
        () -> {
          lease.close();
          closed.countDown();
        });
    WorkerFixture.pass(released);
    WorkerFixture.pass(closed);
  }

  @Test
  @DisplayName("W06 the slots go on while it is being logged that there is no thread")
  void slots() throws Exception {
    var none =
        new ThreadPoolExecutor(
            0,
            1,
            0,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              throw new RejectedExecutionException("no thread");
            });
    var held = new HeldJobs(WorkerFixture.FROZEN, WorkerFixture.FAR, WorkerFixture.NO_EVENTS);
    var slots =
        new Slots(
            1,
            new LookAhead(0, Limits.DEFAULT_CLAIM_BYTES, LookAhead.longestWait(WorkerFixture.FAR)),
            none,
            job -> {},
            () -> 0,
            () -> {},
            name -> 0);
    var queue = new PolledQueue("q", 1, 1, WorkerConfig.builder().build());
    var job =
        held.add(
            ClaimedJob.builder(JobLease.of("q", "a", "w", 1, Instant.EPOCH), "t", "")
                .dueAt(Instant.EPOCH)
                .claimedAt(Instant.EPOCH)
                .build(),
            held.deadline());
    logsForEver(() -> slots.accept(queue, List.of(job)));
    assertThat(slots.running()).isEmpty();
    none.shutdown();
  }
}
