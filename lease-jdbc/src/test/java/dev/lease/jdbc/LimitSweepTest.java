package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.KeyLimit;
import dev.lease.NewJob;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimitSweepTest {

  @ParameterizedTest
  @EnumSource
  @DisplayName("what is left of rates and closings that are over goes, and no limit does")
  void oldPacesGo(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      var admission = backend.admission();
      for (String queue : List.of("a", "c")) {
        admission.limitQueue(queue, 10);
        admission.limit(queue, "limited", KeyLimit.of(0));
        admission.closeKey(queue, "limited", Duration.ZERO);
        admission.closeKey(queue, "over", Duration.ZERO);
        admission.closeKey(queue, "closed", Duration.ofHours(1));
      }
      admission.limitQueue("unlimited", 10);
      admission.limitQueue("unlimited", null);
      pace(backend);
      // More than one batch looks at.
      TestDatabase.execute(
          url,
          "insert into lease_limit (queue, job_key, slots) with recursive n (i) as"
              + " (select 1 union all select i + 1 from n where i < %d)".formatted(LimitSweep.MOST)
              + " select 'b', concat('k', i), 1 from n");
      var limits = new LimitSweep(backend.database, Runnable::run);

      limits.sweep.next.set(System.nanoTime());
      limits.nowAndThen();
      assertThat(left(url))
          .containsExactly(
              "a ",
              "a closed",
              "a limited",
              "a paced",
              "c ",
              "c closed",
              "c limited",
              "c over",
              "unlimited ");

      // The first batch removed some and was full, so the next one follows at once.
      limits.nowAndThen();
      assertThat(left(url))
          .containsExactly("a ", "a closed", "a limited", "a paced", "c ", "c closed", "c limited");

      // That was all: the next one begins anew.
      admission.closeKey("a", "over", Duration.ZERO);
      limits.sweep.next.set(System.nanoTime());
      limits.nowAndThen();
      assertThat(left(url)).doesNotContain("a over");
    }
  }

  /** Starts a job by a rate, and removes the rate. */
  private static void pace(JdbcBackend backend) {
    backend.admission().limit("a", "paced", KeyLimit.of(1).withRate(1, Duration.ofHours(1), 0));
    backend.jobQueue().enqueue(List.of(NewJob.builder("a", "j", "t", "p").key("paced").build()));
    var claim = backend.jobQueue().claim(ClaimRequest.of("a", "w", 1, Duration.ofMinutes(1)));
    assertThat(claim.jobs()).hasSize(1);
    backend.admission().limit("a", "paced", null);
  }

  /** Which rows there are, but those of queue b. */
  private static List<String> left(String url) {
    return Jdbi.create(url)
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "select concat(queue, ' ', job_key) from lease_limit where queue <> 'b'"
                            + " order by queue, job_key")
                    .mapTo(String.class)
                    .list());
  }
}
