package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Admission;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.KeyLimit;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The contract of an {@link Admission}: the clauses Q61 to Q71, Q94 and Q95. It also uses the
 * {@link JobQueue} and the {@link dev.lease.JobAdmin} of the same store. Extend this class and
 * return your store from {@link #fixture()}.
 */
@Since(3)
public abstract class AdmissionContract extends KeyPairContract {

  private static final int THREADS = 4;
  private static final int KEYS = 7;
  private static final int JOBS_OF_A_KEY = 30;

  /** Takes no arguments: {@link #fixture()} says everything. */
  protected AdmissionContract() {}

  @Test
  @DisplayName("Q61 Q68 arguments that break a rule are refused, and change nothing")
  void refusals() {
    limit(KeyLimit.of(1));
    List<Consumer<Admission>> calls = new ArrayList<>();
    for (String bad : Texts.BAD_NAMES.values()) {
      calls.add(it -> it.limit(bad, null, null));
      calls.add(it -> it.limit(queue, bad, KeyLimit.of(9)));
      calls.add(it -> it.limitQueue(bad, 1));
      calls.add(it -> it.closeKey(bad, "a", LATER));
      calls.add(it -> it.closeKey(queue, bad, LATER));
      calls.add(it -> it.apply(bad, 10));
      calls.add(it -> it.keys(bad, null, 10));
      calls.add(it -> it.keys(queue, bad, 10));
    }
    for (int bad : new int[] {-1, 1_001, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      calls.add(it -> it.limitQueue(queue, bad));
      calls.add(it -> it.apply(queue, bad));
      calls.add(it -> it.keys(queue, null, bad));
    }
    calls.add(it -> it.apply(queue, 0));
    calls.add(it -> it.keys(queue, null, 0));
    calls.add(it -> it.closeKey(queue, "a", Duration.ofNanos(-1)));
    calls.add(it -> it.closeKey(queue, "a", Limits.MAX_DELAY.plusMillis(1)));

    var softly = new SoftAssertions();
    for (int i = 0; i < calls.size(); i++) {
      Consumer<Admission> call = calls.get(i);
      softly
          .assertThatThrownBy(() -> call.accept(admission))
          .as("call %s", i)
          .isInstanceOf(IllegalArgumentException.class);
    }
    softly.assertAll();
    List<String> ids = enqueuedOf("a", 2);
    assertThat(claimedIds()).as("claimed").containsExactly(ids.get(0));
  }

  @Test
  @Tag(Tags.RACE)
  @DisplayName("Q62 Q64 many claimers hold no more of a key than its slots, and leave nothing")
  void manyClaimers() throws Exception {
    takeLongLeases();
    limit(KeyLimit.of(2));
    admission.limit(queue, "key 0", KeyLimit.of(1).inOrder());
    var holds = new ConcurrentHashMap<String, AtomicInteger>();
    var left = new AtomicInteger(KEYS * JOBS_OF_A_KEY);
    List<Thread> threads = new ArrayList<>();
    var failures = new ConcurrentHashMap<Throwable, Boolean>();
    for (int i = 0; i < THREADS; i++) {
      int number = i;
      JobQueue own = (i % 2 == 0 ? bare.one : bare.two).jobQueue();
      threads.add(
          new Thread(
              () -> {
                try {
                  enqueueSome(own, number);
                  work(own, new Random(number), holds, left);
                } catch (Throwable e) {
                  failures.put(e, true);
                  left.set(0);
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures.keySet()).as("what failed").isEmpty();
    assertThat(left.get()).as("jobs left").isZero();
    assertThat(claim(10)).as("claimed at the end").isEmpty();
  }

  private void enqueueSome(JobQueue own, int number) {
    for (int i = number; i < KEYS * JOBS_OF_A_KEY; i += THREADS) {
      own.enqueue(
          List.of(NewJob.builder(queue, "job " + i, "kit", "").key("key " + i % KEYS).build()));
    }
  }

  /** Takes jobs and ends them, until all have ended. Counts who holds, between the calls. */
  private void work(
      JobQueue own, Random random, Map<String, AtomicInteger> holds, AtomicInteger left) {
    while (left.get() > 0) {
      List<ClaimedJob> claimed =
          own.claim(ClaimRequest.of(queue, "worker", 1 + random.nextInt(4), LEASE)).jobs();
      for (ClaimedJob job : claimed) {
        String key = offered("key of a claimed job", job.key());
        assertThat(holds.computeIfAbsent(key, each -> new AtomicInteger()).incrementAndGet())
            .as("how many jobs of %s are held", key)
            .isLessThanOrEqualTo(key.equals("key 0") ? 1 : 2);
      }
      for (ClaimedJob job : claimed) {
        holds
            .computeIfAbsent(
                offered("key of a claimed job", job.key()), each -> new AtomicInteger())
            .decrementAndGet();
        boolean comesBack = random.nextInt(8) == 0;
        own.settle(
            List.of(
                comesBack
                    ? Settlement.released(job.lease(), Duration.ZERO)
                    : Settlement.done(job.lease())));
        if (!comesBack) {
          left.decrementAndGet();
        }
      }
    }
  }

  private void assertKeeps(Law law) throws Exception {
    StoreUnderTest store = bare;
    store
        .history(() -> HistoryRun.ofKeys(store.fixture, List.of(one, two), queue, term))
        .assertKeeps(law);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q62 a history with faults: no more jobs of a key are held than it has slots")
  void historyHasAtMostSlots() throws Exception {
    assertKeeps(Law.AT_MOST_SLOTS);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName(
      "Q63 Q64 a history with faults: when all jobs of a key have ended, its slots are free")
  void historyReturnsSlots() throws Exception {
    assertKeeps(Law.SLOT_RETURNS);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q66 a history with faults: in order, no job comes after one enqueued later")
  void historyKeepsTheOrder() throws Exception {
    assertKeeps(Law.ORDER_IN_KEY);
  }

  @Test
  @Tag(Tags.HISTORY)
  @DisplayName("Q65 a history with faults: between two jobs of a key the others come to their turn")
  void historyGivesEachKeyItsTurn() throws Exception {
    assertKeeps(Law.EVERY_KEY_GETS_ITS_TURN);
  }

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q70 untested: what claims of keyed jobs read, and whom an enqueue waits for")
  void costsUntested() {}

  @Test
  @Disabled("the backend's own tests")
  @DisplayName("Q71 untested: slots that a failover or a foreign write took")
  void lostSlotsUntested() {}
}
