package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.NewJob;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A database's clock that was set back; here the newest job was enqueued in the future. */
class ClockCheckTest {

  @ParameterizedTest
  @EnumSource
  @DisplayName("a clock that was set back is told once, while a purge goes on")
  void setBack(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var logs = new Logs(ClockCheck.class.getName());
        var backend = JdbcBackend.open(TestDatabase.config(url))) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "old", "t", "p").build()));
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "new", "t", "p").build()));
      purge(backend);
      assertThat(logs.from(Level.WARN)).isEmpty();

      TestDatabase.execute(
          url, "update lease_job set created_at = created_at + 3600000000 where id = 'new'");
      purge(backend);
      purge(backend);
      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("The database's clock was set back: job new of queue q was enqueued PT59M");

      TestDatabase.execute(url, "update lease_job set created_at = created_at - 3600000000");
      purge(backend);
      assertThat(logs.from(Level.WARN)).hasSize(1);
    }
  }

  private static void purge(JdbcBackend backend) {
    ((JdbcJobAdmin) backend.jobAdmin()).clock.next.set(System.nanoTime());
    assertThat(backend.jobAdmin().purge("q", 10)).isZero();
  }
}
