package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobAdmin.Cancellation;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What operators do with jobs that have a key. */
@Since(3)
abstract class KeyOperatorContract extends KeySlotContract {

  @Test
  @DisplayName("Q63 cancel of a job that waits in its slot gives the slot on")
  void cancelAdmitted() {
    limit(KeyLimit.of(1));
    List<String> ids = enqueuedOf("a", 3);

    assertThat(admin.cancel(queue, ids.get(0))).as("cancel").isEqualTo(Cancellation.CANCELLED);

    assertThat(claimedIds()).as("claimed").containsExactly(ids.get(1));
  }

  @Test
  @DisplayName("Q63 cancel of a job that is held back gives no slot on")
  void cancelHeldBack() {
    limit(KeyLimit.of(1));
    List<String> ids = enqueuedOf("a", 3);

    assertThat(admin.cancel(queue, ids.get(1))).as("cancel").isEqualTo(Cancellation.CANCELLED);

    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactly(ids.get(0));
    assertHeldBack(ids.get(2));
    settled(Settlement.done(claimed.get(0).lease()));
    assertThat(claimedIds()).as("claimed after it").containsExactly(ids.get(2));
  }

  @Test
  @DisplayName("Q63 a cancellation that was requested frees the slot when the job ends")
  void cancelHeld() {
    limit(KeyLimit.of(1));
    JobLease lease = holdsTheSlot("a");
    String next = enqueued(keyed("a"));
    admin.cancel(queue, lease.jobId());
    assertThat(claim(10)).as("claimed before the holder has settled").isEmpty();

    settled(lease, SettlementKind.RELEASED);

    assertThat(stateOf(lease.jobId())).as("state").isEqualTo(JobState.CANCELLED);
    assertThat(claimedIds()).as("claimed").containsExactly(next);
  }

  @Test
  @DisplayName("Q63 delete frees the slot of a held job, and of one that waits in it")
  void delete() {
    limit(KeyLimit.of(1));
    JobLease lease = holdsTheSlot("a");
    List<String> ids = enqueuedOf("a", 3);

    admin.delete(queue, lease.jobId());
    admin.delete(queue, ids.get(0));
    admin.delete(queue, ids.get(2));

    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactly(ids.get(1));
    assertThat(jobs.settle(List.of(Settlement.done(lease))))
        .as("a settlement of the deleted job")
        .containsExactly(Settlement.Result.LOST);
    settled(Settlement.done(claimed.get(0).lease()));
    assertThat(claimedIds()).as("left").isEmpty();
    String next = enqueued(keyed("a"));
    assertThat(claimedIds()).as("claimed at last").containsExactly(next);
  }

  @Test
  @DisplayName("Q63 the end of jobs that have finished long ago frees no slot")
  void purge() {
    limit(KeyLimit.of(1));
    enqueuedOf("a", 3);
    run();
    JobLease lease = claim(10).get(0).lease();

    JobFilter done = JobFilter.all().inQueue(queue).inState(JobState.DONE);
    AllPages.pieces(10, after -> admin.delete(done, after, 10));

    assertThat(claim(10)).as("claimed while %s is held", lease.jobId()).isEmpty();
  }

  @Test
  @DisplayName("Q63 a change of the due time puts a job off, or brings it")
  void changeOfDue() {
    limit(KeyLimit.of(1));
    List<String> ids = enqueuedOf("a", 2);

    admin.change(queue, ids.get(0), JobChange.builder().due(Due.after(LATER)).build());

    List<ClaimedJob> claimed = claim(10);
    assertThat(ids(claimed)).as("claimed").containsExactly(ids.get(1));
    admin.change(queue, ids.get(0), JobChange.builder().due(Due.now()).build());
    assertThat(claim(10)).as("claimed while the other is held").isEmpty();
    assertHeldBack(ids.get(0));
    settled(Settlement.done(claimed.get(0).lease()));
    assertThat(claimedIds()).as("claimed after it").containsExactly(ids.get(0));
  }

  @Test
  @DisplayName("Q66 in order, a job that a change puts off keeps its slot")
  void changeOfDueInOrder() throws Exception {
    limit(KeyLimit.of(1).inOrder());
    List<String> ids = enqueuedOf("a", 2);

    admin.change(queue, ids.get(0), JobChange.builder().due(Due.after(term)).build());

    assertThat(claim(10)).as("claimed before it is due").isEmpty();
    advance(term);
    assertThat(claimedIds()).as("claimed").containsExactly(ids.get(0));
  }

