package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.lease.JobState;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Two stores may have a queue and an id in common, and so the keys of their jobs. */
class IdempotencyKeyPrefixTest extends WorkerFixture {

  private final List<String> keys = new CopyOnWriteArrayList<>();

  private void run(WorkerConfig.Builder config, String... ids) {
    start(
        config,
        (payload, context) -> {
          keys.add(context.idempotencyKey());
          keys.add(context.idempotencyKey("charge"));
        });
    for (String id : ids) {
      enqueue(id);
      awaitState(id, JobState.DONE);
    }
  }

  @Test
  @DisplayName(
      "Y5 ids of one's own without a prefix are one warning, and the keys stay as they are")
  void warns() {
    run(config(), "order-1", "order-2");
    assertThat(keys)
        .containsExactly(
            "lease:texts:order-1",
            "lease:texts:order-1:charge",
            "lease:texts:order-2",
            "lease:texts:order-2:charge");
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .startsWith("Job order-1 of queue texts has an id that may be in another store too")
        .contains("Set idempotencyKeyPrefix in WorkerConfig")
        .contains("\"lease:\"");
  }

  @Test
  @DisplayName("Y5 nothing is said of ids that no other store has")
  void unique() {
    String id = JobIds.next();
    String own = UUID.randomUUID().toString();
    run(config(), id, own);
    assertThat(keys)
        .containsExactly(
            "lease:texts:" + id,
            "lease:texts:" + id + ":charge",
            "lease:texts:" + own,
            "lease:texts:" + own + ":charge");
    assertThat(logs.at(Level.WARN)).isEmpty();
  }

  @Test
  @DisplayName("Y5 nothing is said once a prefix is chosen, be it the default")
  void chosen() {
    run(config().idempotencyKeyPrefix("lease:"), "order-1");
    assertThat(keys).containsExactly("lease:texts:order-1", "lease:texts:order-1:charge");
    assertThat(logs.at(Level.WARN)).isEmpty();
  }
}
