package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The lane of settlements that did not land, round by round. */
class SettlementRepairTest extends WorkerFixture {

  private final HeldJobs held = new HeldJobs(FROZEN, FAR, NO_EVENTS);
  private final Signal dispatcher = new Signal();
  private final Set<String> locked = ConcurrentHashMap.newKeySet();
  private volatile boolean down;

  @SuppressWarnings("NullAway") // Before each test.
  private SettlementRepair repair;

  @BeforeEach
  void faults() {
    repair =
        new SettlementRepair(
            jobs,
            DIRECT,
            held,
            new StoreOutage("w", NO_EVENTS, () -> {}),
            Duration.ofMillis(100),
            new Signal(),
            () -> {});
    jobs.onSettle =
        (all, call) -> {
          if (down) {
            throw StoreException.notDone("down", null);
          }
          return all.stream().anyMatch(this::isLocked)
              ? all.stream().map(this::answer).toList()
              : call.get();
        };
  }

  private boolean isLocked(Settlement settlement) {
    return locked.contains(settlement.lease().jobId());
  }

  private Settlement.Result answer(Settlement settlement) {
    return isLocked(settlement)
        ? Settlement.Result.BUSY
        : backend.jobQueue().settle(List.of(settlement)).get(0);
  }

  /** Claims these, and has them done. */
  private List<PendingSettlement> done(String... ids) {
    enqueue(ids);
    return jobs.claim(ClaimRequest.of(TEXT.queue(), "w", ids.length, FAR)).jobs().stream()
        .map(claimed -> held.add(claimed, held.deadline()))
        .map(hold -> new PendingSettlement(hold, Settlement.done(hold.lease())))
        .toList();
  }

  private static String[] ids(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toArray(String[]::new);
  }

  private List<List<String>> batches() {
    return jobs.settled.stream()
        .filter(all -> all.size() > 1)
        .map(all -> all.stream().map(settlement -> settlement.lease().jobId()).toList())
        .toList();
  }

  private void stepUntilNothingIsLeft() {
    eventually(
        () -> {
          repair.round();
          return repair.size() == 0;
        });
  }

  @Tag("slow")
  @Test
  @DisplayName("Q39 W23 a batch of rows that are all busy is sent once, and then each by itself")
  void allBusy() {
    String[] ids = ids("busy", Limits.MAX_BATCH);
    locked.addAll(List.of(ids));
    repair.add(done(ids));
    for (int i = 0; i < 20; i++) {
      repair.round();
    }
    assertThat(batches()).hasSize(1);
    assertThat(repair.size()).isEqualTo(Limits.MAX_BATCH);
    locked.clear();
    repair.hurry();
    stepUntilNothingIsLeft();
    assertThat(held).isEmpty();
  }

  @Test
  @DisplayName("W11 a job that is done waits for a claim of this worker that took it anew")
  void onItsWayBack() {
    enqueue("a");
    ClaimRequest brief = ClaimRequest.of(TEXT.queue(), "w", 1, Limits.MIN_LEASE);
    HeldJob hold = held.add(jobs.claim(brief).jobs().get(0), held.deadline());
    var again = new ArrayList<ClaimedJob>();
    eventually(() -> again.addAll(jobs.claim(brief).jobs()));
    repair.add(List.of(new PendingSettlement(hold, Settlement.done(hold.lease()))));
    for (int i = 0; i < 20; i++) {
      repair.round();
    }

    assertThat(repair.size()).isEqualTo(1);
    assertThat(repair.doneButCameBack(again.get(0))).isNotNull();

    admin.delete(TEXT.queue(), "a");
    stepUntilNothingIsLeft();
  }

  @Test
  @DisplayName("W03 a job that is CANCELLED is explained by its holder's settlement as cancelled")
  void cancelledByItsHolder() {
    enqueue("a", "b");
    for (ClaimedJob claimed : jobs.claim(ClaimRequest.of(TEXT.queue(), "w", 2, FAR)).jobs()) {
      HeldJob hold = held.add(claimed, held.deadline());
      var cancelled = new PendingSettlement(hold, Settlement.cancelled(hold.lease(), "r"));
      boolean isFirst = hold.lease().jobId().equals("a");
      jobs.settle(
          List.of(
              isFirst ? cancelled.settlement() : Settlement.failed(hold.lease(), "of another")));

      assertThat(cancelled.verdict(jobs.find(TEXT.queue(), hold.lease().jobId())))
          .isEqualTo(isFirst ? PendingSettlement.Verdict.SETTLED : PendingSettlement.Verdict.LOST);
      assertThat(cancelled.isFinalFailure()).isFalse();
    }
  }

