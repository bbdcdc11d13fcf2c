package dev.lease.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionQuery;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.NewJob;
import dev.lease.OperatorAction;
import dev.lease.Progress;
import dev.lease.Settlement;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobPagesTest {

  private static final Pattern NEXT = Pattern.compile("href=\"([^\"]*after=[^\"]*)\"");

  @TempDir Path folder;

  @Test
  @DisplayName("the list starts with what has failed, and filters by all conditions together")
  void filters() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.fail("orders", "order-1", "java.io.IOException: host is down");
      test.fail("orders", "order-2", "other");
      test.fail("mails", "order-3", "host is down");
      test.enqueue("orders", "order-4");

      assertThat(ids(test, "/jobs")).containsExactly("order-3", "order-2", "order-1");
      assertThat(ids(test, "/jobs?queue=orders&error=host+is&id=order")).containsExactly("order-1");
      assertThat(ids(test, "/jobs?state=any&queue=orders"))
          .containsExactly("order-4", "order-2", "order-1");
      assertThat(ids(test, "/jobs?state=PENDING&since=1h")).containsExactly("order-4");
      assertThat(ids(test, "/jobs?finishedUntil=1h&type=mail")).isEmpty();
      assertThat(ids(test, "/jobs?state=any&since=2020-01-01T00:00:00Z&until=1h")).isEmpty();
      assertThat(test.get("/jobs").body()).contains("IOException: host is down");
      assertThat(test.get("/jobs?since=yesterday").status()).isEqualTo(400);
      assertThat(test.get("/jobs?after=nonsense").status()).isEqualTo(400);
    }
  }

  @Test
  @DisplayName("it filters by worker and due time too, and refuses to change jobs by these")
  void sieved() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.fail("orders", "order-1", "host is down");
      test.enqueue("orders", "order-2");
      test.claim("orders", "worker-1");
      test.enqueue("orders", "order-3");
      test.claim("orders", "worker-2");
      test.enqueue(NewJob.builder("orders", "order-4", "mail", "{}").due(in(3)).build());
      test.enqueue(NewJob.builder("orders", "order-5", "mail", "{}").due(in(5)).build());

      assertThat(ids(test, "/jobs?worker=worker-1")).containsExactly("order-2");
      assertThat(ids(test, "/jobs?state=any&worker=worker-2")).containsExactly("order-3");
      assertThat(ids(test, "/jobs?state=FAILED&worker=worker-1")).isEmpty();
      assertThat(ids(test, "/jobs?state=any&dueSince=in+1h")).containsExactly("order-5", "order-4");
      assertThat(ids(test, "/jobs?state=any&dueSince=in+1h&dueUntil=in+4h"))
          .containsExactly("order-4");
      assertThat(ids(test, "/jobs?state=PENDING&dueUntil=2h")).isEmpty();
      String body = test.get("/jobs?state=any&worker=worker-1").body();
      assertThat(body)
          .contains("name=\"worker\" value=\"worker-1\"", "<option value=\"PROCESSING\" selected")
          .doesNotContain("All that match", "name=\"payload\"");
      assertThat(test.get("/jobs?state=any&queue=orders").body()).contains("All that match");
      for (String condition : List.of("worker=w", "dueSince=1h", "dueUntil=1h", "payload=x")) {
        assertThat(test.get("/bulk?act=CANCEL&state=any&" + condition).body())
            .as(condition)
            .contains("No store finds jobs by worker");
      }
      Map<String, String> many =
          Map.of("act", "CANCEL", "state", "any", "worker", "w", "counted", "1", "reason", "x");
      assertThat(test.act("/bulk/start", many).status()).isEqualTo(409);
    }
  }

  private static Due in(int hours) {
    return Due.after(Duration.ofHours(hours));
  }

  @Test
  @DisplayName("payloads are searched only where they are shown as they are")
  void payloads() {
    List<UnaryOperator<Console.Builder>> closed =
        List.of(
            all -> all,
            all -> all.showPayloads().access(request -> viewer("READ")),
            all -> all.showPayloads().redactor(text -> text));
    for (UnaryOperator<Console.Builder> settings : closed) {
      try (TestConsole test = TestConsole.open(folder, settings)) {
        assertThat(test.get("/jobs?state=any&payload=sesame").status()).isEqualTo(403);
        assertThat(test.get("/jobs").body()).doesNotContain("name=\"payload\"");
      }
    }
    try (TestConsole test = TestConsole.open(folder, Console.Builder::showPayloads)) {
      test.enqueue(NewJob.builder("orders", "order-1", "mail", "{\"open\":\"sesame\"}").build());
      test.enqueue("orders", "order-2");
      assertThat(ids(test, "/jobs?state=any&payload=sesame")).containsExactly("order-1");
      assertThat(test.get("/jobs?state=any&payload=sesame").body())
          .contains("name=\"payload\" value=\"sesame\"");
    }
  }

  @Test
  @DisplayName("forms complete the queues and types that the console has seen")
  void completed() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue("orders", "order-1");
      test.enqueue("mails", "mail-1");
      assertThat(test.get("/jobs?state=any&queue=orders").body())
          .containsSubsequence(
              "list=\"queues\"",
              "list=\"types\"",
              "<datalist id=\"queues\">\n<option value=\"orders\"></option>\n</datalist>",
              "<datalist id=\"types\">\n<option value=\"mail\"></option>\n</datalist>");
      test.get("/");
      assertThat(test.get("/jobs").body())
          .containsSubsequence("<option value=\"mails\">", "<option value=\"orders\">");
    }
  }

  @Test
  @DisplayName("all pages together have each job once, and keep the filter")
  void pages() {
    try (TestConsole test = TestConsole.open(folder)) {
      List<NewJob> jobs = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        jobs.add(NewJob.builder(i % 12 == 0 ? "b" : "a", "job-" + i, "mail", "{}").build());
      }
      test.backend().jobQueue().enqueue(jobs);
      String next = "/jobs?state=PENDING&queue=a";
      List<String> found = new ArrayList<>();
      int pages = 0;
      while (next != null) {
        found.addAll(ids(test, next));
        Matcher link = NEXT.matcher(test.get(next).body());
        next = link.find() ? link.group(1).replace("&amp;", "&") : null;
        pages++;
      }
      assertThat(found).hasSize(110).doesNotHaveDuplicates();
      assertThat(pages).isEqualTo(3);
    }
  }

  @Test
  @DisplayName("a text that is nowhere is looked for in 5,000 jobs, then the page says so")
  void bounded() {
    try (TestConsole test = TestConsole.open(folder)) {
      for (int piece = 0; piece < 6; piece++) {
        List<NewJob> jobs = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
          String id = piece + "-" + i;
          jobs.add(NewJob.builder("bulk", id, "mail", "{}").key(id).build());
        }
        test.backend().jobQueue().enqueue(jobs);
      }
      assertThat(test.get("/queue?queue=bulk").body()).contains("Looked at 5000 keys.", "Go on");
      String body = test.get("/jobs?state=any&queue=bulk&error=nowhere").body();
      assertThat(body).contains("No job so far.", "Looked at 5000 jobs.");
      Matcher link = NEXT.matcher(body);
      assertThat(link.find()).isTrue();
      assertThat(test.get(link.group(1).replace("&amp;", "&")).body())
          .contains("No job.", "Looked at 1000 jobs.");
    }
  }

  @Test
  @DisplayName("a job's page tells its past in order: attempts, workers, errors, acts")
  void timeline() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.fail("orders", "order-1", "host is down\nat Mail.java");
      assertThat(test.act("/job/retry", form("it is back")).location())
          .isEqualTo("/job?queue=orders&id=order-1&did=RETRIED");
      JobLease lease = test.claim("orders", "worker-2");
      String body = test.get(TestConsole.link("orders", "order-1") + "&did=RETRIED").body();
      assertThat(body)
          .containsSubsequence(
              "The job waits again",
              "Enqueued",
              "Attempt 1 of worker-1 failed",
              "host is down\nat Mail.java",
              "REQUEUE by " + System.getProperty("user.name") + " (it is back)",
              "Claimed by worker-2, token " + lease.token());
      assertThat(test.get(TestConsole.link("orders", "order-1") + "&did=Call+us").body())
          .doesNotContain("Call us");
      assertThat(test.get(TestConsole.link("orders", "order-9")).status()).isEqualTo(404);
    }
  }

  @Test
  @DisplayName("each act does what it says and leaves who and why")
  void acts() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue("orders", "order-1");
      assertThat(did(test, "/job/run-now")).endsWith("did=DUE_NOW");
      assertThat(did(test, "/job/retry")).endsWith("did=NOT_FAILED");
      assertThat(did(test, "/job/cancel")).endsWith("did=CANCELLED");
      assertThat(did(test, "/job/cancel")).endsWith("did=FINISHED");
      assertThat(did(test, "/job/retry")).endsWith("did=RETRIED");
      String job = TestConsole.link("orders", "order-1");
      assertThat(test.get(job).body()).doesNotContain("A worker holds this job");
      test.claim("orders", "worker-1");
      assertThat(test.get(job).body()).contains("A worker holds this job", "its result is lost");
      assertThat(did(test, "/job/run-now")).endsWith("did=HELD");
      assertThat(did(test, "/job/cancel")).endsWith("did=CANCEL_REQUESTED");
      assertThat(did(test, "/job/delete")).isEqualTo("/jobs?queue=orders&state=any&did=DELETED");
      assertThat(did(test, "/job/delete")).endsWith("did=NOT_FOUND");
      assertThat(test.backend().jobQueue().find("orders", "order-1")).isEmpty();
      assertThat(
              test.backend().jobAdmin().actions(ActionQuery.ofJob("orders", "order-1")).actions())
          .extracting(OperatorAction::kind)
          .contains(
              OperatorAction.Kind.DELETE,
              OperatorAction.Kind.CANCEL,
              OperatorAction.Kind.REQUEUE,
              OperatorAction.Kind.CHANGE);
    }
  }

  @Test
  @DisplayName("a job that waits gets new times, priority and attempts; what is empty stays")
  void change() {
    try (TestConsole test = TestConsole.open(folder)) {
      test.enqueue(NewJob.builder("orders", "order-1", "mail", "{}").maxFailures(1).build());
      assertThat(test.get(TestConsole.link("orders", "order-1")).body())
          .containsSubsequence("Most failures", ">1<", "Most crashes", ">3<", "/job/change\"");
      Map<String, String> form = new HashMap<>(form("mails wait"));
      for (String name : List.of("due", "priority", "failures", "crashes", "notAfter")) {
        form.put(name, " ");
      }
      assertThat(test.act("/job/change", form).body()).contains("Say what to change.");
      Map<String, String> wrong =
          Map.of(
              "due", "2h", "priority", "10", "failures", "0", "crashes", "x", "notAfter", "soon");
      wrong.forEach(
          (name, value) -> {
            Map<String, String> one = new HashMap<>(form("mails wait"));
            one.put(name, value);
            assertThat(test.act("/job/change", one).status()).as(name).isEqualTo(400);
          });
      Job before = test.backend().jobQueue().find("orders", "order-1").orElseThrow();

      form.put("priority", "7");
      form.put("failures", "5");
      form.put("crashes", "9");
      assertThat(test.act("/job/change", form).location()).endsWith("did=CHANGED");
      Job after = test.backend().jobQueue().find("orders", "order-1").orElseThrow();
      assertThat(after.priority()).isEqualTo(7);
      assertThat(after.maxFailures()).isEqualTo(5);
      assertThat(after.maxCrashes()).isEqualTo(9);
      assertThat(after.dueAt()).isEqualTo(before.dueAt());
      assertThat(after.notAfter()).isNull();
      Map<String, String> times = new HashMap<>(form("mails wait"));
      times.put("due", "in 2h");
      times.put("notAfter", "2100-01-01T00:00:00Z");
      assertThat(test.act("/job/change", times).location()).endsWith("did=CHANGED");
      after = test.backend().jobQueue().find("orders", "order-1").orElseThrow();
      assertThat(after.dueAt()).isAfter(after.asOf().plus(Duration.ofHours(1)));
      assertThat(after.notAfter()).isEqualTo("2100-01-01T00:00:00Z");
      assertThat(
              test.backend().jobAdmin().actions(ActionQuery.ofJob("orders", "order-1")).actions())
          .hasSize(2)
          .allSatisfy(act -> assertThat(act.operator().reason()).isEqualTo("mails wait"))
          .extracting(OperatorAction::what)
          .anySatisfy(what -> assertThat(what).contains("priority 5 -> 7", "failures 1 -> 5"));
      test.act("/job/run-now", form("now"));
      test.claim("orders", "worker-1");
      assertThat(test.get(TestConsole.link("orders", "order-1")).body())
          .doesNotContain("/job/change");
      assertThat(test.act("/job/change", form).location()).endsWith("did=HELD");
    }
  }

  private static String did(TestConsole test, String path) {
    return test.act(path, form("a test")).location();
  }

  private static Map<String, String> form(String reason) {
    return Map.of("queue", "orders", "id", "order-1", "reason", reason);
  }

  @Test
  @DisplayName("payloads, results, headers, steps and progress are hidden unless switched on")
  void hidden() {
    try (TestConsole test = TestConsole.open(folder)) {
      addSecrets(test);
      for (String path : List.of("/jobs?state=any", TestConsole.link("orders", "order-1"))) {
        assertThat(test.get(path).body()).as(path).doesNotContain("sesame");
      }
    }
    try (TestConsole test =
        TestConsole.open(folder, all -> all.showPayloads().access(request -> viewer("READ")))) {
      assertThat(test.get(TestConsole.link("orders", "order-1")).body())
          .as("a viewer without the right to them")
          .doesNotContain("sesame");
    }
    try (TestConsole test = TestConsole.open(folder, Console.Builder::showPayloads)) {
      assertThat(test.get(TestConsole.link("orders", "order-1")).body())
          .contains("sesame-payload", "sesame-result", "sesame-header", "sesame-progress");
    }
  }

  private static Optional<Viewer> viewer(String access) {
    return Optional.of(Viewer.of("anna", Access.valueOf(access)));
  }

  private static void addSecrets(TestConsole test) {
    test.enqueue(
        NewJob.builder("orders", "order-1", "mail", "sesame-payload")
            .headers(Map.of("trace", "sesame-header"))
            .build());
    JobLease lease = test.claim("orders", "worker-1");
    test.backend().jobQueue().progress(lease, Progress.of(50, "sesame-progress"));
    test.settle(Settlement.done(lease, "sesame-result"));
  }

  @Test
  @DisplayName("a redactor gets all texts, and what it took out cannot be searched for")
  void redacted() {
    try (TestConsole test =
        TestConsole.open(
            folder, all -> all.showPayloads().redactor(text -> text.replace("sesame", "***")))) {
      addSecrets(test);
      test.fail("orders", "order-2", "wrong password sesame");
      for (String path :
          List.of(
              "/jobs?state=any",
              TestConsole.link("orders", "order-1"),
              TestConsole.link("orders", "order-2"))) {
        assertThat(test.get(path).body()).as(path).contains("***").doesNotContain("sesame");
      }
      assertThat(ids(test, "/jobs?error=ses")).isEmpty();
      assertThat(ids(test, "/jobs?error=wrong")).containsExactly("order-2");
    }
  }

  private static List<String> ids(TestConsole test, String path) {
    Http.Answer answer = test.get(path);
    assertThat(answer.status()).as(path).isEqualTo(200);
    return Pattern.compile("/job\\?queue=[^\"]*\">([^<]*)</a>")
        .matcher(answer.body())
        .results()
        .map(match -> match.group(1))
        .toList();
  }
}
