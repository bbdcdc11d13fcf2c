package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.List;
import java.util.TimeZone;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/**
 * Numbers, by a rule: each at the edges of what it is often stored in, such as 15 or 31 bits, whole
 * seconds or milliseconds in an int.
 */
@Since(2)
abstract class JobNumberContract extends JobTextContract {

  /** Times under a second, and beyond 2^31 and 2^32 milliseconds. */
  static final List<Duration> TIMES =
      List.of(
          Duration.ofMillis(1),
          Duration.ofMillis(999),
          Duration.ofMillis(1_500),
          Duration.ofMillis(Integer.MAX_VALUE),
          Duration.ofMillis(Integer.MAX_VALUE + 1L),
          Duration.ofDays(30),
          Duration.ofMillis((1L << 32) + 1_500),
          Duration.ofDays(365));

  private static final List<Integer> COUNTS =
      List.of(1, 2, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, Integer.MAX_VALUE);

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q20 a job may crash as often as it was given, up to the largest number")
  void numbersOfCrashes() throws Exception {
    List<NewJob> batch = new ArrayList<>();
    for (int count : COUNTS) {
      batch.add(job("with " + count).maxCrashes(count).build());
    }
    jobs.enqueue(batch);
    List<ClaimedJob> claimed = claim(COUNTS.size() + 1);
    assertThat(claimed)
        .as("the crashes that the first claim tells")
        .extracting(ClaimedJob::maxCrashes)
        .containsExactlyInAnyOrderElementsOf(COUNTS);
    expireLeases();
    assertThat(claim(COUNTS.size() + 1))
        .as("the crashes of the jobs that have a second attempt")
        .allSatisfy(job -> assertThat(job.attempt()).isEqualTo(2))
        .extracting(ClaimedJob::maxCrashes)
        .containsExactlyInAnyOrderElementsOf(COUNTS.subList(1, COUNTS.size()));
    for (int count : COUNTS) {
      assertThat(find("with " + count).maxCrashes()).as("maxCrashes").isEqualTo(count);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName(
      "Q11 a claim lasts exactly as long as it was asked for, from a millisecond to a year")
  void durationsOfClaims() {
    for (Duration duration : TIMES) {
      enqueued(job());
      Instant before = storeNow();
      List<ClaimedJob> claimed = jobs.claim(ClaimRequest.of(queue, "worker", 1, duration)).jobs();
      Instant after = storeNow();
      assertThat(claimed).as("claim for %s", duration).hasSize(1);
      JobLease lease = claimed.get(0).lease();
      assertThat(lease.expiresAt())
          .as("the expiry of a claim for %s", duration)
          .isBetween(before.plus(duration), after.plus(duration));
      jobs.settle(List.of(SettlementKind.DONE.of(lease)));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q22 an extension lasts exactly as long as it was asked for")
  void durationsOfExtensions() {
    takeLongLeases();
    JobLease lease = held();
    for (int i = TIMES.size() - 1; i >= 0; i--) {
      // The longest first, and none that may be over before the next one.
      Duration duration = TIMES.get(i);
      if (duration.compareTo(term) >= 0) {
        Instant before = storeNow();
        List<Extension> extended = jobs.extend(List.of(lease), duration);
        Instant after = storeNow();
        assertThat(extended).as("extend by %s", duration).hasSize(1);
        assertThat(extended.get(0)).isInstanceOf(Extension.Held.class);
        assertThat(((Extension.Held) extended.get(0)).expiresAt())
            .as("the expiry of an extension by %s", duration)
            .isBetween(before.plus(duration), after.plus(duration));
      }
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q34 delays are exact, of new jobs, of retries and of releases")
  void delays() {
    takeLongLeases();
    List<Duration> delays = new ArrayList<>(TIMES);
    delays.add(Limits.MAX_DELAY);
    for (Duration delay : delays) {
      Instant before = storeNow();
      String id = enqueued(job().due(Due.after(delay)));
      assertDue(id, before, delay, "a new job");
      JobLease retried = heldApart();
      before = storeNow();
      settled(Settlement.retry(retried, delay, "of the kit"));
      assertDue(retried.queue(), retried.jobId(), before, delay, "a retry");
      JobLease released = heldApart();
      before = storeNow();
      settled(Settlement.released(released, delay));
      assertDue(released.queue(), released.jobId(), before, delay, "a release");
    }
  }

  /** A job in a queue of its own, where the others do not come in between. */
  private JobLease heldApart() {
    String apart = Names.unique("queue");
    jobs.enqueue(List.of(NewJob.builder(apart, "job", "kit", "").build()));
    return jobs.claim(ClaimRequest.of(apart, "worker", 1, term)).jobs().get(0).lease();
  }

  private void assertDue(String id, Instant before, Duration delay, String what) {
    assertDue(queue, id, before, delay, what);
  }

  private void assertDue(String queue, String id, Instant before, Duration delay, String what) {
    Instant after = storeNow();
    Job job = find(queue, id);
    assertThat(job.dueAt())
        .as("when %s with a delay of %s is due", what, delay)
        .isBetween(before.plus(delay), after.plus(delay));
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q14 a job with a long delay is not given a unit too early, and then is given")
  void longDelays() throws Exception {
    for (Duration delay : TIMES.subList(3, TIMES.size())) {
      String id = enqueued(job().due(Due.after(delay)));
      advanceAlmost(delay);
      assertThat(claim(1)).as("claim just before a delay of %s is over", delay).isEmpty();
      advanceTheRest();
      List<ClaimedJob> due = claim(1);
      assertThat(ids(due)).as("claim once a delay of %s is over", delay).containsExactly(id);
      settled(due.get(0).lease(), SettlementKind.DONE);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q17 a long lease does not end a unit too early, and then does")
  void longLeases() throws Exception {
    for (Duration duration : TIMES.subList(3, TIMES.size())) {
      String id = enqueued(job().maxCrashes(2));
      jobs.claim(ClaimRequest.of(queue, "worker", 1, duration));
      advanceAlmost(duration);
      assertThat(claim(1)).as("claim just before a lease of %s is over", duration).isEmpty();
      advanceTheRest();
      List<ClaimedJob> free = claim(1);
      assertThat(ids(free)).as("claim once a lease of %s is over", duration).containsExactly(id);
      settled(free.get(0).lease(), SettlementKind.DONE);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @ResourceLock(Resources.TIME_ZONE)
  @DisplayName("Q53 a job is due at its instant in every time zone, also where clocks change")
  void dueWhereClocksChange() throws Exception {
    TimeZone zone = TimeZone.getDefault();
    try {
      for (String name : List.of("Europe/Berlin", "America/New_York", "Australia/Lord_Howe")) {
        List<Instant> instants = clockChanges(ZoneId.of(name));
        List<NewJob> batch = instants.stream().map(at -> job().due(Due.at(at)).build()).toList();
        TimeZone.setDefault(TimeZone.getTimeZone(name));
        Backend there = open();
        there.jobQueue().enqueue(batch);
        assertDueAt(instants, batch, there.jobQueue(), "in a JVM in " + name);
        TimeZone.setDefault(zone);
        assertDueAt(instants, batch, others, "enqueued by a JVM in " + name);
        close(there);
      }
    } finally {
      TimeZone.setDefault(zone);
    }
  }

  /**
   * Instants around the next two changes of a zone's clocks: both readings of an hour that comes
   * twice, and what would be an hour that does not come if UTC was taken for local time.
   */
  private List<Instant> clockChanges(ZoneId zone) {
    List<Instant> instants = new ArrayList<>();
    Instant change = storeNow();
    for (int i = 0; i < 2; i++) {
      ZoneOffsetTransition transition = zone.getRules().nextTransition(change);
      change = transition.getInstant();
      Duration some = Duration.ofMinutes(10);
      instants.add(change.minus(some));
      instants.add(change.plus(some));
      for (LocalDateTime reading :
          List.of(transition.getDateTimeBefore(), transition.getDateTimeAfter())) {
        instants.add(reading.minus(some).toInstant(ZoneOffset.UTC));
        instants.add(reading.plus(some).toInstant(ZoneOffset.UTC));
      }
    }
    return instants;
  }

  private static void assertDueAt(
      List<Instant> instants, List<NewJob> batch, JobQueue jobs, String where) {
    for (int i = 0; i < instants.size(); i++) {
      NewJob job = batch.get(i);
      assertThat(jobs.find(job.queue(), job.id()).map(Job::dueAt))
          .as("when the job is due, %s", where)
          .contains(instants.get(i));
    }
  }
}
