package dev.lease.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import dev.lease.cli.TestStore.Answer;
import dev.lease.cli.TestStore.Kind;
import dev.lease.worker.Schedules;
import java.io.BufferedReader;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Each command on each kind of store. */
@Timeout(120)
@Execution(ExecutionMode.CONCURRENT)
class CommandsTest {

  private static final JsonMapper JSON = new JsonMapper();

  private static final String QUEUES =
      "QUEUE  PAUSED  PENDING  RETRY  HELD BACK  WAIT FOR PARTS  PROCESSING  EXPIRED  DONE  FAILED  CANCELLED  OLDEST DUE\n";

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(Kind.class)
  void queuesAreCounted(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      assertThat(store.run("queues")).isEqualTo(new Answer(0, QUEUES + "(none)\n", ""));
      store.enqueue("mail", "send", "m1", "m2");
      store.fail("orders", "place", "o1", "no");
      store.admin().pause("mail");

      Answer table = store.run("queues");
      assertThat(table.out().lines().toList().get(1))
          .matches("mail +paused +2 +0 +0 +0 +0 +0 +0 +0 +0  \\d+[sm].* ago");
      assertThat(table.out().lines().toList().get(2))
          .matches("orders +- +0 +0 +0 +0 +0 +0 +0 +1 +0  -");

      List<JsonNode> json = json(store.run("queues", "--json"));
      assertThat(json).hasSize(2);
      assertThat(json.get(0).get("queue").asString()).isEqualTo("mail");
      assertThat(json.get(0).get("paused").asBoolean()).isTrue();
      assertThat(json.get(0).get("pending").asInt()).isEqualTo(2);
      assertThat(json.get(1).get("failed").asInt()).isEqualTo(1);
      assertThat(json.get(1).get("heldBack").asInt()).isZero();
      assertThat(json.get(1).get("oldestDue").isNull()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void workersAndLeasesAreListed(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      assertThat(store.run("workers").code()).isEqualTo(1);
      LeaseStore leases = store.backend().leaseStore();
      leases.acquire(
          "lease.worker/w/1",
          "w",
          Duration.ofSeconds(30),
          """
          {"host":"shop","version":"1.2","slots":8,"status":"DEGRADED","reasons":["a slot is stuck"],
          "active":3,"stuck":1,"minute":1,"queues":[{"name":"q","slots":4,"active":3,"stuck":1,"claimed":0,
          "minutes":[[5,0,0,2]]}]}
          """);
      leases.acquire("a%b", "one", Duration.ofHours(2), "\norg.acme.A\u001bnote");
      leases.acquire("axb", "two", Duration.ofHours(2));

      assertThat(store.run("workers").out().lines().skip(1))
          .hasSize(2)
          .first(STRING)
          .matches("w +shop +1\\.2 +8 +3 +1 +DEGRADED +\\d+[sm].* ago +\\d+[sm].* ago");
      assertThat(store.run("workers").out()).endsWith("\nw: a slot is stuck\n");
      JsonNode worker = json(store.run("workers", "--json")).get(0);
      assertThat(worker.get("queues").get(0).get("minutes").get(0).get("done").asInt())
          .isEqualTo(5);

      assertThat(store.run("leases", "a%").out().lines().skip(1))
          .singleElement(STRING)
          .matches("a%b +one +\\d+ +1h 59m +.u000Aorg.acme.A.u001Bnote");
      assertThat(store.run("leases", "--limit", "1", "a").out())
          .endsWith("More leases may match: go on with --after='a%b'.\n");
      assertThat(store.run("leases", "--limit", "1", "a", "--json").out())
          .endsWith("\n{\"next\":\"a%b\"}\n");
      assertThat(json(store.run("leases", "--json", "--after", "a%b")))
          .extracting(lease -> lease.get("name").asString())
          .containsExactly("axb", "lease.worker/w/1");
      assertThat(store.run("leases", "x").code()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SQLITE")
  void anOddNameOfALeaseCanBePasted(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      for (String name : List.of("a'b", "b\nc", "d")) {
        store.backend().leaseStore().acquire(name, "one", Duration.ofHours(2));
      }
      assertThat(store.run("leases", "--limit", "1").out())
          .endsWith("More leases may match: go on with --after='a'\\''b'.\n");
      assertThat(store.run("leases", "--limit", "1", "--after=a'b").out())
          .contains("\nb\\u000Ac ")
          .endsWith(
              "More leases may match: go on with --after and the last name as --json prints it.\n");
      assertThat(json(store.run("leases", "--limit", "1", "--after=a'b", "--json")))
          .last()
          .satisfies(more -> assertThat(more.get("next").asString()).isEqualTo("b\nc"));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void jobsAreListedByWhatTheyAre(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.fail("orders", "place", "o1", "IllegalStateException: no such tea\n\tat Shop.java:7");
      store.enqueue("orders", "place", "o2");
      store.enqueue("mail", "send", "m1");
      store.claim("mail", "m1");
      store.enqueue(
          NewJob.builder("mail", "m2", "send", "{}").due(Due.after(Duration.ofHours(3))).build());

      assertThat(store.run("jobs", "--state", "failed").out().lines().toList().get(1))
          .matches(
              "o1 +orders +place +FAILED +1 \\(1 failed\\) +\\d+[sm].* +finished .* ago +"
                  + "IllegalStateException: no such tea");
      assertThat(store.run("jobs", "--state", "failed", "--width", "80").out())
          .containsPattern("\no1 +orders .* finished \\d+[sm].* ago +Ill[a-zA-Z]*…\n")
          .satisfies(table -> assertThat(table.lines()).allMatch(line -> line.length() <= 80));
      assertThat(store.run("jobs", "--queue", "mail").out())
          .containsPattern("\nm2 .* PENDING +0 +\\d+[sm].* +due in 2h \\d+m +-\n")
          .containsPattern("\nm1 .* PROCESSING +1 +\\d+[sm].* +worker-1, [\\dhms ]+ left +-\n");
      for (String[] filter :
          List.of(
              new String[] {"--type", "place", "--state", "pending,retry"},
              new String[] {"--id-prefix", "o2"},
              new String[] {"--queue", "orders", "--state", "PENDING", "--since", "1h"})) {
        assertThat(ids(store, filter)).containsExactly("o2");
      }
      assertThat(ids(store, "--error", "such tea", "--finished-since", "1h")).containsExactly("o1");
      assertThat(ids(store, "--finished-until", "1h")).isEmpty();
      assertThat(ids(store, "--until", "2000-01-01T00:00:00Z")).isEmpty();
      assertThat(store.run("jobs", "--error", "coffee").code()).isEqualTo(1);

      Answer two = store.run("jobs", "--limit", "2", "--oldest-first");
      assertThat(two.out().lines()).hasSize(4);
      assertThat(two.out()).endsWith("More jobs match: narrow the filter, or raise --limit (2).\n");
    }
  }

  private static List<String> ids(TestStore store, String... filter) {
    String[] line = new String[filter.length + 2];
    line[0] = "jobs";
    line[1] = "--json";
    System.arraycopy(filter, 0, line, 2, filter.length);
    return json(store.run(line)).stream().map(job -> job.get("id").asString()).toList();
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aJobIsShownWithItsPast(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.enqueue(
          NewJob.builder("orders", "o1", "place", "red \u001b[31mtea\u202e")
              .headers(Map.of("from", "shop"))
              .dedupKey("tea")
              .build());
      JobLease first = store.claim("orders", "o1");
      store.queue().progress(first, Progress.of(40, "half"));
      store.queue().checkpoint(first, "brew\nslowly", "green\n" + "tea".repeat(30));
      String error = "it rained\n\tat Sky.java:1\u0007";
      store.settle(Settlement.retry(first, Duration.ZERO, error));
      JobLease second = store.claim("orders", "o1");

      Answer text = store.run("show", "o1");
      assertThat(text.code()).isZero();
      assertThat(text.out())
          .contains("Job         o1\nQueue       orders\nType        place\n")
          .contains("State       PROCESSING, attempts 2 (1 failed)\n")
          .containsPattern(
              "Lease {7}worker-1, [\\dhms ]+ left, token " + second.token() + ", until")
          .contains("Dedup key   tea\n", "Progress    40 % half\n", "Header      from: shop\n")
          .contains("Payload     red \\u001B[31mtea\\u202E\n")
          .containsPattern(
              "\nStep {8}brew.u000Aslowly, 20\\S+Z \\(\\d+[sm].* ago\\)\n {12}green.u000Atea[tea]+…\n")
          .containsPattern(
              "Failed {6}attempt 1 of worker-1 after \\d+s, 20\\S+Z \\(\\d+[sm].* ago\\)\n")
          .contains("            it rained\n                at Sky.java:1\\u0007\n")
          .doesNotContain("Error ");

      Answer json = store.run("show", "o1", "--queue", "orders", "--json");
      assertThat(json.out()).matches("[ -~]+\n");
      JsonNode job = json(json).get(0);
      assertThat(job.get("payload").asString()).isEqualTo("red \u001b[31mtea\u202e");
      assertThat(job.get("owner").asString()).isEqualTo("worker-1");
      assertThat(job.get("headers").get("from").asString()).isEqualTo("shop");
      assertThat(job.get("key").isNull()).isTrue();
      assertThat(job.get("steps").get(0).get("value").asString())
          .isEqualTo("green\n" + "tea".repeat(30));
      assertThat(job.get("failedAttempts").get(0).get("error").asString()).isEqualTo(error);

      assertThat(store.run("show", "o2")).isEqualTo(new Answer(1, "o2 is not in any queue.\n", ""));
      assertThat(store.run("show", "o1", "--queue", "mail"))
          .isEqualTo(new Answer(1, "o1 is not in queue mail.\nQueue mail has no jobs.\n", ""));
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void failedJobsAreRetried(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.fail("orders", "place", "o1", "no tea");
      store.fail("orders", "place", "o2", "no tea");
      store.fail("orders", "place", "o3", "no milk");
      store.enqueue("orders", "place", "o4");

      assertThat(store.run("retry", "--error", "tea"))
          .isEqualTo(
              new Answer(
                  0,
                  """
                  QUEUE   TYPE   STATE   JOBS
                  orders  place  FAILED     2
                  2 jobs would be retried. Nothing was changed; add --yes to do it.
                  """,
                  ""));
      assertThat(state(store, "o1")).isEqualTo(JobState.FAILED);
      assertThat(store.run("retry", "--error", "tea", "--yes"))
          .isEqualTo(new Answer(0, "2 jobs were retried.\n", ""));
      assertThat(state(store, "o2")).isEqualTo(JobState.PENDING);
      assertThat(state(store, "o3")).isEqualTo(JobState.FAILED);
      assertThat(store.run("retry", "--error", "tea", "--yes"))
          .isEqualTo(new Answer(1, "No job matches.\n", ""));
      assertThat(store.run("retry", "--queue", "orders", "--json").out())
          .isEqualTo("{\"dryRun\":true,\"jobs\":1}\n");

      assertThat(store.run("retry", "o3", "o4", "o5"))
          .isEqualTo(
              new Answer(
                  1,
                  """
                  o3 waits again, due now.
                  o4 is PENDING: only FAILED and CANCELLED jobs can be retried.
                  o5 is not in any queue.
                  """,
                  ""));
      assertThat(state(store, "o3")).isEqualTo(JobState.PENDING);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void unfinishedJobsAreCancelled(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.fail("orders", "place", "o1", "no");
      store.enqueue("orders", "place", "o2", "o3", "o4");
      store.claim("orders", "o2");
      store.enqueue("mail", "send", "o3");

      assertThat(store.run("cancel", "o1", "o2", "o3", "--json").out())
          .isEqualTo(
              "{\"queue\":\"orders\",\"id\":\"o1\",\"done\":false,"
                  + "\"answer\":\"has already finished\"}\n"
                  + "{\"queue\":\"orders\",\"id\":\"o2\",\"done\":true,\"answer\":\"is running;"
                  + " its worker learns of it with the next extension of its lease\"}\n"
                  + "{\"queue\":null,\"id\":\"o3\",\"done\":false,\"answer\":\"is in several"
                  + " queues; name one with --queue: mail, orders\"}\n");
      assertThat(store.run("cancel", "o3", "--queue", "orders").out())
          .isEqualTo("o3 is cancelled.\n");
      assertThat(store.run("cancel", "--type", "place", "--state", "pending", "--yes").out())
          .isEqualTo("1 job was cancelled.\n");
      assertThat(state(store, "o4")).isEqualTo(JobState.CANCELLED);
      assertThat(store.queue().find("mail", "o3").orElseThrow().state())
          .isEqualTo(JobState.PENDING);
      assertThat(store.queue().find("orders", "o2").orElseThrow().cancelRequested()).isTrue();
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Kind.class)
  void jobsAreDeletedAndPurged(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.fail("orders", "place", "o1", "no");
      store.fail("orders", "place", "o2", "no");
      store.fail("orders", "place", "o3", "no");
      store.enqueue("orders", "place", "o4", "o5");

      assertThat(store.run("delete", "o1", "o1").out())
          .isEqualTo("o1 is deleted.\no1 is not in any queue.\n");
      assertThat(store.run("delete", "--id-prefix", "o5").out()).contains("1 job would be deleted");
      assertThat(store.run("delete", "--id-prefix", "o5", "--yes").out())
          .isEqualTo("1 job was deleted.\n");
      assertThat(store.run("purge", "orders", "--older-than", "1h", "--yes"))
          .isEqualTo(new Answer(1, "No job matches.\n", ""));
      assertThat(store.run("purge", "orders", "--older-than", "0s").out())
          .contains("orders  place  FAILED     2\n", "2 jobs would be removed.");
      assertThat(store.run("purge", "orders", "--older-than", "0s", "--yes").out())
          .isEqualTo("2 jobs were removed.\n");
      assertThat(ids(store)).containsExactly("o4");
    }
  }

  /** [Y10] A worker would have handed the job back for a day, as one that it cannot read. */
  @ParameterizedTest
  @EnumSource(names = "SQLITE")
  void jsonDoesNotBecomeWhatIsNoJson(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      Due later = Due.after(Duration.ofHours(3));
      store.enqueue(NewJob.builder("orders", "o1", "place", "{\"tea\":1}").due(later).build());
      for (String broken : List.of("{\"tea\":2", "{\"tea\":2} x", "tea", "2", " ")) {
        assertThat(store.run("change", "o1", "--priority", "9", "--payload", broken))
            .isEqualTo(
                new Answer(
                    1,
                    "o1 stays as it is: its payload is a JSON object, array or string, and the new"
                        + " one is not; it has {\"tea\":1}, and was to get "
                        + broken
                        + "; mend the new one.\n",
                    ""));
        Job job = store.queue().find("orders", "o1").orElseThrow();
        assertThat(job.payload()).isEqualTo("{\"tea\":1}");
        assertThat(job.priority()).isNotEqualTo(9);
      }
      store.enqueue(NewJob.builder("orders", "number", "place", "42").due(later).build());
      assertThat(store.run("change", "number", "--payload", "43a").code()).isZero();
      store.enqueue(NewJob.builder("orders", "text", "place", "\"tea\"").due(later).build());
      assertThat(store.run("change", "text", "--payload", "tea").code()).isEqualTo(1);
      assertThat(store.run("change", "o1", "--payload", "[2]").code()).isZero();
      assertThat(store.queue().find("orders", "o1").orElseThrow().payload()).isEqualTo("[2]");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void jobsThatWaitAreChanged(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      Due later = Due.after(Duration.ofHours(3));
      store.enqueue(NewJob.builder("orders", "o1", "place", "tea").due(later).build());
      store.enqueue(NewJob.builder("orders", "o2", "place", "{}").due(later).build());

      String[] change = {
        "change",
        "o1",
        "--due",
        "2100-01-01T00:00:00Z",
        "--priority",
        "9",
        "--crashes",
        "7",
        "--failures",
        "5"
      };
      assertThat(store.run(change)).isEqualTo(new Answer(0, "o1 is changed.\n", ""));
      assertThat(store.run("change", "o1", "--payload", "@{\"tea\":1}").code()).isZero();
      Job job = store.queue().find("orders", "o1").orElseThrow();
      assertThat(job.dueAt()).isEqualTo("2100-01-01T00:00:00Z");
      assertThat(job.priority()).isEqualTo(9);
      assertThat(job.maxCrashes()).isEqualTo(7);
      assertThat(job.maxFailures()).isEqualTo(5);
      assertThat(job.payload()).isEqualTo("@{\"tea\":1}");

      assertThat(store.run("run-now", "o2")).isEqualTo(new Answer(0, "o2 is due now.\n", ""));
      JobLease held = store.claim("orders", "o2");
      assertThat(store.run("run-now", "o2"))
          .isEqualTo(
              new Answer(1, "o2 is held by a worker; only a job that waits can be changed.\n", ""));
      store.settle(Settlement.done(held));
      assertThat(store.run("change", "o2", "--priority", "1").code()).isEqualTo(1);
      assertThat(store.run("change", "o1", "--priority", "10").code()).isEqualTo(2);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Kind.class)
  void moreJobsThanOnePageHasAreCounted(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store
          .queue()
          .enqueue(
              IntStream.range(0, 1_000)
                  .mapToObj(i -> NewJob.builder("orders", "o" + i, "place", "{}").build())
                  .toList());
      store.enqueue("orders", "place", "last");
      assertThat(store.run("cancel", "--queue", "orders").out())
          .isEqualTo(
              """
              QUEUE   TYPE   STATE    JOBS
              orders  place  PENDING  1001
              1001 jobs would be cancelled. Nothing was changed; add --yes to do it.
              """);

      store.enqueue("orders", "refund", "r1");
      assertThat(store.run("cancel", "--queue", "orders").out())
          .isEqualTo(
              """
              QUEUE   TYPE    STATE    JOBS
              orders  place   PENDING  1001
              orders  refund  PENDING     1
              1002 jobs would be cancelled. Nothing was changed; add --yes to do it.
              """);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SQLITE")
  void schedulesAreLeftOut(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.enqueue("orders", ScheduleJobs.TYPE, "schedule:nightly");
      assertThat(Schedules.of(store.backend()).list()).hasSize(1);
      store.enqueue("orders", "place", "o1", "o2");
      store.enqueue("orders", "refund", "o3");

      assertThat(store.run("cancel", "--queue", "orders"))
          .isEqualTo(
              new Answer(
                  0,
                  """
                  Schedules are left out; --type lease-schedule names them.
                  QUEUE   TYPE    STATE    JOBS
                  orders  place   PENDING     2
                  orders  refund  PENDING     1
                  3 jobs would be cancelled. Nothing was changed; add --yes to do it.
                  """,
                  ""));
      assertThat(store.run("cancel", "--queue", "orders", "--yes").out())
          .isEqualTo(
              """
              Schedules are left out; --type lease-schedule names them.
              3 jobs were cancelled.
              """);
      assertThat(state(store, "o3")).isEqualTo(JobState.CANCELLED);
      assertThat(store.run("delete", "--id-prefix", "s", "--yes"))
          .isEqualTo(
              new Answer(
                  1,
                  """
                  Schedules are left out; --type lease-schedule names them.
                  No job matches.
                  """,
                  ""));
      for (Answer refused :
          List.of(
              store.run("run-now", "schedule:nightly"),
              store.run("change", "schedule:nightly", "--due", "1h"))) {
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.out()).startsWith("schedule:nightly keeps a schedule, and stays");
      }
      assertThat(state(store, "schedule:nightly")).isEqualTo(JobState.PENDING);

      assertThat(store.run("cancel", "--type", "lease-schedule", "--yes").out())
          .isEqualTo("1 job was cancelled.\n");
      assertThat(state(store, "schedule:nightly")).isEqualTo(JobState.CANCELLED);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void queuesArePausedAndResumed(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.enqueue("orders", "place", "o1");
      assertThat(store.run("pause", "orders", "oders"))
          .isEqualTo(
              new Answer(
                  1,
                  """
                  Queue orders is paused.
                  Queue oders is not paused: check its name, or add --yes.
                  Queue oders has no jobs; similar: orders.
                  """,
                  ""));
      assertThat(store.admin().counts().queues()).hasSize(1);
      assertThat(store.run("pause", "oders", "--yes"))
          .isEqualTo(new Answer(0, "Queue oders is paused.\n", ""));
      assertThat(store.admin().counts().queues()).allMatch(counts -> counts.paused()).hasSize(2);
      assertThat(store.run("resume", "oders", "orders", "--json"))
          .isEqualTo(
              new Answer(
                  0,
                  """
                  {"queue":"oders","answer":"is no longer paused"}
                  {"queue":"orders","answer":"is no longer paused"}
                  """,
                  ""));
      assertThat(store.run("resume", "orders", "ordesr"))
          .isEqualTo(
              new Answer(
                  1,
                  """
                  Queue orders was not paused.
                  Queue ordesr is not paused: check its name.
                  Queue ordesr has no jobs; similar: orders.
                  """,
                  ""));
      assertThat(store.run("jobs", "--queue", "rders").out())
          .endsWith("Queue rders has no jobs; similar: orders.\n");
      store.claim("orders", "o1");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatHappensIsFollowed(Kind kind) throws Exception {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.enqueue("orders", "place", "o1");
      JobLease held = store.claim("orders", "o1");
      PipedWriter written = new PipedWriter();
      BufferedReader read = new BufferedReader(new PipedReader(written, 1 << 16));
      CommandLine program = LeaseCli.commandLine();
      program.setOut(new PrintWriter(written, true));
      List<String> line = List.of("tail", "--every", "100ms");
      Thread tail =
          new Thread(
              () ->
                  program.execute(
                      Stream.concat(line.stream(), store.options().stream())
                          .toArray(String[]::new)));
      tail.start();
      try {
        assertThat(read.readLine())
            .matches("20\\S+Z +RUNS +o1  orders  place  attempt 1  worker-1, [\\dhms ]+ left");
        store.settle(Settlement.retry(held, Duration.ofHours(1), "no tea\nat Shop"));
        assertThat(read.readLine()).contains("RETRIES", "o1", ": no tea").doesNotContain("at Shop");
        store.fail("orders", "place", "o2", "no\u001b milk");
        assertThat(read.readLine()).matches(".* (BEGINS|FAILED) +o2 .*");
      } finally {
        tail.interrupt();
        tail.join();
      }
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatALineDoesNotShowIsNotRead(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      String payload = "tea".repeat(1_000);
      store.enqueue(NewJob.builder("orders", "o1", "place", payload).build());
      store.claim("orders", "o1");

      assertThat(followed(store, false))
          .hasSize(2)
          .allMatch(job -> job.payload().length() < payload.length());
      assertThat(followed(store, true)).hasSize(2).allMatch(job -> job.payload().equals(payload));
    }
  }

  private static List<Job> followed(TestStore store, boolean isJson) {
    Output out = new Output(new PrintWriter(Writer.nullWriter()), isJson, 80);
    return TailCommand.jobs(new OpenStore(store.backend()), JobFilter.all(), out);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatOperatorsDoIsLogged(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.fail("orders", "place", "o1", "no tea");
      store.fail("orders", "place", "o2", "no tea");
      store.run("retry", "o1", "--by", "anna", "--reason", "tea is back", "--spread-over", "1h");
      store.run("change", "o1", "--priority", "9");
      store.run("delete", "--error", "tea", "--yes", "--by", "ben");
      store.run("pause", "orders", "--by", "ben", "--yes");

      assertThat(store.run("log", "orders", "--job", "o1").out())
          .containsPattern("anna +REQUEUE +orders +o1 +1 +due over PT1H +tea is back\n");
      assertThat(store.run("log").out().lines().map(line -> line.replaceAll(" +", " ")))
          .satisfiesExactly(
              heading -> assertThat(heading).isEqualTo("AT BY DID QUEUE JOB JOBS WHAT WHY"),
              pause -> assertThat(pause).matches("20\\S+Z ben PAUSE orders - 1 - -"),
              delete ->
                  assertThat(delete)
                      .matches("20\\S+Z ben DELETE orders - 2 state .+, error contains tea -"),
              change ->
                  assertThat(change).matches("20\\S+Z .+ CHANGE orders o1 1 priority 5 -> 9 -"),
              retry -> assertThat(retry).matches("20\\S+Z anna REQUEUE orders o1 1 .*"));
      assertThat(store.run("log", "orders", "--limit", "1").out())
          .endsWith("There are more: name a queue, or raise --limit (1).\n");
      JsonNode change = json(store.run("log", "orders", "--json")).get(2);
      assertThat(change.get("by").asString()).isEqualTo(System.getProperty("user.name"));
      assertThat(change.get("id").asString()).isEqualTo("o1");
      assertThat(store.run("log", "mail").code()).isEqualTo(1);
      assertThat(store.run("log", "--job", "o1").code()).isEqualTo(2);

      store.enqueue("orders", "place", "o3");
      store.run("cancel", "o3", "--by", "anna", "--reason", "sold out");
      assertThat(store.run("show", "o3").out())
          .containsPattern(
              "\nOperator {4}CANCEL by anna \\(sold out\\), 20\\S+Z \\(\\d+s ago\\)\n");
      assertThat(json(store.run("show", "o3", "--json")).get(0).get("actions")).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aJobThatAWorkerHoldsIsDeletedOnlyIfItsStateIsNamed(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.enqueue("orders", "place", "o1");
      store.claim("orders", "o1");
      store.enqueue("orders", "place", "o2");

      assertThat(store.run("delete", "--until", "0s", "--yes"))
          .isEqualTo(
              new Answer(
                  0,
                  "Jobs in PROCESSING are left out; --state names them.\n1 job was deleted.\n",
                  ""));
      assertThat(ids(store)).containsExactly("o1");
      assertThat(store.run("delete", "--queue", "orders", "--state", "processing", "--yes").out())
          .isEqualTo("1 job was deleted.\n");
      assertThat(ids(store)).isEmpty();
    }
  }

  @Tag("slow")
  @Test
  void manyJobsAreChangedInPiecesThatAreTold() {
    try (TestStore store = TestStore.open(Kind.SQLITE, directory)) {
      for (String third : List.of("a", "b", "c")) {
        store
            .queue()
            .enqueue(
                IntStream.range(0, 700)
                    .mapToObj(i -> NewJob.builder("orders", third + i, "place", "{}").build())
                    .toList());
      }
      assertThat(store.run("cancel", "--queue", "orders", "--yes").out())
          .matches("(?:\\d{4} so far\\.\n)+2100 jobs were cancelled\\.\n");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void theJobOfADeadWorkerIsToldApartWhenItIsCancelled(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.enqueue("orders", "place", "o1");
      store.queue().claim(ClaimRequest.of("orders", "dead", 1, Duration.ofMillis(1)));
      while (!JobText.isExpired(store.queue().find("orders", "o1").orElseThrow())) {
        Thread.onSpinWait();
      }
      assertThat(store.run("cancel", "o1").out())
          .isEqualTo(
              "o1 had a worker whose lease has expired; the next claim or reset that meets it cancels it.\n");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void noMoreJobsAreChangedThanExpected(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.enqueue("orders", "place", "o1", "o2", "o3");

      assertThat(store.run("delete", "--queue", "orders", "--expect", "2"))
          .isEqualTo(
              new Answer(
                  1, "3 jobs match, and at most 2 were expected. Nothing was changed.\n", ""));
      assertThat(ids(store)).hasSize(3);
      assertThat(store.run("delete", "--queue", "orders", "--expect", "2", "--json"))
          .isEqualTo(new Answer(1, "{\"dryRun\":true,\"jobs\":3}\n", ""));
      assertThat(store.run("delete", "--queue", "orders", "--expect", "3"))
          .isEqualTo(new Answer(0, "3 jobs were deleted.\n", ""));
      assertThat(store.run("delete", "o1", "--expect", "3").code()).isEqualTo(2);
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(Kind.class)
  void noMoreJobsArePurgedThanExpected(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.fail("orders", "place", "o1", "no");
      store.fail("orders", "place", "o2", "no");
      store.enqueue("orders", "place", "o3");

      String[] purge = {"purge", "orders", "--older-than", "0s", "--expect", "1"};
      assertThat(store.run(purge))
          .isEqualTo(
              new Answer(
                  1, "2 jobs match, and at most 1 was expected. Nothing was changed.\n", ""));
      assertThat(ids(store)).hasSize(3);
      purge[5] = "2";
      assertThat(store.run(purge)).isEqualTo(new Answer(0, "2 jobs were removed.\n", ""));
      assertThat(ids(store)).containsExactly("o3");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SQLITE")
  void jobsThatFinishMeanwhileStay(Kind kind) throws SQLException {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.fail("orders", "place", "o1", "no");
      store.fail("orders", "place", "o2", "no");
      addAtEachDelete(
          "finished_at, outcome, kept_until", "old.finished_at, old.outcome, old.kept_until");

      assertThat(store.run("purge", "orders", "--older-than", "0s", "--yes"))
          .isEqualTo(
              new Answer(
                  1,
                  """
                  2 jobs were removed.
                  More jobs match by now. They stay as they are; count them again.
                  """,
                  ""));
      assertThat(ids(store)).containsExactlyInAnyOrder("late-o1", "late-o2");
    }
  }

  @ParameterizedTest
  @EnumSource(names = "SQLITE")
  void jobsThatComeMeanwhileStay(Kind kind) throws SQLException {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.enqueue("orders", "place", "o1", "o2", "o3");
      addAtEachDelete("dedup_key", "null");

      assertThat(store.run("delete", "--queue", "orders", "--yes"))
          .isEqualTo(
              new Answer(
                  1,
                  """
                  3 jobs were deleted.
                  More jobs match by now. They stay as they are; count them again.
                  """,
                  ""));
      assertThat(ids(store)).containsExactlyInAnyOrder("late-o1", "late-o2", "late-o3");
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void jobsThatTheStoreRefusesAreCounted(Kind kind) {
    try (TestStore store = TestStore.open(kind, directory)) {
      store.enqueue(NewJob.builder("orders", "o1", "place", "{}").dedupKey("tea").build());
      store.settle(Settlement.failed(store.claim("orders", "o1"), "no tea"));
      store.enqueue(NewJob.builder("orders", "o2", "place", "{}").dedupKey("tea").build());
      store.settle(Settlement.failed(store.claim("orders", "o2"), "no tea"));
      store.fail("orders", "place", "o3", "no tea");

      assertThat(store.run("retry", "--queue", "orders", "--yes"))
          .isEqualTo(
              new Answer(
                  1,
                  """
                  2 jobs were retried.
                  1 of the 3 that were counted was not: changed meanwhile, or refused by the store. \
                  To see which stay, list them (lease jobs, with these conditions and --state); \
                  to see why, name one.
                  """,
                  ""));
      assertThat(store.run("retry", "--queue", "orders", "--expect", "5", "--json"))
          .isEqualTo(
              new Answer(1, "{\"dryRun\":false,\"jobs\":0,\"counted\":1,\"all\":false}\n", ""));
      assertThat(store.run("retry", "--queue", "orders", "--yes").out())
          .startsWith("0 jobs were retried.\n1 of the 1 that were counted was not: changed");
    }
  }

  /** Makes a new job from each one that is deleted. */
  private void addAtEachDelete(String columns, String values) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("jobs.db"));
        Statement statement = connection.createStatement()) {
      statement.execute(
          "create trigger late after delete on lease_job begin insert into lease_job"
              + " (queue, id, type, payload, headers, priority, due_at, max_crashes, created_at, "
              + columns
              + ") values (old.queue, 'late-' || old.id, old.type, '', old.headers, old.priority,"
              + " old.due_at, 3, old.created_at, "
              + values
              + "); end");
    }
  }

  private static JobState state(TestStore store, String id) {
    return store.queue().find("orders", id).orElseThrow().state();
  }

  private static List<JsonNode> json(Answer answer) {
    return answer.out().lines().map(JSON::readTree).toList();
  }
}
