package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.KeyLimit;
import dev.lease.NewJob;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimitSweepTest {

  @ParameterizedTest
  @EnumSource
  @DisplayName("what rates and closings have left of keys goes when they are over, and no limit")
  void oldPacesGo(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      var admission = backend.admission();
      for (String queue : List.of("a", "b", "c")) {
        admission.limitQueue(queue, 10);
        admission.limit(queue, "limited", KeyLimit.of(0));
        admission.closeKey(queue, "limited", Duration.ZERO);
        admission.closeKey(queue, "over", Duration.ZERO);
        admission.closeKey(queue, "closed", Duration.ofHours(1));
      }
      admission.limit("a", "paced", KeyLimit.of(1).withRate(1, Duration.ofHours(1), 0));
      backend.jobQueue().enqueue(List.of(NewJob.builder("a", "j", "t", "p").key("paced").build()));
      assertThat(
              backend.jobQueue().claim(ClaimRequest.of("a", "w", 1, Duration.ofMinutes(1))).jobs())
          .hasSize(1);
      admission.limit("a", "paced", null);
      // More than one batch.
      int many = KeySlots.MOST;
      TestDatabase.execute(
          url,
          "insert into lease_limit (queue, job_key, closed_until) with recursive n (i) as"
              + " (select 1 union all select i + 1 from n where i < %d)".formatted(many)
              + " select 'b', concat('k', i), 1 from n");

      KeySlots slots = Objects.requireNonNull(backend.slots);
      for (int sweeps = 0; sweeps < 3; sweeps++) {
        slots.sweep.next.set(System.nanoTime());
        slots.arrive(backend.database.on(Lane.CLAIMING), "a", false);
      }

      assertThat(left(url))
          .containsExactly(
              "a ",
              "a closed",
              "a limited",
              "a paced",
              "b ",
              "b closed",
              "b limited",
              "c ",
              "c closed",
              "c limited");
    }
  }

  private static List<String> left(String url) {
    return Jdbi.create(url)
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "select concat(queue, ' ', job_key) from lease_limit order by queue, job_key")
                    .mapTo(String.class)
                    .list());
  }
}
