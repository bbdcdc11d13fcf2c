package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.Limits;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Texts, by a rule: each text field of a job is exact at each attempt and in each read. A store may
 * keep a text once and lose it when the job is given again.
 */
@Since(2)
abstract class JobTextContract extends JobWindowContract {

  private static final String BEFORE = "something longer that was said before";

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q01 type, payload, headers and dedup key are exact at each attempt")
  void textsAtEachAttempt() throws Exception {
    takeLongLeases();
    Map<String, NewJob> given = textualJobs();
    List<JobLease> first = assertGiven(given, claimAll(given), "the first attempt");
    settleAll(first, SettlementKind.RETRY);
    List<JobLease> retried = assertGiven(given, claimAll(given), "the attempt after a retry");
    settleAll(retried, SettlementKind.RELEASED);
    assertGiven(given, claimAll(given), "the attempt after a release");
    expireLeases();
    List<JobLease> last = assertGiven(given, claimAll(given), "the attempt after an expiry");
    settleAll(last, SettlementKind.FAILED);
    assertRecords(given, "a failed job");
  }

  /** One job for each awkward text, which stands in each of its fields. */
  final Map<String, NewJob> textualJobs() {
    Map<String, NewJob> given = new HashMap<>();
    List<NewJob> batch = new ArrayList<>();
    for (String text : Texts.AWKWARD) {
      NewJob one =
          NewJob.builder(queue, "id " + text + ".", "type " + text + ".", text)
              .dedupKey("key " + text + ".")
              .headers(Map.of("name " + text + ".", text, "Name", "upper", "name", "lower"))
              .maxCrashes(9)
              .build();
      batch.add(one);
      given.put(one.id(), one);
    }
    assertThat(jobs.enqueue(batch)).as("the answers").allMatch(Enqueued::created);
    assertRecords(given, "a new job");
    return given;
  }

  final List<ClaimedJob> claimAll(Map<String, NewJob> given) {
    List<ClaimedJob> claimed = claim(given.size() + 1);
    assertThat(ids(claimed))
        .as("the ids of all jobs")
        .containsExactlyInAnyOrderElementsOf(given.keySet());
    return claimed;
  }

  final void settleAll(List<JobLease> leases, SettlementKind kind) {
    List<Settlement> settlements = leases.stream().map(kind::of).toList();
    assertThat(jobs.settle(settlements))
        .as("settle as %s", kind)
        .hasSize(leases.size())
        .containsOnly(Settlement.Result.ACCEPTED);
  }

  /** Compares what a claim gave, and what a read then shows, with what was enqueued. */
  final List<JobLease> assertGiven(
      Map<String, NewJob> given, List<ClaimedJob> claimed, String when) {
    for (ClaimedJob job : claimed) {
      NewJob as = Objects.requireNonNull(given.get(job.lease().jobId()));
      assertThat(job.type()).as("type in %s", when).isEqualTo(as.type());
      assertThat(job.payload()).as("payload in %s", when).isEqualTo(as.payload());
      assertThat(job.headers()).as("headers in %s", when).isEqualTo(as.headers());
    }
    assertRecords(given, when);
    return claimed.stream().map(ClaimedJob::lease).toList();
  }

