package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.Capability;
import dev.lease.JobAdmin;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class HangingStoreTest {

  @TempDir Path folder;

  /** A store that breaks its word: nothing ends its counts and its lists of failed jobs. */
  private record Hanging(Backend real, CountDownLatch end) implements Backend {

    @Override
    public Set<Capability> capabilities() {
      return real.capabilities();
    }

    @Override
    public JobQueue jobQueue() {
      return real.jobQueue();
    }

    @Override
    public JobAdmin jobAdmin() {
      return (JobAdmin)
          Proxy.newProxyInstance(
              JobAdmin.class.getClassLoader(),
              new Class<?>[] {JobAdmin.class},
              (proxy, method, args) -> {
                boolean isOfFailed =
                    method.getName().equals("list")
                        && ((JobQuery) args[0]).filter().states().contains(JobState.FAILED);
                if (isOfFailed || method.getName().equals("counts")) {
                  end.await();
                }
                if (method.getName().equals("by")) {
                  return proxy;
                }
                try {
                  return method.invoke(real.jobAdmin(), args);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    @Override
    public Duration longestCall() {
      return Duration.ofSeconds(1);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @Test
  @DisplayName(
      "a call that never returns holds no other page, and its own page is back when it does")
  void holdsNoOther() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (TestConsole real = TestConsole.open(folder);
        Console console = Console.on(new Hanging(new Bare(real.backend()), end)).start()) {
      TestConsole test = new TestConsole(real.backend(), console);
      test.enqueue("orders", "order-1");
      String token = test.token();

      List<CompletableFuture<Integer>> hang =
          Stream.generate(() -> later(() -> test.get("/").status())).limit(2).toList();
      assertThat(hang).allSatisfy(each -> assertThat(each.join()).isEqualTo(503));
      assertThat(test.get("/").status()).isEqualTo(503);

      until(200, () -> test.get("/jobs?state=any").status());
      Map<String, String> form = Map.of("queue", "orders", "reason", "it hangs");
      until(303, () -> test.act("/queue/pause", form).status());
      assertThat(real.backend().jobAdmin().counts().queue("orders").orElseThrow().paused())
          .isTrue();

      assertThat(test.get("/jobs").status()).isEqualTo(503);
      assertThat(test.get("/jobs?state=any").body()).contains("has not answered this page");
      assertThat(test.get("/queue?queue=orders").status()).isEqualTo(503);
      assertThat(test.get("/schedules").body()).contains("has not answered several pages");
      Map<String, String> stop = Map.of("number", "1", "reason", "it hangs", "token", token);
      assertThat(test.http().post("/bulk/stop", stop).body()).contains("no such act");

      end.countDown();
      until(200, () -> test.get("/").status());
      until(200, () -> test.get("/jobs").status());
    } finally {
      end.countDown();
    }
  }

  private static CompletableFuture<Integer> later(Supplier<Integer> status) {
    return CompletableFuture.supplyAsync(status, task -> new Thread(task).start());
  }

  /** A busy machine may be slower than what this store promises. */
  private static void until(int expected, Supplier<Integer> status) throws InterruptedException {
    long begun = System.nanoTime();
    while (status.get() != expected) {
      assertThat(System.nanoTime() - begun).isLessThan(TimeUnit.SECONDS.toNanos(60));
      Thread.sleep(50);
    }
  }
}
