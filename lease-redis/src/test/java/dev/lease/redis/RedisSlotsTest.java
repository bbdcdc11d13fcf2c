package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Admission;
import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.JobAdmin;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.KeyState;
import dev.lease.Limits;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Slots of keys that a foreign write, an eviction or a restore of half the keys took [Q71]. */
@Timeout(120)
class RedisSlotsTest extends RedisStoreTest {

  private final Admission admission = backend.admission();

  private static NewJob keyed(String id, String key) {
    return NewJob.builder("q", id, "t", "payload").key(key).build();
  }

  private List<ClaimedJob> claim(int most) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", most, LEASE)).jobs();
  }

  private List<String> claimedIds() {
    return claim(10).stream().map(job -> job.lease().jobId()).toList();
  }

  private void repair() {
    assertThat(backend.jobAdmin().resetExpired("q", 10).count()).as("reset").isZero();
  }

  private KeyState state() {
    return admission.keys("q", null, 10).keys().get(0);
  }

  @Test
  @DisplayName("Q71 a slot that a job has which is gone is free again")
  void jobIsGone() {
    admission.limit("q", null, KeyLimit.of(1));
    backend.jobQueue().enqueue(List.of(keyed("gone", "k"), keyed("next", "k")));
    redis.hdel(key("jobs"), "gone");
    assertThat(claimedIds()).isEmpty();

    repair();

    assertThat(claimedIds()).containsExactly("next");
    assertThat(state().admitted()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q62 Q71 who has a slot is found again by the rows, also who waits for the queue")
  void admittedIsLost() {
    admission.limit("q", null, KeyLimit.of(2));
    admission.limitQueue("q", 2);
    backend.jobQueue().enqueue(List.of(keyed("a", "k"), keyed("b", "k"), keyed("c", "k")));
    backend.jobQueue().enqueue(List.of(keyed("d", "other")));
    assertThat(claim(1)).hasSize(1);
    redis.del(key("admitted"));

    repair();

    assertThat(state().admitted()).isEqualTo(2);
    assertThat(state().held()).isEqualTo(1);
    assertThat(claimedIds()).as("the queue has a slot").containsExactly("b");
    assertThat(backend.jobAdmin().counts().queues().get(0).heldBack()).isEqualTo(2);
  }

  @Test
  @DisplayName("Q71 places and marks that are lost are found again")
  void placesAreLost() {
    admission.limit("q", null, KeyLimit.of(1));
    backend.jobQueue().enqueue(List.of(keyed("a", "k"), keyed("b", "k")));
    NewJob later =
        NewJob.builder("q", "later", "t", "")
            .key("later")
            .due(Due.after(Duration.ofMillis(300)))
            .build();
    backend.jobQueue().enqueue(List.of(later));
    redis.del(key("waiting-5"), key("shelf"), key("coming"));
    redis.hdel(key("meta"), "keyed");

    repair();

    List<ClaimedJob> claimed = new ArrayList<>(claim(10));
    while (claimed.size() < 2) { // Until it is due.
      claimed.addAll(claim(10));
    }
    assertThat(claimed)
        .extracting(job -> job.lease().jobId())
        .containsExactlyInAnyOrder("a", "later");
    assertThat(state().heldBack()).isEqualTo(1);
  }

  @RepeatedTest(8)
  @DisplayName("Q62 Q64 Q71 whatever is lost, a repair leaves nothing stuck and no slot too many")
  void random(RepetitionInfo repetition) {
    int seed = repetition.getCurrentRepetition();
    var random = new Random(seed);
    int slots = 1 + random.nextInt(2);
    admission.limit("q", null, seed % 2 == 0 ? KeyLimit.of(slots) : KeyLimit.of(1).inOrder());
    admission.limitQueue("q", seed % 3 == 0 ? 3 : null);
    int most = seed % 2 == 0 ? slots : 1;
    List<String> sets =
        List.of("admitted", "shelf", "line", "coming", "waiting-5", "waiting-6", "held");
    Map<String, Integer> held = new HashMap<>();
    List<ClaimedJob> claimed = new ArrayList<>();
    for (int round = 0; round < 6; round++) {
      for (int i = 0; i < 12; i++) {
        String id = "job-" + round + "-" + i;
        NewJob.Builder job =
            NewJob.builder("q", id, "t", "")
                .key("key " + random.nextInt(4))
                .priority(5 + random.nextInt(2));
        backend.jobQueue().enqueue(List.of(job.build()));
      }
      take(claimed, held, most, 3);
      redis.del(key(sets.get(random.nextInt(sets.size()))));
      redis.del(key(sets.get(random.nextInt(sets.size()))));
      repair();
      for (int i = 0; i < 4 && !claimed.isEmpty(); i++) {
        ClaimedJob job = claimed.remove(random.nextInt(claimed.size()));
        held.merge(job.key(), -1, Integer::sum);
        Duration delay = random.nextBoolean() ? Duration.ofNanos(1_000) : Duration.ZERO;
        Settlement settlement =
            random.nextInt(3) == 0
                ? Settlement.retry(job.lease(), delay, "e")
                : Settlement.done(job.lease());
        assertThat(backend.jobQueue().settle(List.of(settlement)))
            .containsExactly(Settlement.Result.ACCEPTED);
      }
    }
    while (true) {
      take(claimed, held, most, 10);
      if (claimed.isEmpty()) {
        break;
      }
      settleAll(claimed);
      claimed.clear();
      held.clear();
    }
    JobAdmin admin = backend.jobAdmin();
    assertThat(admin.counts().queues().get(0).jobs().keySet())
        .as("states at the end")
        .containsExactly(JobState.DONE);
    assertThat(redis.exists(key("admitted"), key("shelf"), key("line"), key("coming"))).isZero();
  }

  private void take(List<ClaimedJob> claimed, Map<String, Integer> held, int slots, int most) {
    for (ClaimedJob job : claim(most)) {
      claimed.add(job);
      assertThat(held.merge(job.key(), 1, Integer::sum))
          .as("held of %s", job.key())
          .isLessThanOrEqualTo(slots);
    }
  }

  @Test
  @DisplayName("Q62 Q64 a job that became due with a thousand others is not forgotten")
  void manyBecomeDue() {
    admission.limit("q", null, KeyLimit.of(1));
    backend
        .jobQueue()
        .enqueue(
            IntStream.range(0, 1_000)
                .mapToObj(
                    i ->
                        NewJob.builder("q", "j" + i, "t", "")
                            .key("k" + i % 500)
                            .due(Due.after(Duration.ofMillis(1)))
                            .build())
                .toList());
    backend
        .jobQueue()
        .enqueue(
            IntStream.range(0, 1_000)
                .mapToObj(
                    i ->
                        NewJob.builder("q", "one" + i, "t", "")
                            .key("one")
                            .due(Due.after(Duration.ofMillis(1)))
                            .build())
                .toList());
    int done = 0;
    while (done < 2_000) {
      List<ClaimedJob> claimed = claim(1_000);
      assertThat(claimed.stream().map(ClaimedJob::key).distinct().count())
          .isEqualTo(claimed.size());
      settleAll(claimed);
      done += claimed.size();
    }
    assertThat(redis.exists(key("admitted"), key("shelf"), key("line"), key("coming"))).isZero();
  }

  @Test
  @DisplayName(
      "Q64 Q68 limits that change again and again before claims have met them stop no claim")
  void limitsChangeOften() {
    admission.limit("q", null, KeyLimit.of(0));
    for (int batch = 0; batch < 6; batch++) {
      int first = 1_000 * batch;
      backend
          .jobQueue()
          .enqueue(
              IntStream.range(first, first + 1_000)
                  .mapToObj(i -> keyed("j" + i, "k%05d".formatted(i)))
                  .toList());
    }
    backend.jobQueue().enqueue(manyJobs("plain", 30));
    for (int i = 0; i < 30; i++) {
      admission.limit("q", null, KeyLimit.of(0).withRate(1 + i, Duration.ofSeconds(1), 1));
      assertThat(claim(1)).as("claim %s", i).hasSize(1);
    }
    assertThat(redis.zcard(key("coming"))).as("walks").isEqualTo(1);

    admission.limit("q", null, KeyLimit.of(1));

    int given = 0;
    while (given < 6_000) {
      List<ClaimedJob> claimed = claim(1_000);
      given += claimed.size();
    }
    assertThat(given).isEqualTo(6_000);
  }

  @Test
  @DisplayName(
      "Q68 Q70 a limit that stays as it is, and slots of the queue, make claims look at no key")
  void limitIsTheSame() {
    admission.limit("q", null, KeyLimit.of(1));
    admission.limit("q", "k", KeyLimit.of(1));
    backend.jobQueue().enqueue(List.of(keyed("a", "k"), keyed("b", "k")));

    admission.limit("q", null, KeyLimit.of(1));
    admission.limit("q", "k", KeyLimit.of(1));
    admission.limit("q", "other", null);
    admission.limitQueue("q", 5);
    assertThat(redis.exists(key("coming"))).isZero();

    admission.limit("q", "k", KeyLimit.of(2));
    assertThat(claimedIds()).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  @DisplayName("Q48 Q69 a repair counts jobs to run again wherever they wait")
  void repairCountsRetries() {
    admission.limit("q", null, KeyLimit.of(1));
    admission.limit("q", "order", KeyLimit.of(1).inOrder());
    backend.jobQueue().enqueue(List.of(keyed("a", "k"), keyed("b", "order"), job("plain")));
    List<Settlement> retries = new ArrayList<>();
    for (ClaimedJob job : claim(10)) {
      retries.add(Settlement.retry(job.lease(), Duration.ofHours(1), "e"));
    }
    backend.jobQueue().settle(retries);
    Map<JobState, Long> counts = backend.jobAdmin().counts().queues().get(0).jobs();
    assertThat(counts).containsExactly(Map.entry(JobState.RETRY, 3L));

    repair();

    assertThat(backend.jobAdmin().counts().queues().get(0).jobs()).isEqualTo(counts);
  }

  private void enqueueMany(String key, int number) {
    for (int first = 0; first < number; first += 1_000) {
      List<NewJob> jobs =
          IntStream.range(first, Math.min(number, first + 1_000))
              .mapToObj(i -> keyed(key + i, key))
              .toList();
      backend.jobQueue().enqueue(jobs);
    }
  }

  @Test
  @DisplayName("Q68 apply leaves out no key, however many jobs of others are held")
  void applyLeavesOutNoKey() {
    enqueueMany("a", 1_500);
    assertThat(claim(1_000)).hasSize(1_000);
    assertThat(claim(500)).hasSize(500);
    enqueueMany("b", 600);
    enqueueMany("c", 5);
    admission.limit("q", null, KeyLimit.of(1));

    assertThat(admission.apply("q", 1_000)).as("changed").isEqualTo(599 + 4);
    assertThat(admission.keys("q", "b", 1).keys().get(0).admitted()).isEqualTo(1);
  }

  @Test
  @DisplayName("Q68 apply changes no more jobs than it is asked for")
  void applyKeepsItsLimit() {
    admission.limit("q", "shelf", KeyLimit.of(0));
    admission.limitQueue("q", 0);
    enqueueMany("line", 1_000);
    enqueueMany("shelf", 1_000);
    admission.limit("q", "shelf", null);
    admission.limitQueue("q", null);

    assertThat(admission.apply("q", 1_000)).isEqualTo(1_000);
    assertThat(admission.apply("q", 1_000)).isEqualTo(1_000);
    assertThat(admission.apply("q", 1_000)).isZero();
    assertThat(redis.zcard(key("waiting-5")) + redis.zcard(key("waiting-4"))).isEqualTo(2_000);
  }

  @Test
  @DisplayName("Q67 a start behind the year 2200 is one in that year")
  void startIsFarAway() {
    admission.limit("q", "k", KeyLimit.of(1_000).withRate(1, Duration.ofDays(365), 0));
    enqueueMany("k", 400);

    assertThat(claimedIds()).containsExactly("k0");
    assertThat(claimedIds()).isEmpty();
    assertThat(redis.zcard(key("line"))).isEqualTo(399);
    assertThat(state().nextStart()).isEqualTo(Limits.MAX_DUE);
  }

  @Test
  @DisplayName(
      "Q67 Q95 a repair forgets rates and closings that were over a day ago, and no others")
  void oldPacesGo() {
    admission.limit("q", "limited", KeyLimit.of(1));
    admission.limitQueue("q", 10);
    admission.closeKey("q", "over", Duration.ZERO);
    admission.closeKey("q", "closed", Duration.ofHours(1));
    redis.hset(key("limits"), Map.of("\0long over", "1 0", "\0paced before", "0 1"));
    repair();

    assertThat(redis.hkeys(key("limits")))
        .containsExactlyInAnyOrder("\0", "limited", "\0over", "\0closed");
  }

  @Test
  @DisplayName("Q11 a claim holds no job back while it looks at many keys: it is partial")
  void claimIsPartial() {
    admission.limit("q", null, KeyLimit.of(0));
    for (int first = 0; first < 3_000; first += 1_000) {
      backend
          .jobQueue()
          .enqueue(
              IntStream.range(first, first + 1_000)
                  .mapToObj(i -> keyed("j" + i, "k%05d".formatted(i)))
                  .toList());
    }
    backend.jobQueue().enqueue(List.of(job("plain")));
    admission.limit("q", null, KeyLimit.of(0).inOrder());
    ClaimRequest request = ClaimRequest.of("q", "w", 2, LEASE);

    Claim first = backend.jobQueue().claim(request);
    assertThat(first.jobs()).hasSize(1);
    assertThat(first.partial()).isTrue();
    assertThat(backend.jobQueue().claim(request).partial()).as("after eleven scripts").isTrue();
    assertThat(backend.jobQueue().claim(request).partial()).as("at the end").isFalse();
  }

  @Test
  @DisplayName("Q11 Q64 a script looks at two thousand jobs that became due, of all keys together")
  void manyOfSomeKeysBecomeDue() {
    admission.limit("q", null, KeyLimit.of(1));
    for (String key : List.of("a", "b", "c")) {
      backend
          .jobQueue()
          .enqueue(
              IntStream.range(0, 1_000)
                  .mapToObj(
                      i ->
                          NewJob.builder("q", key + i, "t", "")
                              .key(key)
                              .due(Due.after(Duration.ofSeconds(i < 10 ? 50 : 60)))
                              .build())
                  .toList());
    }
    try (var later = openAhead(config, new AtomicLong(Micros.of(Duration.ofMinutes(2))))) {
      Claim claim = later.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE));
      assertThat(claim.partial()).isTrue();
      assertThat(redis.zrange(key("shelf"), 0, -1))
          .filteredOn(each -> each.startsWith("\0w", 1))
          .hasSize(1_000);
      assertThat(later.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs().size())
          .isEqualTo(3 - claim.jobs().size());
    }
  }

  @Test
  @DisplayName(
      "Q20 Q81 a claim finishes many jobs of keys whose deadline has passed in few scripts")
  void manyAreOverdue() {
    admission.limit("q", null, KeyLimit.of(1));
    backend
        .jobQueue()
        .enqueue(
            IntStream.range(0, 1_000)
                .mapToObj(
                    i ->
                        NewJob.builder("q", "j" + i, "t", "")
                            .key("k" + i % 50)
                            .notAfter(Due.after(Duration.ofMinutes(1)))
                            .build())
                .toList());
    try (var later = openAhead(config, new AtomicLong(Micros.of(Duration.ofMinutes(2))))) {
      long before = calls(redis, "evalsha") + calls(redis, "eval");
      int finished = 0;
      while (finished < 1_000) {
        finished += later.jobQueue().claim(ClaimRequest.of("q", "w", 100, LEASE)).finished().size();
      }
      assertThat(calls(redis, "evalsha") + calls(redis, "eval") - before).isLessThan(10);
    }
  }

  @Test
  @DisplayName("Q38 Q63 who deletes a job whose row is damaged frees its slot")
  void damagedIsDeleted() {
    admission.limit("q", null, KeyLimit.of(1));
    backend.jobQueue().enqueue(List.of(keyed("damaged", "k"), keyed("next", "k")));
    redis.hset(key("jobs"), "damaged", "garbage");
    assertThat(claimedIds()).isEmpty();

    backend.jobAdmin().delete("q", "damaged");

    assertThat(claimedIds()).containsExactly("next");
  }
}
