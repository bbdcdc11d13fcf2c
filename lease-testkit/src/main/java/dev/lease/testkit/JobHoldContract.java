package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What a holder does while it works: extend its lease, report progress, store checkpoints. */
abstract class JobHoldContract extends JobDeadlineContract {

  private static Extension.Held assertHeld(List<Extension> answers) {
    assertThat(answers).as("extend").hasSize(1);
    assertThat(answers.get(0)).as("extend").isInstanceOf(Extension.Held.class);
    return (Extension.Held) answers.get(0);
  }

  @Test
  @DisplayName("Q22 extend sets the expiry to the store's now + duration, and nothing else")
  void extendCountsFromNow() {
    JobLease lease = held();
    Job before = find(lease.jobId());
    Duration longer = term.multipliedBy(2);

    Instant earliest = storeNow();
    Extension.Held held = assertHeld(others.extend(List.of(lease), longer));
    Instant latest = storeNow();

    assertThat(held.expiresAt()).as("expiry").isBetween(earliest.plus(longer), latest.plus(longer));
    assertThat(held.cancelRequested()).as("cancelRequested").isFalse();
    Job after = find(lease.jobId());
    JobLease extended =
        JobLease.of(queue, lease.jobId(), lease.owner(), lease.token(), held.expiresAt())
            .withPlace(lease.place());
    assertThat(after.lease()).as("the stored lease").isEqualTo(extended);
    assertThat(after)
        .as("the rest of the record")
        .usingRecursiveComparison()
        .ignoringFields("lease", "asOf")
        .isEqualTo(before);
  }

  @Test
  @DisplayName("Q22 an extended job is given again at its new expiry, and not before")
  void extendedLeaseLasts() throws Exception {
    JobLease lease = held();
    advanceAlmost(term);
    assertHeld(jobs.extend(List.of(lease), term));

    advanceAlmost(term);
    assertThat(claim(1)).as("claim before the new expiry").isEmpty();
    advanceTheRest();

    assertThat(ids(claim(1))).as("claim at the new expiry").containsExactly(lease.jobId());
  }

  @Test
  @DisplayName("Q22 extend may shorten")
  void extendShortens() throws Exception {
    JobLease lease = held();
    Duration half = term.dividedBy(2);

    assertThat(assertHeld(jobs.extend(List.of(lease), half)).expiresAt())
        .as("expiry")
        .isBefore(lease.expiresAt());

    advanceAlmost(half);
    assertThat(claim(1)).as("claim before the new expiry").isEmpty();
    advanceTheRest();
    assertThat(claim(1)).as("claim at the new expiry").hasSize(1);
  }

  @Test
  @DisplayName("Q22 a batch over several queues is answered per lease, by position")
  void extendOfABatch() {
    JobLease settled = held();
    settled(settled, SettlementKind.DONE);
    JobLease first = held();
    JobLease unknown = JobLease.of(queue, "unknown", "worker", 1, first.expiresAt());
    freshQueue();
    JobLease second = held();

    List<Extension> answers =
        jobs.extend(List.of(first, settled, second, unknown, first), term.multipliedBy(2));

    assertThat(answers).as("the answers").hasSize(5);
    for (int held : new int[] {0, 2, 4}) {
      assertThat(answers.get(held)).as("answer %s", held).isInstanceOf(Extension.Held.class);
    }
    assertThat(answers.get(1)).as("the answer for a settled job").isEqualTo(Extension.lost());
    assertThat(answers.get(3)).as("the answer for an unknown job").isEqualTo(Extension.lost());
    assertThat(jobs.extend(List.of(), term)).as("the answers to an empty batch").isEmpty();
  }