  final void assertRecords(Map<String, NewJob> given, String when) {
    for (NewJob as : given.values()) {
      Job job = find(as.id());
      assertThat(job.type()).as("type in the record of %s", when).isEqualTo(as.type());
      assertThat(job.payload()).as("payload in the record of %s", when).isEqualTo(as.payload());
      assertThat(job.headers()).as("headers in the record of %s", when).isEqualTo(as.headers());
      assertThat(job.dedupKey()).as("dedup key in the record of %s", when).isEqualTo(as.dedupKey());
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q24 progress messages are exact, and replaced whole")
  void textsOfProgress() {
    takeLongLeases();
    JobLease lease = held();
    for (String text : Texts.AWKWARD) {
      assertThat(jobs.progress(lease, Progress.of(1, BEFORE))).as("progress").isTrue();
      assertThat(jobs.progress(lease, Progress.of(2, text))).as("progress again").isTrue();
      assertThat(find(lease.jobId()).progress())
          .as("the stored progress")
          .isEqualTo(Progress.of(2, text));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @Since(3)
  @DisplayName("Q01 the longest texts are exact, also where each character has many bytes")
  void longestTexts() {
    takeLongLeases();
    String message = "€".repeat(Limits.MAX_MESSAGE_CHARS);
    String error = "€".repeat(Limits.MAX_ERROR_CHARS);
    String text = "€".repeat(Limits.MAX_TEXT_BYTES / 3);
    for (SettlementKind kind : SettlementKind.values()) {
      JobLease lease = held();
      assertThat(jobs.progress(lease, Progress.of(1, message))).as("progress").isTrue();
      if (kind == SettlementKind.DONE) {
        assertThat(jobs.checkpoint(lease, "step", text)).as("the value of a step").contains(text);
        assertThat(others.checkpoints(lease)).as("the steps").contains(Map.of("step", text));
      }
      settled(kind.of(lease, kind == SettlementKind.DONE ? text : error, LEASE));
      Job job = find(lease.jobId());
      assertThat(job.progress()).as("progress").isEqualTo(Progress.of(1, message));
      if (kind == SettlementKind.DONE) {
        assertThat(job.result()).as("result").isEqualTo(text);
      } else if (kind != SettlementKind.RELEASED) {
        assertThat(job.error()).as("error of a job settled as %s", kind).isEqualTo(error);
      }
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q32 the error of the last attempt is exact, and replaced whole")
  void textsOfErrors() {
    takeLongLeases();
    for (String text : Texts.AWKWARD) {
      JobLease first = held(job().maxCrashes(9));
      settled(Settlement.retry(first, Duration.ZERO, BEFORE));
      JobLease second = claimed().lease();
      settled(Settlement.retry(second, Duration.ZERO, text));
      assertThat(find(first.jobId()).error()).as("the stored error").isEqualTo(text);
      settled(claimed().lease(), SettlementKind.DONE);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q51 dedup keys that look alike, or differ at the end of 200 bytes, are different")
  void dedupKeysThatLookAlike() {
    List<String> keys = new ArrayList<>(Texts.ALIKE);
    keys.add("x".repeat(199) + "1");
    keys.add("x".repeat(199) + "2");
    List<NewJob> batch = keys.stream().map(key -> job().dedupKey(key).build()).toList();
    assertThat(jobs.enqueue(batch)).as("enqueue with each key").allMatch(Enqueued::created);
    for (NewJob holder : batch) {
      assertThat(others.enqueue(List.of(job().dedupKey(holder.dedupKey()).build())))
          .as("enqueue of the taken key '%s'", holder.dedupKey())
          .containsExactly(Enqueued.of(holder.id(), false));
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q27 results are exact")
  void textsOfResults() {
    takeLongLeases();
    for (String text : Texts.AWKWARD) {
      JobLease lease = held();
      settled(Settlement.done(lease, text));
      assertThat(find(lease.jobId()).result()).as("the stored result").isEqualTo(text);
    }
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q26 steps and their values are exact, also after an expiry")
  void textsOfSteps() throws Exception {
    takeLongLeases();
    JobLease lease = held(job().maxCrashes(9));
    Map<String, String> kept = new LinkedHashMap<>();
    for (String text : Texts.AWKWARD) {
      String step = "step " + text + ".";
      assertThat(jobs.checkpoint(lease, step, text)).as("the first value").contains(text);
      assertThat(jobs.checkpoint(lease, step, text + "2")).as("the second value").contains(text);
      kept.put(step, text);
    }
    expireLeases();
    JobLease next = claimed().lease();
    assertThat(jobs.checkpoints(next).orElseThrow()).as("the steps").isEqualTo(kept);
    for (Map.Entry<String, String> each : kept.entrySet()) {
      assertThat(jobs.checkpoint(next, each.getKey(), "another"))
          .as("the value that was kept")
          .contains(each.getValue());
    }
    assertThat(others.checkpoints(next).orElseThrow())
        .as("the steps in the order in which they were kept")
        .containsExactlyEntriesOf(kept);
  }

  @Test
  @Since(3)
  @Tag(Tags.RULE)
  @DisplayName("Q51 a queue and an id, or an id and a step, that read alike in a row are different")
  void namesInARow() {
    takeLongLeases();
    List<String> between = List.of("", ":", "/", "|", "-", "_", ".", ",", "#", " ", "\n", "\u001f");
    List<NewJob> batch = new ArrayList<>();
    for (String mark : between) {
      for (String id : List.of("a", "a" + mark + "b")) {
        batch.add(NewJob.builder(queue + mark, id, "kit", "short").dedupKey(id).build());
      }
      batch.add(
          NewJob.builder(queue + mark + mark + "a", "b", "kit", "long").dedupKey("b").build());
    }
    assertThat(jobs.enqueue(batch)).as("enqueue").allMatch(Enqueued::created);

    for (int i = 0; i < batch.size(); i += 3) {
      String mark = between.get(i / 3);
      assertThat(find(batch.get(i + 2).queue(), "b").payload()).as("payload").isEqualTo("long");
      List<JobLease> leases =
          jobs.claim(ClaimRequest.of(batch.get(i).queue(), "worker", 3, term)).jobs().stream()
              .map(ClaimedJob::lease)
              .toList();
      assertThat(leases)
          .as("claim with '%s' between the names", mark)
          .extracting(JobLease::jobId)
          .containsExactly("a", "a" + mark + "b");
      List<String> steps = List.of("b" + mark + "c", "c");
      for (int k = 0; k < 2; k++) {
        assertThat(jobs.checkpoint(leases.get(k), steps.get(k), "of job " + k))
            .as("the first value of step '%s' of job '%s'", steps.get(k), leases.get(k).jobId())
            .contains("of job " + k);
      }
      for (int k = 0; k < 2; k++) {
        assertThat(others.checkpoints(leases.get(k)))
            .as("the steps of job '%s'", leases.get(k).jobId())
            .contains(Map.of(steps.get(k), "of job " + k));
      }
    }
  }
}
