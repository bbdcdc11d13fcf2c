package dev.lease.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Capability;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobAdmin.Requeue;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.Limits;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.OperatorAction.Kind;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What operators do, and see, days, months and years later. */
@Since(3)
abstract class AdminTimeContract extends AdminRefusalContract {

  private static final Duration DAY = Duration.ofDays(1);

  private static final int MOST_PAGES = 100;

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q21 a pause lasts for days, months and years")
  void pausedForLong() throws Exception {
    enqueued(job());
    admin.pause(queue);
    for (Duration step : List.of(DAY, DAY.multipliedBy(31), LeaseTimeContract.YEARS)) {
      advance(step);
      assertThat(claim(1)).as("claim of a paused queue after %s more", step).isEmpty();
      assertThat(counts().map(QueueCounts::paused)).as("paused after %s more", step).contains(true);
    }
    otherAdmin.resume(queue);
    assertThat(claim(2)).as("claim once the queue is resumed").hasSize(1);
  }

  private Optional<QueueCounts> counts() {
    return otherAdmin.counts().queue(queue);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q45 a job is requeued while its queue is paused, and given once that is over")
  void requeuedWhilePaused() {
    String id = settledJob(SettlementKind.FAILED);
    admin.pause(queue);
    assertThat(admin.requeue(queue, id)).as("requeue").isEqualTo(Requeue.REQUEUED);
    assertThat(stateOf(id)).as("state").isEqualTo(JobState.PENDING);
    assertThat(claim(1)).as("claim of a paused queue").isEmpty();
    admin.resume(queue);
    assertThat(ids(claim(1))).as("claim once the queue is resumed").containsExactly(id);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q46 a purge removes what was kept long enough, also while the queue is paused")
  void purgedWhilePaused() throws Exception {
    settled(held(job("old").keep(DAY)), SettlementKind.DONE);
    settled(held(job("kept").keep(Duration.ofDays(900))), SettlementKind.FAILED);
    admin.pause(queue);
    advance(DAY.multipliedBy(2));
    assertPurged(queue, "old", "of what was kept long enough");
    assertThat(record("kept")).as("a job that is to be kept").isPresent();
    assertThat(admin.purge(queue, DAY, 9)).as("purge by age").isEqualTo(1);
    assertThat(record("kept")).as("a job that was purged").isEmpty();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q46 a purge by an age of more than a year removes what is as old, and no other")
  void purgedAfterYears() throws Exception {
    settled(held(job("old").keep(Limits.MAX_DELAY)), SettlementKind.FAILED);
    advance(Duration.ofDays(399));
    assertThat(admin.purge(queue, Duration.ofDays(400), 9)).as("purge a day before").isZero();
    advance(DAY.multipliedBy(2));
    settled(held(job("new").keep(Limits.MAX_DELAY)), SettlementKind.FAILED);
    assertThat(admin.purge(queue, Duration.ofDays(400), 9)).as("purge a day after").isEqualTo(1);
    assertThat(record("old")).as("the old job").isEmpty();
    assertThat(record("new")).as("the new job").isPresent();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q40 a reset finds what expired a month ago, and leaves its due time and error")
  void resetAfterLong() throws Exception {
    JobLease lease = held();
    settled(Settlement.retry(lease, Duration.ZERO, "of the first attempt"));
    claimed();
    advance(Duration.ofDays(31));
    Instant due = find(lease.jobId()).dueAt();
    assertThat(admin.resetExpired(queue, 9).count()).as("reset").isEqualTo(1);
    assertThat(find(lease.jobId()))
        .as("the job")
        .satisfies(
            job -> {
              assertThat(job.state()).as("state").isEqualTo(JobState.RETRY);
              assertThat(job.dueAt()).as("due time").isEqualTo(due);
              assertThat(job.error()).as("error").isEqualTo("of the first attempt");
            });
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q55 a hint comes for a queue that is paused too")
  void hintsWhilePaused() throws Exception {
    if (lacks(Capability.HINTS)) {
      reportAsLacking(Capability.HINTS);
    }
    var hints = new Semaphore(0);
    JobQueue.Subscription mine = jobs.onWork(queue, hints::release);
    admin.pause(queue);
    for (int i = 0; i < 3; i++) {
      hints.drainPermits();
      JobObjectContract.assertHintComes(
          hints, () -> jobs.hint(queue), "a hint was given for a paused queue");
    }
    mine.close();
    assertThat(claim(1)).as("claim of a paused queue").isEmpty();
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q48 a list goes on where it stopped, also days later")
  void pagesDaysApart() throws Exception {
    List<String> ids = enqueuedMany(5);
    JobQuery query = JobQuery.of(JobFilter.all().inQueue(queue)).limit(2);
    List<String> seen = new ArrayList<>();
    String after = null;
    do {
      JobPage page = admin.list(query.after(after));
      page.jobs().stream().map(Job::id).forEach(seen::add);
      assertThat(seen).as("the jobs of all pages so far").doesNotHaveDuplicates();
      after = page.next();
      advance(DAY);
    } while (after != null);
    assertThat(seen).as("the jobs of all pages").containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q90 the records of acts go on where they stopped, also days later")
  void pagesOfActsDaysApart() throws Exception {
    if (lacks(Capability.AUDIT)) {
      reportAsLacking(Capability.AUDIT);
    }
    JobAdmin anna = admin.by(Operator.of("anna", ""));
    anna.pause(queue);
    anna.resume(queue);
    anna.pause(queue);
    List<Kind> seen = new ArrayList<>();
    String after = null;
    for (int pages = 0; pages == 0 || after != null; pages++) {
      assertThat(pages).as("pages of three acts").isLessThan(MOST_PAGES);
      ActionPage page = otherAdmin.actions(ActionQuery.inQueue(queue).limit(1).after(after));
      page.actions().stream().map(OperatorAction::kind).forEach(seen::add);
      after = page.next();
      advance(DAY);
    }
    assertThat(seen)
        .as("the acts of all pages")
        .containsExactly(Kind.PAUSE, Kind.RESUME, Kind.PAUSE);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q48 counts tell of each expired job, and of a queue with finished jobs only")
  void countsOfManyAndFew() throws Exception {
    enqueuedMany(150);
    assertThat(claim(150)).as("claim").hasSize(150);
    expireLeases();
    assertThat(counts().map(QueueCounts::expired)).as("expired").contains(150L);

    freshQueue();
    settledJob(SettlementKind.FAILED);
    assertThat(counts().map(counts -> counts.count(JobState.FAILED)))
        .as("the jobs that are FAILED in a queue without others")
        .contains(1L);
    assertThat(counts().map(QueueCounts::expired)).as("expired").contains(0L);
  }

  @Test
  @Tag(Tags.RULE)
  @DisplayName("Q48 counts tell of expired jobs, whatever a claim will make of them")
  void countsOfWhatAClaimEnds() throws Exception {
    held();
    held(job().maxCrashes(1));
    held(job().notAfter(Due.after(term)));
    admin.cancel(queue, held().jobId());
    advance(term.multipliedBy(2));
    for (boolean isPaused : new boolean[] {false, true}) {
      if (isPaused) {
        admin.pause(queue);
      }
      assertThat(counts().map(QueueCounts::expired)).as("expired").contains(4L);
      assertThat(counts().map(counts -> counts.count(JobState.PROCESSING)))
          .as("PROCESSING")
          .contains(4L);
    }
  }
}
