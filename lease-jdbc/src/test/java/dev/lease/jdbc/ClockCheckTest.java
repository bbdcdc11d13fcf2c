package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.NewJob;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A database's clock that is set back. */
class ClockCheckTest {

  private static final long HOUR = 3_600_000_000L;

  @ParameterizedTest
  @EnumSource
  @DisplayName("a clock that is set back is told once, while enqueues and purges go on")
  void setBack(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    JdbcBackend.migrate(TestDatabase.config(url));
    TestDatabase.execute(
        url,
        "create table lease_test_clock (now bigint)",
        "insert into lease_test_clock values (1767225600000000)");
    try (var logs = new Logs(ClockCheck.class.getName());
        var backend =
            JdbcBackend.open(
                TestDatabase.config(url), clock -> "(select now from lease_test_clock)")) {
      enqueue(backend, "before");
      look(backend);
      moveClock(url, HOUR);
      look(backend);
      assertThat(logs.from(Level.WARN)).isEmpty();

      moveClock(url, -HOUR);
      enqueue(backend, "after");
      look(backend);
      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("The database's clock was set back by 1 h");

      moveClock(url, HOUR / 60);
      look(backend);
      assertThat(logs.from(Level.WARN)).hasSize(1);
    }
  }

  private static void enqueue(JdbcBackend backend, String id) {
    backend.jobQueue().enqueue(List.of(NewJob.builder("q", id, "t", "p").build()));
  }

  private static void moveClock(String url, long micros) throws SQLException {
    TestDatabase.execute(url, "update lease_test_clock set now = now + (" + micros + ")");
  }

  /** Purges nothing, and waits for the look at the clock that comes with it. */
  static void look(JdbcBackend backend) throws Exception {
    ClockCheck clock = ((JdbcJobAdmin) backend.jobAdmin()).clock;
    ClockCheck.Look before = clock.last;
    clock.next.set(System.nanoTime());
    assertThat(backend.jobAdmin().purge("q", 10)).isZero();
    Await.until(() -> !Objects.equals(clock.last, before));
  }
}
