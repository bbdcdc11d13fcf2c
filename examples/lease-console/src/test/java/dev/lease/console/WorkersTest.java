package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.console.live.GoneWorker;
import dev.lease.console.live.SeenWorkers;
import dev.lease.worker.WorkerReports;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class WorkersTest {

  private static final Duration LASTS = Duration.ofSeconds(30);

  /** Until a slow machine has looked. */
  private static final Duration LONG = Duration.ofHours(1);

  @TempDir Path folder;

  private static Lease report(TestConsole test, String worker, String note) {
    return report(test, worker, LASTS, note);
  }

  private static Lease report(TestConsole test, String worker, Duration lasts, String note) {
    return test.backend()
        .leaseStore()
        .acquire("lease.worker/" + worker, worker, lasts, note)
        .orElseThrow();
  }

  @Test
  @DisplayName("a stuck slot stands with its job and the place where it hangs, redacted")
  void stuck() {
    String note =
        "{\"slots\":9,\"stuck\":7,\"reasons\":[\"sesame\"],\"stuckJobs\":[{\"queue\":\"orders\","
            + "\"id\":\"order-1\",\"type\":\"place\",\"since\":0,"
            + "\"place\":\"thread handler-1\\n\\tat Mail.sesame(Mail.java:7)\"}]}";
    try (TestConsole test =
        TestConsole.open(folder, all -> all.redactor(text -> text.replace("sesame", "***")))) {
      assertThat(test.get("/workers").body()).doesNotContain("Stuck slots", "Gone");
      report(test, "w-1", LONG, note);
      String body = test.get("/workers").body();
      while (!body.contains("w-1")) {
        body = test.get("/workers").body();
      }
      assertThat(body)
          .containsSubsequence(
              "Stuck slots",
              "/job?queue=orders&amp;id=order-1",
              ">order-1</a> (place of orders) on w-1, called 1970-01-01",
              "<pre>thread handler-1\n    at Mail.***(Mail.java:7)</pre>",
              "6 more on w-1")
          .doesNotContain("sesame");
    }
  }

  @Test
  @DisplayName("a worker that stopped stands on the page among those that are gone")
  void page() {
    try (TestConsole test = TestConsole.open(folder)) {
      Lease lease = report(test, "w-1", LONG, "{\"host\":\"shop1\",\"pid\":7,\"status\":\"UP\"}");
      String body = test.get("/workers").body();
      while (!body.contains("w-1")) {
        body = test.get("/workers").body();
      }
      test.backend().leaseStore().release(lease);
      while (!body.contains("Gone")) {
        body = test.get("/workers").body();
      }
      assertThat(body)
          .containsSubsequence("No worker says", "Gone", "w-1", "shop1, process 7", "UP");
    }
  }

  private static long at(int seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  @DisplayName("a report that went before its time was that of a worker that stopped")
  void gone() {
    try (TestConsole test = TestConsole.open(folder)) {
      LeaseStore leases = test.backend().leaseStore();
      Lease stops = report(test, "stops", "{}");
      var seen = new SeenWorkers();
      assertThat(seen.add(WorkerReports.read(test.backend()), at(0), at(1))).isEmpty();
      leases.release(stops);
      Lease dies = report(test, "dies", "{}");
      List<GoneWorker> one = seen.add(WorkerReports.read(test.backend()), at(2), at(3));
      assertThat(one).extracting(each -> each.last().worker()).containsExactly("stops");
      leases.release(dies);
      assertThat(seen.add(WorkerReports.read(test.backend()), at(32), at(33)))
          .extracting(each -> each.last().worker(), GoneWorker::stopped)
          .containsExactly(tuple("dies", false), tuple("stops", true));
      assertThat(one.get(0).age()).isBetween(Duration.ofSeconds(3), LASTS);

      report(test, "dies", "{}");
      assertThat(seen.add(WorkerReports.read(test.backend()), at(34), at(35)))
          .extracting(each -> each.last().worker())
          .containsExactly("stops");
    }
  }

  @Test
  @DisplayName("while a part of the store does not answer, no worker is taken to be gone")
  void missing() {
    try (TestConsole test = TestConsole.open(folder)) {
      Lease lease = report(test, "w-1", "{}");
      var seen = new SeenWorkers();
      assertThat(seen.add(WorkerReports.read(test.backend()), at(0), at(0))).isEmpty();
      assertThat(seen.add(WorkerReports.read(silent(test.backend())), at(1), at(1))).isEmpty();
      test.backend().leaseStore().release(lease);
      assertThat(seen.add(WorkerReports.read(test.backend()), at(2), at(2))).hasSize(1);
    }
  }

  @Test
  @DisplayName("50 workers that are gone are remembered, those that spoke last")
  void many() {
    try (TestConsole test = TestConsole.open(folder)) {
      var seen = new SeenWorkers();
      List<GoneWorker> gone = List.of();
      for (int i = 0; i < 60; i++) {
        Lease lease = report(test, "w-" + i, "{}");
        gone = seen.add(WorkerReports.read(test.backend()), at(100 * i), at(100 * i));
        test.backend().leaseStore().release(lease);
      }
      assertThat(gone).hasSize(50).extracting(each -> each.last().worker()).startsWith("w-58");
    }
  }

  private static Backend silent(Backend real) {
    LeaseStore none =
        (LeaseStore)
            Proxy.newProxyInstance(
                WorkersTest.class.getClassLoader(),
                new Class<?>[] {LeaseStore.class},
                (proxy, method, args) ->
                    LeasePage.of(List.of(), null).withMissing(List.of("east")));
    return BackendView.of(real).withLeaseStore(none);
  }
}
