package dev.lease.examples.customstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreClosedException;
import dev.lease.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogStoreTest {

  @Test
  void anIdIsRememberedForTenTimesAsLongAsACallMayLast(@TempDir Path folder) {
    var clock = new ManualClock();
    try (var store = new LogStore(folder.resolve("log"), clock)) {
      NewJob job = NewJob.builder("queue", "id", "type", "").keep(Duration.ZERO).build();
      store.enqueue(List.of(job));
      ClaimRequest request = ClaimRequest.of("queue", "worker", 1, Duration.ofMinutes(1));
      JobLease lease = store.claim(request).jobs().get(0).lease();
      store.settle(List.of(Settlement.done(lease)));

      clock.advance(store.longestCall().multipliedBy(10).minusMillis(1));
      store.jobAdmin().purge("queue", 10);
      assertThat(store.enqueue(List.of(job))).containsExactly(Enqueued.of("id", false));
      clock.advance(Duration.ofMillis(1));
      store.jobAdmin().purge("queue", 10);
      assertThat(store.enqueue(List.of(job))).containsExactly(Enqueued.of("id", true));
    }
  }

  @Test
  void aWorkerCanTellThatTheStoreWasClosed(@TempDir Path folder) {
    var store = new LogStore(folder.resolve("log"), InstantSource.system());
    store.close();

    assertThatThrownBy(() -> store.jobQueue().find("queue", "id"))
        .isInstanceOf(StoreClosedException.class);
  }
}