  @Test
  @DisplayName("W23 what arrives does not send again what waits for a pause of its own")
  void arrival() {
    locked.addAll(List.of("a", "b"));
    repair.add(done("a", "b"));
    repair.round();
    repair.add(done("c", "d"));
    repair.round();
    assertThat(batches()).hasSize(2);
    assertThat(batches().get(1)).containsExactlyInAnyOrder("c", "d");
    assertThat(repair.size(TEXT.queue())).isEqualTo(2);
    assertThat(repair.size("other")).isZero();
    locked.clear();
    stepUntilNothingIsLeft();
  }

  @Test
  @DisplayName("W11 after an outage all that waits is sent in batches")
  void afterOutage() {
    down = true;
    repair.add(done(ids("first", Limits.MAX_BATCH)));
    repair.add(done(ids("second", 200)));
    eventually(
        () -> {
          repair.round();
          return Collections.frequency(sizes(), 1) == 3;
        });
    down = false;
    int before = jobs.settled.size();
    stepUntilNothingIsLeft();
    List<Integer> after = sizes().subList(before, jobs.settled.size());
    assertThat(after).contains(Limits.MAX_BATCH);
    assertThat(Collections.frequency(after, 1)).isLessThanOrEqualTo(3);
  }

  private List<Integer> sizes() {
    return jobs.settled.stream().map(List::size).toList();
  }

  @Test
  @DisplayName("W11 an outage is over when the store answers, though a row is busy still")
  void outageEndsWhileBusy() {
    down = true;
    locked.add("a");
    repair.add(done("a"));
    repair.round();
    assertThat(logs.at(Level.ERROR)).hasSize(1);
    down = false;
    eventually(
        () -> {
          repair.round();
          return logs.at(Level.INFO).stream().anyMatch(line -> line.contains("again after"));
        });
    assertThat(repair.size()).isEqualTo(1);
    locked.clear();
    stepUntilNothingIsLeft();
  }

  @Test
  @DisplayName("W23 while the store fails settlements of a queue, they do not travel with others")
  void failingQueue() {
    var pending = new PendingSettlements(held, repair, dispatcher, System::nanoTime);
    down = true;
    repair.add(done("a"));
    repair.round();
    done("b").forEach(pending::add);
    assertThat(pending.isEmpty()).isTrue();
    assertThat(repair.size()).isEqualTo(2);
    down = false;
    stepUntilNothingIsLeft();
    done("c").forEach(pending::add);
    assertThat(pending.isEmpty()).isFalse();
  }

  @Test
  @DisplayName("W31 a stop sends again what has been under way for a while, and nothing younger")
  void sentAgain() {
    var now = new AtomicLong();
    var pending = new PendingSettlements(held, repair, dispatcher, now::get);
    done("a").forEach(pending::add);
    List<PendingSettlement> sent = pending.take(TEXT.queue());
    done("c").forEach(pending::add);
    pending.take(TEXT.queue());
    now.addAndGet(PendingSettlements.WAIT_FOR_ANSWER - 1);
    done("b").forEach(pending::add);
    List<PendingSettlement> younger = pending.take(TEXT.queue());
    assertThat(pending.repairSent()).isEqualTo(1);
    assertThat(repair.size()).isZero();

    now.incrementAndGet();
    assertThat(pending.repairSent()).isEqualTo(PendingSettlements.WAIT_FOR_ANSWER - 1);
    assertThat(repair.size()).isEqualTo(2);
    pending.answered(younger, List.of(Settlement.Result.ACCEPTED));
    assertThat(pending.repairSent()).as("none is under way").isEqualTo(Long.MAX_VALUE);
    pending.failed(sent, StoreException.notDone("late", null));
    assertThat(repair.size()).as("the late answer changes nothing").isEqualTo(2);
    stepUntilNothingIsLeft();
    assertThat(job("a").state()).isEqualTo(JobState.DONE);
  }

  @Test
  @DisplayName("W24 W03 a logger that fails loses no settlement")
  void failingLogger() {
    var failing =
        new AppenderBase<ILoggingEvent>() {
          @Override
          public synchronized void doAppend(ILoggingEvent event) {
            throw new IllegalStateException("no room for a line");
          }

          @Override
          protected void append(ILoggingEvent event) {}
        };
    failing.start();
    var logger = (Logger) LoggerFactory.getLogger("dev.lease.worker");
    down = true;
    locked.add("b");
    repair.add(done("a"));
    logger.addAppender(failing);
    try {
      assertThat(catchThrowable(repair::round)).isNotNull();
      down = false;
      repair.add(done("b"));
      eventually(() -> catchThrowable(repair::round) != null);
    } finally {
      logger.detachAppender(failing);
    }
    locked.clear();
    stepUntilNothingIsLeft();
    assertThat(job("a").state()).isEqualTo(JobState.DONE);
    assertThat(job("b").state()).isEqualTo(JobState.DONE);
  }
}
