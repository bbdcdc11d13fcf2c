package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Job;
import dev.lease.JobState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TailTest {

  private static final Instant START = Instant.parse("2026-11-27T03:00:00Z");

  private final Tail tail = new Tail();

  @Test
  void whatHappensToAJobIsToldOnce() {
    assertThat(look(1, job(0, JobState.PENDING, 1, null))).isEmpty();
    assertThat(look(2, job(5, JobState.PROCESSING, 2, null))).containsExactly("begins");
    assertThat(look(3, job(5, JobState.PROCESSING, 3, null))).isEmpty();
    assertThat(look(4, job(5, JobState.RETRY, 4, null))).containsExactly("retries");
    assertThat(look(5, job(6, JobState.PROCESSING, 5, null))).containsExactly("begins");
    assertThat(look(6, job(7, JobState.PROCESSING, 6, null))).containsExactly("begins");
    assertThat(look(7, job(7, JobState.PENDING, 7, null))).containsExactly("waits");
    assertThat(look(8, job(8, JobState.FAILED, 8, 8))).containsExactly("failed");
    assertThat(look(9, job(8, JobState.FAILED, 9, 8))).isEmpty();
    assertThat(look(10, job(8, JobState.PENDING, 10, null))).containsExactly("waits");
  }

  @Test
  void whatFinishedBeforeTheFirstLookIsNoNews() {
    assertThat(look(9, job(1, JobState.DONE, 9, 8))).isEmpty();
    assertThat(tail.look(at(10), List.of(), job -> Optional.empty())).isEmpty();
    assertThat(look(11, job(1, JobState.DONE, 11, 8))).isEmpty();
    assertThat(tail.look(at(12), List.of(), job -> Optional.empty())).isEmpty();
    assertThat(look(13, job(1, JobState.DONE, 13, 9))).containsExactly("done");
  }

  @Test
  void aJobThatIsNoLongerHeldIsLookedUp() {
    Job held = job(5, JobState.PROCESSING, 1, null);
    assertThat(look(1, held)).containsExactly("runs");
    List<Tail.Event> events =
        tail.look(at(2), List.of(), job -> Optional.of(job(5, JobState.DONE, 2, 2)));
    assertThat(events).extracting(Tail.Event::what).containsExactly("done");
    assertThat(events).extracting(Tail.Event::at).containsExactly(at(2));
    assertThat(tail.look(at(3), List.of(), job -> Optional.empty())).isEmpty();

    assertThat(look(4, held)).containsExactly("begins");
    assertThat(tail.look(at(5), List.of(), job -> Optional.empty()))
        .extracting(Tail.Event::what)
        .containsExactly("gone");
  }

  private List<String> look(int second, Job job) {
    return tail.look(at(second), List.of(job), each -> Optional.empty()).stream()
        .map(Tail.Event::what)
        .toList();
  }

  private static Job job(long token, JobState state, int asOf, @Nullable Integer finished) {
    return Job.builder("orders", "o1", "place", "{}")
        .state(state)
        .token(token)
        .createdAt(START)
        .dueAt(START)
        .finishedAt(finished == null ? null : at(finished))
        .asOf(at(asOf))
        .build();
  }

  private static Instant at(int second) {
    return START.plusSeconds(second);
  }
}
