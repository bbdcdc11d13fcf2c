package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobQueue;
import dev.lease.StoreClosedException;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import dev.lease.worker.junit.TestWorkerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The extension, kept in a static field: its tests share it, but no store. */
@Execution(ExecutionMode.SAME_THREAD)
class TestWorkerExtensionTest {

  private static final JobType<String> TEXT = JobType.of("texts", "text", String.class);
  private static final List<TestWorker> used = new ArrayList<>();
  private static final AtomicInteger open = new AtomicInteger();
  private static @Nullable ExtensionContext context;

  @RegisterExtension
  static final TestWorkerExtension lease =
      TestWorkerExtension.of(
          Counted::new,
          backend -> Worker.builder(backend).handle(TEXT, (text, context) -> context.result(text)));

  /** A store that counts how many of its kind are open. */
  private static final class Counted implements Backend {
    private final InMemoryBackend store = new InMemoryBackend(new ManualClock());

    Counted() {
      open.incrementAndGet();
    }

    @Override
    public Set<Capability> capabilities() {
      return Set.of(Capability.JOBS, Capability.ADMIN);
    }

    @Override
    public JobQueue jobQueue() {
      return store.jobQueue();
    }

    @Override
    public JobAdmin jobAdmin() {
      return store.jobAdmin();
    }

    @Override
    public Duration longestCall() {
      return store.longestCall();
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

  @RegisterExtension static final BeforeEachCallback remember = given -> context = given;

  @Test
  @DisplayName("a store whose worker cannot be built is closed")
  void broken() {
    Function<Backend, Worker.Builder> unbuildable =
        backend -> {
          throw new IllegalStateException("no handler");
        };
    var extension = TestWorkerExtension.of(Counted::new, unbuildable);
    int before = open.get();
    assertThatThrownBy(() -> extension.beforeEach(Objects.requireNonNull(context)))
        .hasMessage("no handler");
    assertThat(open).hasValue(before);
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
