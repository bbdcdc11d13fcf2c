package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Extension;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The clock of a real server is set by an hour. {@link ClockSetTest} asks the same of all
 * databases, and more, but of a clock in a table.
 */
class ServerClockTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration LEASE = Duration.ofMinutes(10);

  private static void enqueue(JdbcBackend backend, String queue, String id, Due due) {
    backend.jobQueue().enqueue(List.of(NewJob.builder(queue, id, "t", "p").due(due).build()));
  }

  private static Map<String, JobLease> claim(JdbcBackend backend, String queue) {
    return backend.jobQueue().claim(ClaimRequest.of(queue, "w", 100, LEASE)).jobs().stream()
        .map(ClaimedJob::lease)
        .collect(Collectors.toMap(JobLease::jobId, Function.identity()));
  }

  private static JobLease held(JdbcBackend backend, String queue, String id) {
    enqueue(backend, queue, id, Due.now());
    return Objects.requireNonNull(claim(backend, queue).get(id));
  }

  @Tag("slow")
  @Test
  @DisplayName("policy 2 a server's clock goes forward by an hour and back, as the README says")
  void set() throws Exception {
    try (var server = WrongClockServer.start();
        var logs = new Logs(ClockCheck.class.getName());
        var backend =
            JdbcBackend.open(
                TestDatabase.config(server.url())
                    .withOrderSlack(Duration.ZERO)
                    .withRetention(HOUR, HOUR))) {
      JobLease taken = held(backend, "q", "taken");
      JobLease done = held(backend, "done", "done");
      assertThat(backend.jobQueue().settle(List.of(Settlement.done(done))))
          .containsExactly(Settlement.Result.ACCEPTED);
      enqueue(backend, "q", "soon", Due.after(HOUR));
      Lease named = backend.leaseStore().acquire("n", "o", LEASE).orElseThrow();
      ClockCheckTest.look(backend);

      server.setClock(1);

      Map<String, JobLease> claimed = claim(backend, "q");
      assertThat(claimed).containsOnlyKeys("taken", "soon");
      JobLease again = Objects.requireNonNull(claimed.get("taken"));
      assertThat(again.token()).isGreaterThan(taken.token());
      assertThat(backend.jobQueue().extend(List.of(taken), LEASE))
          .containsExactly(Extension.lost());
      assertThat(backend.leaseStore().renew(named, LEASE)).isEmpty();
      Lease renamed = backend.leaseStore().acquire("n", "other", LEASE).orElseThrow();
      assertThat(renamed.token()).isGreaterThan(named.token());
      assertThat(backend.jobAdmin().purge("done", 10)).isEqualTo(1);
      enqueue(backend, "q", "waiting", Due.now());
      ClockCheckTest.look(backend);
      assertThat(logs.from(Level.WARN)).isEmpty();

      server.setClock(0);

      assertThat(claim(backend, "q")).as("what waits until the old time").isEmpty();
      assertThat(backend.jobQueue().extend(List.of(again), LEASE))
          .singleElement()
          .isInstanceOf(Extension.Held.class);
      assertThat(backend.leaseStore().acquire("n", "third", LEASE)).isEmpty();
      assertThat(backend.leaseStore().release(renamed)).isTrue();
      assertThat(backend.leaseStore().acquire("n", "third", LEASE).orElseThrow().token())
          .isGreaterThan(renamed.token());
      enqueue(backend, "q", "new", Due.now());
      assertThat(backend.jobAdmin().change("q", "waiting", JobChange.runNow()))
          .isEqualTo(JobAdmin.Change.CHANGED);
      assertThat(claim(backend, "q")).containsOnlyKeys("new", "waiting");
      ClockCheckTest.look(backend);
      assertThat(logs.from(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("The database's clock was set back by ");
    }
  }
}
