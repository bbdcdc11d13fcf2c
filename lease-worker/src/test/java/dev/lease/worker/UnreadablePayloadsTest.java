package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What becomes of unreadable jobs, on a store whose clock the test sets. */
class UnreadablePayloadsTest {

  private static final JobType<String> TYPE = WorkerFixture.TEXT;
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration DAY = HandlerOptions.NONE.maxUnreadableTime();
  private static final Duration LONGEST = Duration.ofSeconds(10);

  private final ManualClock clock = new ManualClock();
  private final InMemoryBackend backend = new InMemoryBackend(clock);
  private final JobQueue jobs = backend.jobQueue();
  private final Logs logs = new Logs();

  /** Of a worker that starts anew with each call, as after a restart. */
  private Optional<Settlement> settlement(Duration most) {
    var held = new HeldJobs(WorkerFixture.FROZEN, LEASE, WorkerFixture.NO_EVENTS);
    var job = new HeldJob(claim(), held.deadline());
    return unreadable(held)
        .settlementOf(job, TYPE, most, new IllegalArgumentException("on purpose"));
  }

  private UnreadablePayloads unreadable(HeldJobs held) {
    var calls = WorkerFixture.DIRECT;
    return new UnreadablePayloads(jobs, calls, LONGEST, held, new LeaseLoss(jobs, calls));
  }

  private ClaimedJob claim() {
    return claim(TYPE.queue());
  }

  private ClaimedJob claim(String queue) {
    return jobs.claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs().get(0);
  }

  private Settlement settle(Duration most) {
    Settlement settlement = settlement(most).orElseThrow();
    assertThat(jobs.settle(List.of(settlement))).containsExactly(Settlement.Result.ACCEPTED);
    return settlement;
  }

  private Duration released() {
    var released = (Settlement.Released) settle(DAY);
    clock.advance(released.delay());
    return released.delay();
  }

  @BeforeEach
  void enqueue() {
    for (String queue : List.of(TYPE.queue(), "other")) {
      jobs.enqueue(List.of(NewJob.builder(queue, "a", TYPE.name(), "{").build()));
    }
  }

  @AfterEach
  void close() {
    logs.close();
    backend.close();
  }

  @Test
  @DisplayName("W10 an unreadable job is released for a time that doubles, over all workers")
  void delays() {
    assertThat(released()).hasMillis(500);
    assertThat(released()).hasMillis(500);
    assertThat(released()).hasMillis(1_000);
    assertThat(released()).hasMillis(2_000);
    assertThat(released()).hasMillis(4_000);
    assertThat(released()).hasMillis(8_000);
    assertThat(released()).isEqualTo(LONGEST);
    assertThat(released()).isEqualTo(LONGEST);
    assertThat(jobs.find(TYPE.queue(), "a").orElseThrow().attempts()).isZero();
  }

  @Test
  @DisplayName("W10 after a day by the store's clock it is FAILED, and a requeue gives another day")
  void aDay() {
    released();
    clock.advance(Duration.ofDays(1).minusMillis(1_000));
    assertThat(released()).as("until the end of the day").hasMillis(500);
    var failed = (Settlement.Failed) settle(DAY);
    assertThat(failed.error())
        .startsWith("its payload could not be read within 1 d: ")
        .contains("on purpose");

    backend.jobAdmin().requeue(TYPE.queue(), "a");
    assertThat(released()).hasMillis(500);
    clock.advance(Duration.ofDays(1));
    assertThat(settle(DAY)).isInstanceOf(Settlement.Failed.class);
    backend.jobAdmin().requeue(TYPE.queue(), "a");
    assertThat(released()).hasMillis(500);
  }

  @Test
  @DisplayName("W10 a later attempt has a day of its own")
  void eachAttempt() {
    released();
    clock.advance(Duration.ofDays(2));
    jobs.settle(List.of(Settlement.retry(claim().lease(), Duration.ZERO, "was readable")));
    assertThat(released()).hasMillis(500);
  }

  @Test
  @DisplayName("W10 a type may have another limit, such as none")
  void limits() {
    Duration hour = Duration.ofHours(1);
    assertThat(settle(hour)).isInstanceOf(Settlement.Released.class);
    clock.advance(hour);
    assertThat(settle(hour)).isInstanceOf(Settlement.Failed.class);

    backend.jobAdmin().requeue(TYPE.queue(), "a");
    assertThat(settle(Duration.ZERO)).isInstanceOf(Settlement.Failed.class);
  }

  @Test
  @DisplayName("W10 a lost lease leaves nothing to settle")
  void lost() {
    var held = new HeldJobs(WorkerFixture.FROZEN, LEASE, WorkerFixture.NO_EVENTS);
    var job = new HeldJob(claim(), held.deadline());
    clock.advance(LEASE);
    claim();
    var unreadable = unreadable(held);
    assertThat(unreadable.settlementOf(job, TYPE, DAY, new IllegalArgumentException())).isEmpty();
    assertThat(job.isLostInStore()).isTrue();
  }

  @Test
  @DisplayName("W10 of many that fail, a hundred have a line, as of other failures")
  void lines() {
    var held = new HeldJobs(WorkerFixture.FROZEN, LEASE, WorkerFixture.NO_EVENTS);
    var job = new HeldJob(claim(), held.deadline());
    var unreadable = unreadable(held);
    for (int i = 0; i <= FailureLines.MOST; i++) {
      var reason = new IllegalArgumentException("on purpose");
      assertThat(unreadable.settlementOf(job, TYPE, Duration.ZERO, reason)).isPresent();
    }
    assertThat(logs.at(Level.WARN)).hasSize(FailureLines.MOST);
  }

  @Test
  @DisplayName("W10 many in a row are noticed, until one is readable")
  void many() {
    var held = new HeldJobs(WorkerFixture.FROZEN, LEASE, WorkerFixture.NO_EVENTS);
    var job = new HeldJob(claim(), held.deadline());
    var unreadable = unreadable(held);
    for (int i = 0; i < 100; i++) {
      assertThat(unreadable.areMany(job)).isFalse();
      assertThat(unreadable.settlementOf(job, TYPE, DAY, new IllegalArgumentException()))
          .isPresent();
    }
    assertThat(unreadable.areMany(job)).isTrue();
    assertThat(logs.at(ch.qos.logback.classic.Level.WARN)).hasSize(1);
    assertThat(unreadable.areMany(new HeldJob(claim("other"), held.deadline())))
        .as("of the type, in another queue")
        .isFalse();
    unreadable.couldRead(job);
    assertThat(unreadable.areMany(job)).isFalse();
  }
}
