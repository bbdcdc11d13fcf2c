package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.StoreClosedException;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The extension, kept in a static field: its tests share it, but no store. */
@Execution(ExecutionMode.SAME_THREAD)
class LeaseExtensionTest {

  private static final JobType<String> TEXT = JobType.of("texts", "text", String.class);
  private static final List<TestWorker> used = new ArrayList<>();
  private static final AtomicInteger open = new AtomicInteger();

  @RegisterExtension
  static final LeaseExtension lease =
      LeaseExtension.of(
          Backend::new,
          backend ->
              Worker.builder(backend.store.jobQueue(), backend.store.jobAdmin())
                  .handle(TEXT, (text, context) -> context.result(text)));

  private static final class Backend implements AutoCloseable {
    private final InMemoryBackend store = new InMemoryBackend(new ManualClock());

    Backend() {
      open.incrementAndGet();
    }

    @Override
    public void close() {
      open.decrementAndGet();
      store.close();
    }
  }

  @RepeatedTest(2)
  @DisplayName("each test has a fresh store, and a worker and a client of it")
  void fresh(TestWorker worker, JobClient client) {
    worker.assertNotEnqueued(TEXT, text -> true);
    client.enqueue(TEXT, "left behind");
    client.enqueue(client.job(TEXT, "id", "a").priority(9).build());
    assertThat(worker.drain(2)).hasSize(2);
    assertThat(client.find(TEXT, "id").orElseThrow().result(String.class)).contains("a");
    client.enqueue(TEXT, "left behind");
    assertThat(open).hasValue(1);
    used.add(worker);
  }

  @AfterAll
  static void closed() {
    assertThat(open).hasValue(0);
    assertThat(used).hasSize(2);
    for (TestWorker worker : used) {
      assertThatThrownBy(worker::drain).isInstanceOf(StoreClosedException.class);
    }
  }
}
