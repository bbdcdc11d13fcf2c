package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class OldestDueTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final OldestDue oldestDue = new OldestDue();

  @Test
  void aJobThatNobodyTakesWaits() {
    look(waiting("a", 1));
    look(waiting("a", 8));

    assertWaited(7);
  }

  @Test
  void aJobBehindAnotherWaitsForItself() {
    look(waiting("a", 1), waiting("b", 1));
    look(held("a", 5, 9), waiting("b", 5));
    look(held("a", 8, 9), waiting("b", 8));

    assertWaited(7);
  }

  @Test
  void aJobWhoseLeaseHasExpiredWaits() {
    look(held("a", 1, 3));
    look(held("a", 4, 3));
    look(held("a", 6, 3));

    assertWaited(2);
  }

  @Test
  void aJobThatWasHeldMeanwhileWaitsAnew() {
    look(waiting("a", 1));
    look(held("a", 3, 6));
    look(waiting("a", 7));
    look(waiting("a", 8));

    assertWaited(1);
  }

  @Test
  void aJobThatIsHeldBackDoesNotWaitForAWorker() {
    look(job("a", 1).heldBack(true).build());
    look(job("a", 6).heldBack(true).build());
    look(waiting("a", 7));
    look(waiting("a", 9));

    assertWaited(2);
  }

  @Test
  void aJobThatIsNotDueDoesNotWait() {
    look(job("a", 1).state(JobState.RETRY).dueAt(at(7)).build());
    look(job("a", 6).state(JobState.RETRY).dueAt(at(7)).build());

    assertWaited(0);
  }

  private void look(Job... jobs) {
    oldestDue.look(List.of(jobs));
  }

  private void assertWaited(int seconds) {
    assertThat(oldestDue.longest()).isEqualTo(Duration.ofSeconds(seconds));
  }

  private static Job waiting(String id, int asOf) {
    return job(id, asOf).state(JobState.PENDING).build();
  }

  private static Job held(String id, int asOf, int until) {
    return job(id, asOf)
        .state(JobState.PROCESSING)
        .lease(JobLease.of("orders", id, "ann", 10, at(until)))
        .build();
  }

  private static Job.Builder job(String id, int asOf) {
    return Job.builder("orders", id, "place-order", "{}")
        .createdAt(START)
        .dueAt(START)
        .asOf(at(asOf));
  }

  private static Instant at(int second) {
    return START.plusSeconds(second);
  }
}
