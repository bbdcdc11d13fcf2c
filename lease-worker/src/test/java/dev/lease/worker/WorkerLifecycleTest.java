package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Key;
import com.google.inject.Module;
import com.google.inject.Stage;
import com.google.inject.multibindings.Multibinder;
import dev.lease.Backend;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.worker.guice.JobHandlerBinder;
import dev.lease.worker.guice.MetricsModule;
import dev.lease.worker.guice.TracingModule;
import dev.lease.worker.guice.WorkerLifecycle;
import dev.lease.worker.guice.WorkerLifecycle.Part;
import dev.lease.worker.guice.WorkerModule;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.sdk.testing.junit5.OpenTelemetryExtension;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.BufferedReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Guice starts and stops, and in which order. */
@Timeout(120)
class WorkerLifecycleTest {

  private static final Duration LONG = Duration.ofSeconds(60);
  private static final JobType<String> TEXT = JobType.of("texts", "text", String.class);

  private final List<String> happened = new CopyOnWriteArrayList<>();
  private final InMemoryBackend store = new InMemoryBackend(InstantSource.system());
  private final AtomicReference<Worker> worker = new AtomicReference<>();

  /** The store, which tells when it is closed. */
  private Backend backend() {
    return (Backend)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                happened.add("store closed");
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** A part that notes what it does, and how the worker is then. */
  private class Noted implements Part {
    private final String name;

    Noted(String name) {
      this.name = name;
    }

    @Override
    public void start() throws Exception {
      note("starts");
    }

    @Override
    public void stop() throws Exception {
      note("stops");
    }

    private void note(String what) {
      happened.add(name + " " + what + ", worker " + worker.get().status().state());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private Injector injector(WorkerModule module, Module... more) {
    return Guice.createInjector(
        Stage.PRODUCTION,
        module,
        binder -> {
          binder.bind(Backend.class).toInstance(backend());
          List.of(more).forEach(binder::install);
        });
  }

  private static WorkerModule module() {
    return new WorkerModule(
        WorkerConfig.builder().pollInterval(Duration.ofMillis(20)).shutdownHook(false).build());
  }

  private static Module handler(JobHandler<String> handler) {
    return binder -> JobHandlerBinder.newBinder(binder).bind(TEXT, handler);
  }

  private static Module parts(Part... parts) {
    return binder -> {
      Multibinder<Part> all = Multibinder.newSetBinder(binder, Part.class);
      List.of(parts).forEach(part -> all.addBinding().toInstance(part));
    };
  }

  private WorkerLifecycle lifecycle(Part... parts) {
    Injector injector = injector(module(), handler((text, context) -> {}), parts(parts));
    worker.set(injector.getInstance(Worker.class));
    return injector.getInstance(WorkerLifecycle.class);
  }

  @Test
  @DisplayName("parts start before the worker and stop after it, the last one first")
  void order() {
    WorkerLifecycle lifecycle = lifecycle(new Noted("pool"), new Noted("web"));
    lifecycle.start();
    assertThat(worker.get().status().running()).isTrue();
    assertThatIllegalStateException().isThrownBy(lifecycle::start).withMessageContaining("started");
    lifecycle.close();
    lifecycle.close();
    assertThat(happened)
        .containsExactly(
            "pool starts, worker NEW",
            "web starts, worker NEW",
            "web stops, worker STOPPED",
            "pool stops, worker STOPPED",
            "store closed");
    assertThatIllegalStateException().isThrownBy(lifecycle::start).withMessageContaining("closed");
  }

  @Test
  @DisplayName("a part that cannot start ends all that was started")
  void failedStart() {
    WorkerLifecycle lifecycle =
        lifecycle(
            new Noted("pool"),
            new Noted("web") {
              @Override
              public void start() throws Exception {
                throw new Exception("the port is taken");
              }
            });
    assertThatIllegalStateException()
        .isThrownBy(lifecycle::start)
        .withMessage("cannot start web: the port is taken");
    assertThat(happened)
        .containsExactly("pool starts, worker NEW", "pool stops, worker STOPPED", "store closed");
  }

  @Test
  @DisplayName("what cannot stop is logged, and the rest stops all the same")
  void failedStop() {
    WorkerLifecycle lifecycle =
        lifecycle(
            new Noted("pool"),
            new Noted("web") {
              @Override
              public void stop() {
                throw new AssertionError("stuck");
              }
            });
    lifecycle.start();
    try (Logs logs = new Logs()) {
      lifecycle.close();
      assertThat(logs.at(Level.ERROR)).containsExactly("Cannot stop web; the rest is stopped");
    }
    assertThat(happened).endsWith("pool stops, worker STOPPED", "store closed");
  }

  @Test
  @DisplayName("a close does not wait for a part that starts, which stops when it has started")
  void closedWhileItStarts() throws Exception {
    CountDownLatch starts = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    WorkerLifecycle lifecycle =
        lifecycle(
            new Noted("slow") {
              @Override
              public void start() throws Exception {
                starts.countDown();
                mayGoOn.await();
              }
            },
            new Noted("web"));
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread starter = new Thread(lifecycle::start);
    starter.setUncaughtExceptionHandler((thread, failure) -> thrown.set(failure));
    starter.start();
    starts.await();
    lifecycle.close();
    assertThat(happened).containsExactly("store closed");
    mayGoOn.countDown();
    starter.join();
    assertThat(thrown.get()).hasMessage("this lifecycle was closed while it started");
    assertThat(happened).containsExactly("store closed", "slow stops, worker STOPPED");
  }

  @Test
  @DisplayName("an interrupted close stops all, after the worker")
  void interrupted() {
    WorkerLifecycle lifecycle = lifecycle(new Noted("pool"));
    lifecycle.start();
    Thread.currentThread().interrupt();
    lifecycle.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(happened).endsWith("pool stops, worker STOPPED", "store closed");
  }

  @Test
  @DisplayName("a handler may close it: the rest stops when the worker has stopped")
  void closedByAHandler() {
    AtomicReference<WorkerLifecycle> lifecycle = new AtomicReference<>();
    Injector injector =
        injector(
            module(),
            handler(
                (text, context) -> {
                  lifecycle.get().close();
                  happened.add("handler goes on");
                }),
            parts(new Noted("pool")));
    worker.set(injector.getInstance(Worker.class));
    lifecycle.set(injector.getInstance(WorkerLifecycle.class));
    lifecycle.get().start();
    injector.getInstance(JobClient.class).enqueue(TEXT, "text");
    await().atMost(LONG).until(() -> happened.contains("store closed"));
    assertThat(happened)
        .containsExactly(
            "pool starts, worker NEW",
            "handler goes on",
            "pool stops, worker STOPPED",
            "store closed");
  }

  @Test
  @DisplayName("a handler closes what another thread is closing, and does not wait for that")
  void closedByAHandlerAsWell() throws InterruptedException {
    AtomicReference<WorkerLifecycle> lifecycle = new AtomicReference<>();
    CountDownLatch begun = new CountDownLatch(1);
    Injector injector =
        injector(
            new WorkerModule(WorkerConfig.builder().stopGrace(LONG).shutdownHook(false).build()),
            handler(
                (text, context) -> {
                  begun.countDown();
                  await()
                      .atMost(LONG)
                      .until(() -> worker.get().status().state() != WorkerStatus.State.RUNNING);
                  lifecycle.get().close();
                  happened.add("handler goes on, interrupted " + Thread.interrupted());
                }),
            parts(new Noted("pool")));
    worker.set(injector.getInstance(Worker.class));
    lifecycle.set(injector.getInstance(WorkerLifecycle.class));
    lifecycle.get().start();
    injector.getInstance(JobClient.class).enqueue(TEXT, "text");
    begun.await();
    lifecycle.get().close();
    assertThat(happened)
        .containsExactly(
            "pool starts, worker NEW",
            "handler goes on, interrupted false",
            "pool stops, worker STOPPED",
            "store closed");
  }

  @Test
  @DisplayName("a program that only enqueues has parts and a store, and no worker")
  void withoutWorker() {
    worker.set(Worker.builder(store).handle(TEXT, (text, context) -> {}).build());
    Injector injector =
        injector(
            WorkerModule.withoutWorker(),
            new MetricsModule(),
            binder -> binder.bind(MeterRegistry.class).toInstance(new SimpleMeterRegistry()),
            parts(new Noted("pool")));
    assertThat(injector.getExistingBinding(Key.get(Worker.class))).isNull();
    WorkerLifecycle lifecycle = injector.getInstance(WorkerLifecycle.class);
    lifecycle.start();
    injector.getInstance(JobClient.class).enqueue(TEXT, "text");
    assertThat(injector.getInstance(Schedules.class).list()).isEmpty();
    lifecycle.close();
    assertThat(happened)
        .containsExactly("pool starts, worker NEW", "pool stops, worker NEW", "store closed");
    assertThatIllegalStateException()
        .isThrownBy(() -> WorkerModule.withoutWorker().withWorker(builder -> {}));
  }

  @Test
  @DisplayName("meters and traces by a module each")
  void metersAndTraces() {
    MeterRegistry registry = new SimpleMeterRegistry();
    OpenTelemetryExtension telemetry = OpenTelemetryExtension.create();
    Injector injector =
        injector(
            module(),
            handler((text, context) -> {}),
            new MetricsModule(),
            new TracingModule(),
            binder -> {
              binder.bind(MeterRegistry.class).toInstance(registry);
              binder.bind(OpenTelemetry.class).toInstance(telemetry.getOpenTelemetry());
            });
    try (WorkerLifecycle lifecycle = injector.getInstance(WorkerLifecycle.class)) {
      lifecycle.start();
      injector.getInstance(JobClient.class).enqueue(TEXT, "text");
      await()
          .atMost(LONG)
          .untilAsserted(
              () -> {
                assertThat(registry.find("lease.settled").counter()).isNotNull();
                assertThat(registry.find("lease.queue.depth").gauges()).isNotEmpty();
                assertThat(registry.find("lease.slots").gauges()).isNotEmpty();
                assertThat(telemetry.getSpans())
                    .extracting(SpanData::getName)
                    .contains("enqueue texts", "process texts");
              });
    }
    assertThat(registry.find("lease.queue.depth").gauges()).isEmpty();
  }

  /** A program that is told to end while a part starts, which never does. */
  static final class Child {
    @SuppressWarnings("SystemOut")
    public static void main(String[] args) {
      Part early =
          new Part() {
            @Override
            public void start() {}

            @Override
            public void stop() {
              System.out.println("stopped");
            }
          };
      Part stuck =
          new Part() {
            @Override
            public void start() throws Exception {
              System.out.println("stuck");
              new CountDownLatch(1).await();
            }

            @Override
            public void stop() {}
          };
      Guice.createInjector(
              new WorkerModule(WorkerConfig.builder().build()),
              handler((text, context) -> {}),
              parts(early, stuck),
              binder ->
                  binder
                      .bind(Backend.class)
                      .toInstance(new InMemoryBackend(InstantSource.system())))
          .getInstance(WorkerLifecycle.class)
          .start();
    }
  }

  @Test
  @DisplayName("a JVM that is told to end does so while a part starts")
  void shutdown() throws Exception {
    Process child = ChildJvm.of(Child.class).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader lines = child.inputReader()) {
      assertThat(lines.lines().anyMatch("stuck"::equals)).isTrue();
      child.toHandle().destroy();
      assertThat(lines.lines()).contains("stopped");
      assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
    } finally {
      child.destroyForcibly();
    }
  }
}
