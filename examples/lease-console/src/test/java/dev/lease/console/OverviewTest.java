package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ActionQuery;
import dev.lease.KeyLimit;
import dev.lease.NewJob;
import dev.lease.OperatorAction;
import dev.lease.console.live.Shared;
import dev.lease.worker.JobType;
import dev.lease.worker.Schedule;
import dev.lease.worker.Schedules;
import dev.lease.worker.Worker;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class OverviewTest {

  static final JobType<String> REPORT = JobType.of("reports", "report", String.class);

  @TempDir Path folder;

  @Test
  @DisplayName("failures of the last hour stand in groups, each with a link to its jobs")
  void failures() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.fail("orders", "order-1", "host is down\nat A");
      test.fail("orders", "order-2", "host is down\nat B");
      test.fail("orders", "order-3", "no such article");
      String body = test.get("/").body();
      assertThat(body)
          .containsSubsequence(
              ">3</b> FAILED", ">2</td>", "host is down", ">1</td>", "no such article", "Queues");
      String link =
          body.lines().filter(line -> line.contains("host is down</a>")).findFirst().orElseThrow();
      String path = link.replaceAll(".*href=\"([^\"]*)\".*", "$1").replace("&amp;", "&");
      assertThat(test.get(path).body()).contains("order-1", "order-2").doesNotContain("order-3");
    }
  }

  @Test
  @DisplayName("it shows the oldest due of each queue, what its workers say, and what it cost")
  void queues() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue("orders", "order-1");
      test.backend()
          .leaseStore()
          .acquire(
              "lease.worker/w/1",
              "w",
              Duration.ofSeconds(30),
              "{\"slots\":8,\"active\":3,\"stuck\":1,\"minute\":1,\"queues\":[{\"name\":\"orders\","
                  + "\"minutes\":[[1,0,0,0,4000],[1,0,0,0,90000],[1,0,0,0,2000]]}]}");
      assertThat(test.get("/").body())
          .containsSubsequence(
              "Queues", "orders", " ago", "4 s", "1 worker<", "3 of 8 slots", "1 are stuck")
          .contains("It took ", "at most every ");
      assertThat(test.get("/workers").body()).contains(">w<", ">8<", "s ago");
    }
  }

  @Test
  @DisplayName("a queue's page pauses and resumes it, and tells who did, and its full keys")
  void queue() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.backend().admission().limit("orders", null, KeyLimit.of(1).inOrder());
      for (String id : List.of("order-1", "order-2", "order-3")) {
        test.enqueue(NewJob.builder("orders", id, "mail", "{}").key("acme").build());
      }
      assertThat(test.get("/queue?queue=orders").body())
          .containsSubsequence("Held back", ">2<", "Full keys", "acme", ">2</td>", ">1</td>")
          .contains("Looked at 1 keys.");
      Map<String, String> form = Map.of("queue", "orders", "reason", "a deploy");
      assertThat(test.act("/queue/pause", form).location())
          .isEqualTo("/queue?queue=orders&did=PAUSED");
      assertThat(test.backend().jobAdmin().counts().queue("orders").orElseThrow().paused())
          .isTrue();
      assertThat(test.get("/queue?queue=orders&did=PAUSED").body())
          .contains("The queue is paused", "(a deploy)", ">PAUSE<");
      assertThat(test.act("/queue/resume", form).status()).isEqualTo(303);
      assertThat(test.backend().jobAdmin().counts().queue("orders").orElseThrow().paused())
          .isFalse();
      assertThat(test.get("/actions?queue=orders").body())
          .containsSubsequence(">RESUME<", ">PAUSE<");
      assertThat(test.get("/queue?queue=other").status()).isEqualTo(404);
    }
  }

  @Test
  @DisplayName("a schedule is run, paused and resumed; the acts of jobs do not touch its job")
  void schedules() {
    try (TestConsole test = TestConsole.open(folder)) {
      register(test, Schedule.afterDelay("poll", REPORT, "", Duration.ofHours(9)));
      assertThat(test.get("/schedules").body()).contains("poll", "after PT9H", "Run now", "Pause");
      Map<String, String> form = Map.of("queue", "reports", "name", "poll", "reason", "a deploy");
      Map<String, String> toRun = new HashMap<>(form);
      toRun.put("run", "r-1");
      assertThat(test.act("/schedule/run-now", toRun).location()).endsWith("did=RUN");
      assertThat(test.act("/schedule/run-now", toRun).location()).endsWith("did=RUN_BEFORE");
      String id = "poll@now-" + System.getProperty("user.name") + "-r-1";
      assertThat(test.backend().jobQueue().find("reports", id)).isPresent();
      assertThat(test.act("/schedule/pause", form).location()).endsWith("did=SCHEDULE_PAUSED");
      assertThat(test.get("/schedules").body()).contains("/schedule/resume");
      assertThat(Schedules.of(test.backend()).list().get(0).paused()).isTrue();
      assertThat(test.act("/schedule/resume", form).location()).endsWith("did=SCHEDULE_RESUMED");
      assertThat(Schedules.of(test.backend()).list().get(0).paused()).isFalse();
      assertThat(test.backend().jobAdmin().actions(ActionQuery.inQueue("reports")).actions())
          .extracting(OperatorAction::operator)
          .extracting("reason")
          .contains("a deploy");

      Map<String, String> job = Map.of("queue", "reports", "id", "schedule:poll", "reason", "x");
      for (String act : List.of("retry", "run-now", "cancel", "delete")) {
        assertThat(test.act("/job/" + act, job).status()).as(act).isEqualTo(409);
      }
      Map<String, String> change = new HashMap<>(job);
      change.put("priority", "7");
      assertThat(test.act("/job/change", change).status()).isEqualTo(409);
      assertThat(test.get("/job?queue=reports&id=schedule:poll").body())
          .contains("keeps a schedule")
          .doesNotContain("Cancel");
      assertThat(Schedules.of(test.backend()).list()).hasSize(1);
    }
  }

  static void register(TestConsole test, Schedule schedule) {
    try (Worker worker =
        Worker.builder(test.backend())
            .handle(REPORT, (payload, context) -> {})
            .schedule(schedule)
            .build()) {
      worker.start();
      while (Schedules.of(test.backend()).list().isEmpty()) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  @DisplayName("what a store lacks is not shown, with a word")
  void bare() {
    try (TestConsole test = TestConsole.open(folder);
        Console console = Console.on(new Bare(test.backend())).start()) {
      test.enqueue("orders", "order-1");
      Http http = new Http(URI.create(console.url()));
      assertThat(http.get("/").body()).contains("workers say nothing here", "orders");
      assertThat(http.get("/queue?queue=orders").body()).contains("no limits of keys");
      assertThat(http.get("/job?queue=orders&id=order-1").body())
          .contains("keeps no record of who changes what");
      for (String path : List.of("/workers", "/leases")) {
        Http.Answer answer = http.get(path);
        assertThat(answer.status()).as(path).isEqualTo(501);
        assertThat(answer.body()).containsIgnoringCase("this store ");
      }
    }
  }

  @Test
  @DisplayName("what all share is read when somebody looks, every 2 s, a tenth of the time")
  void shared() {
    AtomicLong now = new AtomicLong();
    AtomicInteger reads = new AtomicInteger();
    Shared<Integer> shared =
        new Shared<>(
            () -> {
              now.addAndGet(reads.get() == 0 ? 1_000_000 : 3_000_000_000L);
              return reads.incrementAndGet();
            },
            now::get);
    assertThat(reads).hasValue(0);
    assertThat(shared.get().value()).isEqualTo(1);
    now.set(1_999_999_999);
    assertThat(shared.get().value()).isEqualTo(1);
    now.set(2_000_000_000);
    assertThat(shared.get().value()).isEqualTo(2);
    now.set(31_999_999_999L);
    assertThat(shared.get().value()).as("it took 3 s").isEqualTo(2);
    now.set(32_000_000_000L);
    assertThat(shared.get().value()).isEqualTo(3);
    assertThat(reads).hasValue(3);
    shared.forget();
    assertThat(shared.get().value()).as("somebody changed it").isEqualTo(4);
  }

  @Test
  @DisplayName("a failure is remembered for 2 s")
  void failure() {
    AtomicLong now = new AtomicLong();
    AtomicInteger reads = new AtomicInteger();
    Shared<Integer> shared =
        new Shared<>(
            () -> {
              if (reads.incrementAndGet() == 1) {
                throw new IllegalStateException("stopped");
              }
              return reads.get();
            },
            now::get);
    assertThatThrownBy(shared::get).hasMessage("stopped");
    now.set(1_999_999_999);
    assertThatThrownBy(shared::get).hasMessage("stopped");
    assertThat(reads).hasValue(1);
    now.set(2_000_000_000);
    assertThat(shared.get().value()).isEqualTo(2);
  }

  @Test
  @DisplayName("after a change, what was read before it is not shown, though a reading fails")
  void failsAfterAChange() {
    AtomicLong now = new AtomicLong();
    AtomicInteger reads = new AtomicInteger();
    Shared<Integer> shared =
        new Shared<>(
            () -> {
              if (reads.incrementAndGet() == 2) {
                throw new IllegalStateException("stopped");
              }
              now.addAndGet(1_000_000_000L);
              return reads.get();
            },
            now::get);
    assertThat(shared.get().value()).isEqualTo(1);
    shared.forget();
    assertThatThrownBy(shared::get).hasMessage("stopped");
    now.addAndGet(2_000_000_000L);
    assertThat(shared.get().value()).as("the first lasts for 10 s").isEqualTo(3);
  }
}