  @Test
  @DisplayName("Q65 a change of the priority moves a job that is held back")
  void changeOfPriority() {
    limit(KeyLimit.of(1));
    JobLease lease = holdsTheSlot("a");
    List<String> ids = enqueuedOf("a", 3);

    admin.change(queue, ids.get(2), JobChange.builder().priority(9).build());
    admin.change(queue, ids.get(0), JobChange.builder().payload("new").build());

    assertThat(claim(10)).as("claimed while the slot is taken").isEmpty();
    assertThat(find(ids.get(2)).priority()).as("priority").isEqualTo(9);
    assertThat(find(ids.get(0)).payload()).as("payload").isEqualTo("new");
    assertHeldBack(ids.toArray(String[]::new));
    settled(Settlement.done(lease));
    assertThat(runOneByOne()).as("order").containsExactly(ids.get(2), ids.get(0), ids.get(1));
  }

  @Test
  @DisplayName("Q66 in order, a delete and a cancel let the next one begin")
  void endInOrder() {
    limit(KeyLimit.of(1).inOrder());
    List<String> ids = enqueuedOf("a", 3);
    settled(Settlement.retry(claimed().lease(), LATER, "later"));

    admin.cancel(queue, ids.get(0));
    settled(Settlement.retry(claimed().lease(), LATER, "later"));
    admin.delete(queue, ids.get(1));

    assertThat(claimedIds()).as("claimed").containsExactly(ids.get(2));
  }

  @Test
  @DisplayName("Q62 a job that is requeued waits for a slot like a new one")
  void requeue() {
    assertWaits(failed -> admin.requeue(queue, failed.jobId(), Requeueing.now()));
  }

  @Test
  @DisplayName("Q62 jobs that are requeued by a filter wait for a slot like new ones")
  void requeueByFilter() {
    JobFilter ofFailed = JobFilter.all().inQueue(queue).inState(JobState.FAILED);
    assertWaits(
        failed ->
            assertThat(
                    AllPages.changed(
                        10, after -> admin.requeue(ofFailed, Requeueing.now(), after, 10)))
                .as("requeued")
                .isEqualTo(1));
  }

  private void assertWaits(Consumer<JobLease> requeue) {
    limit(KeyLimit.of(1));
    JobLease failed = holdsTheSlot("a");
    settled(failed, SettlementKind.FAILED);
    JobLease lease = holdsTheSlot("a");

    requeue.accept(failed);

    assertThat(claim(10)).as("claimed while the other is held").isEmpty();
    assertHeldBack(failed.jobId());
    settled(Settlement.done(lease));
    assertThat(claimedIds()).as("claimed").containsExactly(failed.jobId());
  }

  @Test
  @DisplayName("Q69 a job that is held back waits, in reads, lists and counts")
  void reads() {
    limit(KeyLimit.of(1));
    List<String> ids = enqueuedOf("a", 3);
    String other = enqueued(keyed("b"));
    JobFilter ofA = JobFilter.all().inQueue(queue).withKey("a");

    assertHeldBack(ids.get(1), ids.get(2));
    List<Job> listed = AllPages.of(admin, JobQuery.of(ofA).limit(10));

    assertThat(listed).as("listed by key").extracting(Job::id).containsExactlyElementsOf(ids);
    assertThat(listed).as("held back").extracting(Job::heldBack).containsExactly(false, true, true);
    assertThat(listed).as("states").extracting(Job::state).containsOnly(JobState.PENDING);
    assertThat(listed).as("priorities").extracting(Job::priority).containsOnly(5);
    assertThat(admin.count(ofA, 10).jobs()).as("counted by key").isEqualTo(3);
    assertThat(find(other).heldBack()).as("the other key's job").isFalse();
    assertThat(AllPages.changed(2, after -> admin.cancel(ofA, after, 2)))
        .as("cancelled by key")
        .isEqualTo(3);
    assertThat(claimedIds()).as("claimed").containsExactly(other);
  }

  @Test
  @DisplayName("Q69 a pause stops keys as it stops all else")
  void pause() {
    limit(KeyLimit.of(1));
    JobLease lease = holdsTheSlot("a");
    String next = enqueued(keyed("a"));
    admin.pause(queue);
    settled(Settlement.done(lease));

    assertThat(claim(10)).as("claimed from a paused queue").isEmpty();
    admin.resume(queue);
    assertThat(claimedIds()).as("claimed").containsExactly(next);
  }
}
