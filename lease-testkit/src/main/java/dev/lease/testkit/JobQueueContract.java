package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobQueue;
import dev.lease.JobQueue.Subscription;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The contract of a {@link JobQueue}, clauses Q01 to Q55 as far as they need no {@link
 * dev.lease.JobAdmin}. Extend it, and give it the store.
 */
public abstract class JobQueueContract extends JobHistoryContract {

  /** For subclasses, which have nothing to tell. */
  protected JobQueueContract() {}

  @Test
  @DisplayName("Q48 find changes nothing")
  void findChangesNothing() throws Exception {
    JobLease lease = held();
    Optional<Job> before = record(lease.jobId());
    for (int i = 0; i < 3; i++) {
      jobs.find(queue, lease.jobId());
      jobs.find(queue, "unknown");
      jobs.checkpoints(lease);
    }
    assertThat(record(lease.jobId())).as("the record").isEqualTo(before);

    expireLeases();
    Job expired = find(lease.jobId());
    assertThat(expired.state()).as("state of an expired job").isEqualTo(JobState.PROCESSING);
    assertThat(expired.lease()).as("lease of an expired job").isNotNull();
    assertThat(find(lease.jobId()).state()).as("state, again").isEqualTo(JobState.PROCESSING);
  }

  @Test
  @DisplayName("Q51 ids, dedup keys and steps that look alike are different ones")
  void namesOfAJobNeverMeet() {
    takeLongLeases();
    List<String> names = Texts.ALIKE;
    List<NewJob> batch = new ArrayList<>();
    for (String name : names) {
      batch.add(NewJob.builder(queue, name, name, name).dedupKey(name).build());
    }

    assertThat(jobs.enqueue(batch)).as("the answers").allMatch(answer -> answer.created());

    List<ClaimedJob> claimed = jobs.claim(queue, "worker", names.size() + 1, term);
    assertThat(ids(claimed)).as("ids").containsExactlyElementsOf(names);
    assertThat(claimed).as("types").extracting(ClaimedJob::type).containsExactlyElementsOf(names);
    JobLease lease = claimed.get(0).lease();
    for (String name : names) {
      assertThat(find(name).dedupKey()).as("dedup key").isEqualTo(name);
      assertThat(jobs.checkpoint(lease, name, name)).as("checkpoint %s", name).contains(name);
    }
    assertThat(jobs.checkpoints(lease).orElseThrow().keySet())
        .as("steps")
        .containsExactlyElementsOf(names);
  }

  @Test
  @DisplayName("Q51 queues that look alike are different queues")
  void queuesNeverMeet() {
    takeLongLeases();
    List<String> queues = Texts.ALIKE.stream().map(name -> queue + name + ".").toList();
    jobs.enqueue(queues.stream().map(q -> NewJob.builder(q, q, "kit", "").build()).toList());

    for (String each : queues) {
      assertThat(ids(jobs.claim(each, "worker", 2, term)))
          .as("claim of queue '%s'", each)
          .containsExactly(each);
    }
  }

  @Test
  @DisplayName("Q51 queues, ids, types, keys, steps, workers of 1 to 200 bytes come back exactly")
  void longNames() {
    takeLongLeases();
    for (String name : Texts.LONG) {
      jobs.enqueue(
          List.of(
              NewJob.builder(name, name, name, "")
                  .dedupKey(name)
                  .headers(Map.of(name, name))
                  .build()));
      List<ClaimedJob> claimed = jobs.claim(name, name, 1, term);

      assertThat(claimed).as("claim").hasSize(1);
      Job job = find(name, name);
      assertThat(job.queue()).as("queue").isEqualTo(name);
      assertThat(job.type()).as("type").isEqualTo(name);
      assertThat(job.dedupKey()).as("dedup key").isEqualTo(name);
      assertThat(job.headers()).as("headers").isEqualTo(Map.of(name, name));
      assertThat(job.lease()).as("lease").isEqualTo(claimed.get(0).lease());
      assertThat(claimed.get(0).lease().owner()).as("owner").isEqualTo(name);
      assertThat(jobs.checkpoint(claimed.get(0).lease(), name, name)).as("step").contains(name);
    }
  }

  @Test
  @DisplayName(
      "Q54 after close every call throws IllegalStateException, and leases run out by themselves")
  void closedQueue() throws Exception {
    TestBackend backend = open();
    JobQueue closed = jobQueue(backend);
    enqueued(job());
    JobLease lease = closed.claim(queue, "worker", 1, term).get(0).lease();
    Optional<Job> before = record(lease.jobId());

    close(backend);

    assertClosed("enqueue", () -> closed.enqueue(List.of(job().build())));
    assertClosed("claim", () -> closed.claim(queue, "worker", 1, term));
    assertClosed("extend", () -> closed.extend(List.of(lease), term));
    assertClosed("settle", () -> closed.settle(List.of(Ending.DONE.of(lease))));
    assertClosed("progress", () -> closed.progress(lease, new Progress(1, "")));
    assertClosed("checkpoint", () -> closed.checkpoint(lease, "step", "value"));
    assertClosed("checkpoints", () -> closed.checkpoints(lease));
    assertClosed("find", () -> closed.find(queue, lease.jobId()));
    assertThat(record(lease.jobId())).as("the record of the job held").isEqualTo(before);
    expireLeases();
    assertThat(ids(claim(1))).as("claim after expiry").containsExactly(lease.jobId());
  }

  @Test
  @DisplayName("Q55 whoever asks for hints loses no job, and ending the hints twice is harmless")
  void hintsAreHarmless() {
    Subscription failing =
        jobs.onWork(
            queue,
            () -> {
              throw new IllegalStateException("a hint that fails, as part of the test");
            });
    Subscription other = others.onWork(queue, () -> {});
    String first = enqueued(job());
    failing.close();
    failing.close();
    String second = enqueued(job());
    other.close();

    assertThat(ids(claim(10))).as("the jobs").containsExactly(first, second);
    assertRefused("onWork, no queue", () -> jobs.onWork(absent(), () -> {}));
    assertRefused("onWork, bad queue", () -> jobs.onWork("", () -> {}));
    assertRefused("onWork, no hint", () -> jobs.onWork(queue, absent()));
  }
}