  @Test
  @DisplayName("Q22 a bad batch or duration is refused, and nothing changes")
  void badExtensions() {
    JobLease lease = held();
    Optional<Job> before = record(lease.jobId());

    for (Duration bad : badLeases()) {
      assertRefused("extend for " + bad, () -> jobs.extend(List.of(lease), bad));
    }
    assertRefused("extend for no duration", () -> jobs.extend(List.of(lease), absent()));
    assertRefused("extend of no list", () -> jobs.extend(absent(), term));
    assertRefused("extend of null", () -> jobs.extend(Collections.singletonList(absent()), term));
    assertRefused(
        "extend of 1001 leases", () -> jobs.extend(Collections.nCopies(1_001, lease), term));

    assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
  }

  @Test
  @DisplayName("Q23 every call with a wrong token is lost and changes nothing")
  void wrongTokenOfAJob() {
    takeLongLeases();
    JobLease lease = held();
    long token = lease.token();
    for (long wrong : new long[] {token - 1, token + 1, 0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertAllLost(
          JobLease.of(queue, lease.jobId(), lease.owner(), wrong, lease.expiresAt())
              .withPlace(lease.place()),
          "with token " + wrong + " instead of " + token);
    }
  }

  @Test
  @DisplayName("Q23 token 0 does not hold a job that was never claimed")
  void neverClaimed() {
    String id = enqueued(job());
    assertAllLost(
        JobLease.of(queue, id, "worker", 0, Instant.EPOCH), "for a job that was never claimed");
  }

  @Test
  @DisplayName("Q23 after a settlement every call is lost and changes nothing")
  void lostAfterSettlement() {
    for (SettlementKind kind : SettlementKind.values()) {
      freshQueue();
      JobLease lease = held();
      settled(lease, kind);
      assertAllLost(lease, "after settlement as " + kind);
    }
  }

  @Test
  @DisplayName("Q23 for a job that does not exist every call is lost and creates nothing")
  void lostWithoutAJob() {
    assertAllLost(
        JobLease.of(queue, "unknown", "worker", 1, Instant.EPOCH), "for a job that does not exist");
  }

  @Test
  @DisplayName("Q23 after expiry extend is lost, even if nobody claimed the job")
  void extendAfterExpiry() throws Exception {
    JobLease lease = held();
    advanceAlmost(term);
    advanceTheRest();
    Optional<Job> before = record(lease.jobId());

    assertThat(jobs.extend(List.of(lease), term)).as("extend").containsExactly(Extension.lost());

    assertThat(record(lease.jobId())).as("the record").isEqualTo(before);
  }

  @Test
  @DisplayName("Q23 in one batch lost leases stay lost, and live leases are extended")
  void extendOfAMixedBatch() throws Exception {
    JobLease taken = held();
    JobLease settled = held();
    JobLease expired = held();
    settled(settled, SettlementKind.FAILED);
    expireLeases();
    JobLease live = claim(1).get(0).lease();
    assertThat(live.jobId()).as("the job claimed again").isEqualTo(taken.jobId());
    Optional<Job> before = record(expired.jobId());

    List<Extension> answers =
        others.extend(List.of(taken, expired, live, settled), term.dividedBy(2));

    Extension.Held held = assertHeld(answers.subList(2, 3));
    assertThat(answers)
        .as("the answers to leases that were claimed again, expired, are live, were settled")
        .containsExactly(Extension.lost(), Extension.lost(), held, Extension.lost());
    assertThat(held.expiresAt()).as("the shortened expiry").isBefore(live.expiresAt());
    assertThat(find(live.jobId()).lease())
        .as("the stored lease")
        .isEqualTo(
            JobLease.of(queue, live.jobId(), live.owner(), live.token(), held.expiresAt())
                .withPlace(live.place()));
    assertThat(record(expired.jobId())).as("the expired job").isEqualTo(before);
  }

  @Test
  @DisplayName(
      "Q23 after expiry progress and checkpoints are accepted until the job is claimed again")
  void progressAndCheckpointAfterExpiry() throws Exception {
    JobLease lease = held();
    expireLeases();

    assertThat(jobs.progress(lease, Progress.of(50, "late"))).as("progress").isTrue();
    assertThat(jobs.checkpoint(lease, "step", "late")).as("checkpoint").contains("late");
    assertThat(jobs.checkpoints(lease)).as("checkpoints").contains(Map.of("step", "late"));
    claimed();
    assertAllLost(lease, "after the job was claimed again");
  }

  @Test
  @DisplayName("Q24 progress is stored, and the next progress replaces it")
  void progressIsReplaced() {
    JobLease lease = held();
    for (Progress progress :
        List.of(Progress.of(0, ""), Progress.of(100, "all"), Progress.of(42, "back 😀 \n'\\"))) {
      assertThat(jobs.progress(lease, progress)).as("progress of %s", progress).isTrue();
      assertThat(find(lease.jobId()).progress()).as("the stored progress").isEqualTo(progress);
    }
    assertThat(others.progress(lease, Progress.of(7, null))).as("without a message").isTrue();
    assertThat(find(lease.jobId()).progress())
        .as("the stored progress")
        .isEqualTo(Progress.of(7, ""));
  }

  @Test
  @DisplayName("Q24 any progress message is stored")
  void anyProgressMessage() {
    takeLongLeases();
    JobLease lease = held();
    for (String message : Texts.NASTY_ERRORS) {
      var progress = Progress.of(1, message);
      assertThat(jobs.progress(lease, progress)).as("progress").isTrue();
      assertThat(find(lease.jobId()).progress()).as("the stored progress").isEqualTo(progress);
    }
  }

  @Test
  @DisplayName("Q25 progress and checkpoints change no other field of the job")
  void progressChangesNothingElse() {
    JobLease lease = held();
    Job before = find(lease.jobId());

    jobs.progress(lease, Progress.of(50, "half"));
    jobs.checkpoint(lease, "step", "value");

    assertThat(find(lease.jobId()))
        .as("the rest of the record")
        .usingRecursiveComparison()
        .ignoringFields("progress", "asOf")
        .isEqualTo(before);
  }

  @Test
  @DisplayName("Q25 progress and checkpoints survive expiry, retry, release and the next claims")
  void progressSurvives() throws Exception {
    JobLease lease = held(job().maxCrashes(9));
    var progress = Progress.of(50, "half");
    jobs.progress(lease, progress);
    jobs.checkpoint(lease, "step", "value");

    settled(lease, SettlementKind.RETRY);
    lease = assertKept(progress);
    settled(lease, SettlementKind.RELEASED);
    assertKept(progress);
    expireLeases();
    assertKept(progress);
  }

  private JobLease assertKept(Progress progress) {
    JobLease lease = claimed().lease();
    assertThat(find(lease.jobId()).progress()).as("progress").isEqualTo(progress);
    assertThat(jobs.checkpoints(lease)).as("checkpoints").contains(Map.of("step", "value"));
    return lease;
  }

  @Test
  @DisplayName("Q26 the first value of a step wins, and every later call is answered with it")
  void firstValueWins() {
    JobLease lease = held();

    assertThat(jobs.checkpoint(lease, "step", "first")).as("the first call").contains("first");
    assertThat(jobs.checkpoint(lease, "step", "second")).as("the second call").contains("first");
    assertThat(others.checkpoint(lease, "step", "third")).as("the third call").contains("first");

    assertThat(others.checkpoints(lease)).as("checkpoints").contains(Map.of("step", "first"));
  }

  @Test
  @Since(2)
  @DisplayName("Q23 a lease that is lost does not become one of a job with that id elsewhere")
  void lostBesideATwin() {
    List<JobLease> leases = neighbours();
    JobLease lost = leases.get(0);
    queue = lost.queue();
    settled(lost, SettlementKind.RETRY);

    // On a clock that stands still, both have the same token.
    assertAllLost(lost, "while a job with that id is held in another queue");
  }

  @Test
  @Since(2)
  @DisplayName("Q26 a step is of its job only, not of others with that id or in that queue")
  void stepsOfNeighbours() {
    List<JobLease> leases = neighbours();
    keepStep(leases, "pay");

    for (int i = 0; i < leases.size(); i++) {
      assertThat(others.checkpoint(leases.get(i), "pay", "again"))
          .as("the value of the step of job %s", i)
          .contains("value " + i);
      assertThat(others.checkpoints(leases.get(i)))
          .as("the steps of job %s", i)
          .contains(Map.of("pay", "value " + i));
    }
  }

  @Test
  @DisplayName("Q26 the first value of a step wins over the values of later attempts")
  void firstValueWinsOverAttempts() throws Exception {
    JobLease first = held(job().maxCrashes(9));
    jobs.checkpoint(first, "step", "first");

    settled(first, SettlementKind.RETRY);
    JobLease afterRetry = claimed().lease();
    assertFirstValueHolds(afterRetry, "after a retry");
    settled(afterRetry, SettlementKind.RELEASED);
    assertFirstValueHolds(claimed().lease(), "after a release");
    expireLeases();
    assertFirstValueHolds(claimed().lease(), "after an expiry");
  }

  private void assertFirstValueHolds(JobLease lease, String when) {
    assertThat(others.checkpoint(lease, "step", when)).as("checkpoint %s", when).contains("first");
    assertThat(jobs.checkpoints(lease))
        .as("checkpoints %s", when)
        .contains(Map.of("step", "first"));
  }

  @Test
  @DisplayName(
      "Q26 with the token of a settled attempt nobody stores or reads checkpoints of the next one")
  void checkpointOfASettledAttempt() {
    for (SettlementKind kind : List.of(SettlementKind.RETRY, SettlementKind.RELEASED)) {
      freshQueue();
      JobLease settled = held();
      jobs.checkpoint(settled, "step", "first");
      settled(settled, kind);
      assertThat(jobs.checkpoint(settled, "late", "between"))
          .as("before the next attempt")
          .isEmpty();
      JobLease next = claimed().lease();

      assertThat(others.checkpoint(settled, "step", "stale"))
          .as("a step that has a value")
          .isEmpty();
      assertThat(jobs.checkpoint(settled, "late", "stale")).as("another step").isEmpty();

      assertThat(jobs.checkpoints(next)).as("checkpoints").contains(Map.of("step", "first"));
    }
  }

  @Test
  @DisplayName("Q26 checkpoints come back in the order in which they were stored")
  void orderOfCheckpoints() {
    JobLease lease = held();
    List<String> steps = List.of("z", "a", "m", "Z", "1", "ä", "😀", "b", "0", "a ");
    steps.forEach(step -> jobs.checkpoint(lease, step, "value of " + step));

    Map<String, String> checkpoints = others.checkpoints(lease).orElseThrow();

    assertThat(checkpoints.keySet()).as("steps").containsExactlyElementsOf(steps);
    checkpoints.forEach(
        (step, value) -> assertThat(value).as("the value").isEqualTo("value of " + step));
  }

  @Test
  @DisplayName("Q26 the checkpoints of a job without any are an empty map")
  void noCheckpoints() {
    assertThat(jobs.checkpoints(held())).as("checkpoints").contains(Map.of());
  }

  @Test
  @DisplayName("Q26 the value of a checkpoint is kept exactly")
  void checkpointIsExact() {
    takeLongLeases();
    JobLease lease = held();
    for (int number = 0; number < Texts.EXACT.size(); number++) {
      String value = Texts.EXACT.get(number);
      assertThat(jobs.checkpoint(lease, "step " + number, value).orElseThrow().equals(value))
          .as("the answer for text %d is exact", number)
          .isTrue();
    }
    Map<String, String> read = others.checkpoints(lease).orElseThrow();
    for (int number = 0; number < Texts.EXACT.size(); number++) {
      assertThat(Texts.EXACT.get(number).equals(read.get("step " + number)))
          .as("text %d is read exactly", number)
          .isTrue();
    }
  }

  @Test
  @DisplayName(
      "Q26 checkpoints of two jobs are separate, even if both have one id in different queues")
  void checkpointsOfTwoJobs() {
    JobLease one = held(job("same id"));
    JobLease two = held();
    freshQueue();
    JobLease three = held(job("same id"));
    jobs.checkpoint(one, "step", "of one");
    jobs.checkpoint(two, "step", "of two");

    assertThat(jobs.checkpoints(one)).as("of one").contains(Map.of("step", "of one"));
    assertThat(jobs.checkpoints(two)).as("of two").contains(Map.of("step", "of two"));
    assertThat(jobs.checkpoints(three)).as("of three").contains(Map.of());
  }

  @Test
  @DisplayName("Q26 a checkpoint with a stale token is not stored, and no later holder sees it")
  void staleCheckpoint() throws Exception {
    JobLease lease = held();
    expireLeases();
    ClaimedJob next = claimed();

    assertThat(jobs.checkpoint(lease, "step", "stale")).as("checkpoint").isEmpty();

    assertThat(jobs.checkpoints(next.lease())).as("checkpoints").contains(Map.of());
    assertThat(jobs.checkpoint(next.lease(), "step", "fresh")).as("checkpoint").contains("fresh");
  }

  @Test
  @DisplayName("Q26 bad leases, steps and values are refused")
  void badCheckpoints() {
    takeLongLeases();
    JobLease lease = held();

    Texts.BAD_NAMES.forEach(
        (why, bad) ->
            assertRefused("checkpoint, step " + why, () -> jobs.checkpoint(lease, bad, "value")));
    for (String bad : List.of("a\0b", "\uD83D", "\uDE00", "x".repeat(Limits.MAX_TEXT_BYTES + 1))) {
      assertRefused("checkpoint, bad value", () -> jobs.checkpoint(lease, "step", bad));
    }
    assertRefused("checkpoint, no lease", () -> jobs.checkpoint(absent(), "step", "value"));
    assertRefused("checkpoint, no step", () -> jobs.checkpoint(lease, absent(), "value"));
    assertRefused("checkpoint, no value", () -> jobs.checkpoint(lease, "step", absent()));
    assertRefused("checkpoints, no lease", () -> jobs.checkpoints(absent()));
    assertRefused("progress, no lease", () -> jobs.progress(absent(), Progress.of(1, "")));
    assertRefused("progress, no progress", () -> jobs.progress(lease, absent()));
    assertThat(jobs.checkpoints(lease)).as("checkpoints").contains(Map.of());
  }

  @Test
  @DisplayName("Q22 an extension lasts as long as requested: an hour or a year")
  void extensionsOfSeveralLengths() {
    JobLease lease = held();
    for (Duration duration : List.of(Duration.ofHours(1), Limits.MAX_LEASE)) {
      Instant before = storeNow();
      Extension.Held held = assertHeld(jobs.extend(List.of(lease), duration));
      Instant after = storeNow();

      assertThat(held.expiresAt())
          .as("expiry of an extension for %s", duration)
          .isBetween(before.plus(duration), after.plus(duration));
    }
  }

  @Test
  @DisplayName("Q22 each lease of a batch is stored with the expiry in the answer")
  void extendedBatchIsStored() {
    List<JobLease> leases = List.of(held(), held(), held());

    List<Extension> answers = jobs.extend(leases, term.multipliedBy(2));

    for (int i = 0; i < leases.size(); i++) {
      JobLease stored = offered("lease", find(leases.get(i).jobId()).lease());
      assertThat(stored.expiresAt())
          .as("the stored expiry of lease %s", i)
          .isEqualTo(assertHeld(List.of(answers.get(i))).expiresAt());
    }
  }
}
