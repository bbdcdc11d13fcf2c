package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionQuery;
import dev.lease.ClaimRequest;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.OperatorAction;
import dev.lease.Settlement;
import dev.lease.console.live.BulkAct;
import dev.lease.console.live.BulkRun;
import dev.lease.console.pages.Frame;
import dev.lease.console.pages.Pages;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class BulkTest {

  private static final JobFilter FAILED =
      JobFilter.all().inQueue("orders").inState(JobState.FAILED);

  @TempDir Path folder;

  private static void fail(TestConsole test, String queue, int from, int jobs, String error) {
    List<NewJob> made = new ArrayList<>();
    for (int i = from; i < from + jobs; i++) {
      made.add(NewJob.builder(queue, "job-" + i, "mail", "{}").build());
    }
    test.backend().jobQueue().enqueue(made);
    List<Settlement> failed = new ArrayList<>();
    test.backend()
        .jobQueue()
        .claim(ClaimRequest.of(queue, "worker-1", jobs, Duration.ofHours(1)))
        .jobs()
        .forEach(job -> failed.add(Settlement.failed(job.lease(), error)));
    assertThat(failed).hasSize(jobs);
    test.backend().jobQueue().settle(failed);
  }

  private static long count(TestConsole test, JobFilter filter) {
    return test.backend().jobAdmin().count(filter, 10_000).jobs();
  }

  @Test
  @DisplayName("failures are counted and shown, then retried over an hour, and nothing else is")
  void retry() {
    try (TestConsole test = TestConsole.open(folder)) {
      fail(test, "orders", 0, 7, "host is down");
      fail(test, "orders", 7, 2, "other");
      fail(test, "mails", 0, 1, "host is down");
      Matcher link =
          Pattern.compile(
                  "href=\"(/bulk[^\"]*host[^\"]*orders|/bulk[^\"]*orders[^\"]*host[^\"]*)\"")
              .matcher(test.get("/").body());
      assertThat(link.find()).isTrue();
      String preview = test.get(link.group(1).replace("&amp;", "&")).body();
      assertThat(preview)
          .contains(
              "<b>7 jobs</b> match",
              "queue orders",
              "error contains host is down",
              "Retry 7 jobs",
              "value=\"1h\"");
      assertThat(Pattern.compile("<li>").matcher(preview).results()).hasSize(5);
      assertThat(count(test, FAILED)).as("nothing is done yet").isEqualTo(9);

      Map<String, String> form = form(preview);
      form.put("reason", "it is back");
      String body = ended(test, test.act("/bulk/start", form).location());
      assertThat(body).contains("<b>DONE</b>: 7 of 7 jobs").doesNotContain("match now");
      assertThat(count(test, FAILED)).isEqualTo(2);
      List<Job> waiting =
          test
              .backend()
              .jobAdmin()
              .list(JobQuery.of(JobFilter.all().inState(JobState.PENDING)))
              .jobs()
              .stream()
              .filter(job -> job.queue().equals("orders"))
              .toList();
      assertThat(waiting).hasSize(7);
      assertThat(waiting.stream().map(Job::dueAt).distinct()).hasSizeGreaterThan(1);
      Instant now = waiting.get(0).asOf();
      assertThat(waiting).allMatch(job -> job.dueAt().isBefore(now.plusSeconds(3_600)));
      assertThat(test.backend().jobAdmin().actions(ActionQuery.inQueue("orders")).actions())
          .extracting(OperatorAction::changed)
          .containsExactly(7);
    }
  }

  /** The hidden fields of a preview, and that of the time. */
  private static Map<String, String> form(String preview) {
    Map<String, String> form = new HashMap<>();
    Pattern.compile("name=\"(\\w+)\" value=\"([^\"]*)\"")
        .matcher(preview)
        .results()
        .forEach(field -> form.put(field.group(1), field.group(2)));
    return form;
  }

  private static String ended(TestConsole test, String location) {
    assertThat(location).startsWith("/bulk/run?number=");
    String body;
    do {
      body = test.get(location).body();
    } while (body.contains("<b>RUNNING</b>"));
    return body;
  }

  private static BulkRun run(TestConsole test, BulkAct act, JobFilter filter, int counted) {
    JobAdmin admin = test.backend().jobAdmin();
    BulkRun run = new BulkRun(act, admin, filter, Duration.ZERO, counted);
    run.run();
    return run;
  }

  @Test
  @DisplayName("a tenth more than counted is changed, more than that is refused, at any size")
  void bound() {
    try (TestConsole test = TestConsole.open(folder)) {
      for (int jobs : List.of(1, 3, 9, 10, 20)) {
        fail(test, "orders", 0, jobs, "down");
        BulkRun exact = run(test, BulkAct.RETRY, FAILED, jobs);
        assertThat(exact.end()).as("%d of %d", jobs, jobs).isEqualTo(BulkRun.End.DONE);
        assertThat(exact.changed()).isEqualTo(jobs);
        assertThat(exact.left()).isZero();
        run(test, BulkAct.DELETE, JobFilter.all().inQueue("orders"), jobs);
      }
      fail(test, "orders", 0, 11, "down");
      assertThat(run(test, BulkAct.RETRY, FAILED, 9).end()).isEqualTo(BulkRun.End.REFUSED);
      assertThat(count(test, FAILED)).isEqualTo(11);
      assertThat(run(test, BulkAct.RETRY, FAILED, 10).changed()).isEqualTo(11);
    }
  }

  @Test
  @DisplayName("a full last piece ends it as well as one that is not full")
  void fullPiece() {
    try (TestConsole test = TestConsole.open(folder)) {
      fail(test, "orders", 0, 500, "down");
      fail(test, "orders", 500, 500, "down");
      BulkRun run = run(test, BulkAct.RETRY, FAILED, 1_000);
      assertThat(run.end()).isEqualTo(BulkRun.End.DONE);
      assertThat(run.changed()).isEqualTo(1_000);
      assertThat(run.left()).isZero();
      JobFilter all = JobFilter.all().inQueue("orders").inState(JobState.PENDING);
      BulkRun stopped =
          new BulkRun(BulkAct.CANCEL, test.backend().jobAdmin(), all, Duration.ZERO, 1_000);
      stopped.stop();
      stopped.run();
      assertThat(stopped.end()).isEqualTo(BulkRun.End.STOPPED);
      assertThat(count(test, all)).isEqualTo(1_000);
    }
  }

  @Test
  @DisplayName("what stays is told, with the reason: a dedup key that another job has")
  void conflict() {
    try (TestConsole test = TestConsole.open(folder)) {
      for (String id : List.of("order-1", "order-2")) {
        test.enqueue(NewJob.builder("orders", id, "mail", "{}").dedupKey("k").build());
        if (id.equals("order-1")) {
          test.settle(Settlement.failed(test.claim("orders", "worker-1"), "down"));
        }
      }
      Map<String, String> form =
          new HashMap<>(Map.of("act", "RETRY", "queue", "orders", "counted", "1", "reason", "x"));
      form.put("state", "FAILED");
      assertThat(ended(test, test.act("/bulk/start", form).location()))
          .contains("<b>DONE</b>: 0 of 1 job", "1 match now", "has their dedup key");
    }
  }

  @Test
  @DisplayName(
      "a page that is made while an act ends says that it goes on, or how it ended, not both")
  void endsMeanwhile() {
    try (TestConsole test = TestConsole.open(folder)) {
      BulkRun run = new BulkRun(BulkAct.RETRY, test.backend().jobAdmin(), FAILED, Duration.ZERO, 1);
      StringOutput page =
          new StringOutput() {
            @Override
            public void writeContent(String text) {
              if (run.end() == BulkRun.End.RUNNING) {
                run.run();
              }
              super.writeContent(text);
            }
          };
      Frame frame =
          new Frame("", "/bulk/run", "Retry", "operator", true, "token", Instant.EPOCH, null);
      TemplateEngine.createPrecompiled(
              null, ContentType.Html, Pages.class.getClassLoader(), "dev.lease.console.jte")
          .render(
              "bulkrun.jte",
              Map.of("frame", frame, "run", run, "number", 1, "stopping", false),
              page);
      assertThat(page.toString())
          .contains("<b>RUNNING</b>: 0 of 1 job", "It goes on when this page is closed")
          .doesNotContain("DONE");
      assertThat(run.end()).isEqualTo(BulkRun.End.DONE);
    }
  }

  @Test
  @DisplayName("a job that keeps a schedule stays, though a worker held it when the form was sent")
  void schedule() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue(NewJob.builder("q", "schedule:a", "lease-schedule", "{}").build());
      JobLease held = test.claim("q", "worker-1");
      test.enqueue("q", "job-1");
      assertThat(test.get("/bulk?act=DELETE&state=any&queue=q").status()).isEqualTo(409);
      test.settle(Settlement.released(held, Duration.ZERO));
      JobFilter waiting = JobFilter.all().inQueue("q").inState(JobState.PENDING);
      BulkRun run = run(test, BulkAct.DELETE, waiting, 2);
      assertThat(run.end()).isEqualTo(BulkRun.End.REFUSED);
      assertThat(run.why()).contains("keeps a schedule");
      assertThat(count(test, waiting)).isEqualTo(2);
    }
  }

  @Test
  @DisplayName("a spread that no store takes is refused before anything; a failure keeps its cause")
  void failed() {
    try (TestConsole test = TestConsole.open(folder)) {
      fail(test, "orders", 0, 1, "down");
      Map<String, String> form =
          Map.of("act", "RETRY", "counted", "1", "reason", "x", "spread", "999999999d");
      assertThat(test.act("/bulk/start", form).status()).isEqualTo(400);
      for (String spread : List.of("999999999d", "zz")) {
        assertThat(test.get("/bulk?act=RETRY&spread=" + spread).status()).isEqualTo(400);
      }
      Duration longer = Duration.ofDays(9_999);
      BulkRun run = new BulkRun(BulkAct.RETRY, test.backend().jobAdmin(), FAILED, longer, 1);
      run.run();
      assertThat(run.end()).isEqualTo(BulkRun.End.FAILED);
      assertThat(run.why()).contains("PT0S to PT87600H");
      assertThat(run.sum()).isEqualTo("at least 0");
    }
  }

  @Test
  @DisplayName("it works on states that it fits, keeps schedules, and tells no redacted errors")
  void refused() {
    try (TestConsole test =
        TestConsole.open(folder, all -> all.redactor(text -> text.replace("x", "y")))) {
      test.enqueue(NewJob.builder("q", "schedule:a", "lease-schedule", "{}").build());
      test.enqueue("q", "job-1");
      assertThat(test.get("/bulk?act=DELETE&state=any").status()).isEqualTo(409);
      assertThat(test.get("/bulk?act=DELETE&state=any&type=lease-schedule").status())
          .isEqualTo(409);
      assertThat(test.get("/bulk?act=DELETE&state=any&type=mail").body()).contains("Delete 1 job");
      assertThat(test.get("/bulk?act=RETRY&state=DONE").status()).isEqualTo(400);
      assertThat(test.get("/bulk?act=DELETE&state=PROCESSING").status()).isEqualTo(400);
      assertThat(test.get("/bulk?act=PURGE").status()).isEqualTo(400);
      assertThat(test.get("/bulk?act=RETRY&error=x").status()).isEqualTo(409);
      assertThat(test.get("/bulk/run?number=1").status()).isEqualTo(404);
      Map<String, String> form =
          Map.of("act", "DELETE", "state", "any", "type", "mail", "counted", "0", "reason", "x");
      assertThat(test.act("/bulk/start", form).status()).isEqualTo(400);
      assertThat(test.backend().jobQueue().find("q", "job-1")).isPresent();
    }
  }
}
