package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimedJob;
import dev.lease.JobLease;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UnknownTypesTest {

  private final UnknownTypes types = new UnknownTypes(Duration.ofSeconds(3));

  private UnknownTypes.PutOff met(String queue, String type) {
    var lease = JobLease.of(queue, "id", "w", 1, Instant.EPOCH);
    return types.met(
        ClaimedJob.builder(lease, type, "").dueAt(Instant.EPOCH).claimedAt(Instant.EPOCH).build());
  }

  @Test
  @DisplayName("W10 a job of an unknown type is put off for half a second, then for twice as long")
  void grows() {
    assertThat(met("q", "new")).isEqualTo(new UnknownTypes.PutOff(Duration.ofMillis(500), true));
    assertThat(met("q", "new")).isEqualTo(new UnknownTypes.PutOff(Duration.ofSeconds(1), false));
    assertThat(met("q", "new").delay()).hasSeconds(2);
    assertThat(met("q", "new").delay()).as("at most").hasSeconds(3);
    assertThat(met("q", "new").delay()).hasSeconds(3);
  }

  @Test
  @DisplayName("W10 each type of each queue has a delay of its own")
  void apart() {
    met("q", "new");
    assertThat(met("q", "other").delay()).hasMillis(500);
    assertThat(met("other", "new").delay()).hasMillis(500);
    assertThat(met("q", "new").delay()).hasSeconds(1);
  }
}
