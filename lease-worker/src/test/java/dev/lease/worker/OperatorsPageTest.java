package dev.lease.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.GraphState;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobGraphs;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobState;
import dev.lease.Lease;
import dev.lease.LeasePage;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.PartPage;
import dev.lease.PartState;
import dev.lease.Requeueing;
import dev.lease.Settlement;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The page docs/operators.md shows code that compiles and does what it says. */
class OperatorsPageTest {

  private final ManualClock clock = new ManualClock();
  private final InMemoryBackend backend = new InMemoryBackend(clock);
  private final List<String> printed = new ArrayList<>();
  private final JobFilter failed =
      JobFilter.all().inQueue("orders").ofType("place-order").inState(JobState.FAILED);

  private void println(String line) {
    printed.add(line);
  }

  private void enqueue(String id, Due due) {
    backend
        .jobQueue()
        .enqueue(List.of(NewJob.builder("orders", id, "place-order", "{}").due(due).build()));
  }

  private void haveFailed(int jobs) {
    for (int i = 0; i < jobs; i++) {
      enqueue("order-" + i, Due.now());
      ClaimedJob job =
          backend
              .jobQueue()
              .claim(ClaimRequest.of("orders", "w", 1, Duration.ofMinutes(1)))
              .jobs()
              .get(0);
      clock.advance(Duration.ofSeconds(1));
      backend.jobQueue().settle(List.of(Settlement.failed(job.lease(), "no such product\n  at")));
    }
  }

  private JobState state(String id) {
    return backend.jobQueue().find("orders", id).orElseThrow().state();
  }

  private long count(JobState state) {
    return backend.jobAdmin().count(JobFilter.all().inState(state), 10_000).jobs();
  }

  @Test
  @DisplayName("it lists failed jobs, the last one first, page by page")
  void list() throws IOException {
    haveFailed(120);
    // shown: list
    JobAdmin admin = backend.jobAdmin();
    JobFilter failed =
        JobFilter.all().inQueue("orders").ofType("place-order").inState(JobState.FAILED);
    JobQuery query = JobQuery.of(failed).order(JobOrder.LAST_FINISHED_FIRST).limit(50);
    JobPage page;
    do {
      page = admin.list(query);
      for (Job job : page.jobs()) {
        println(job.finishedAt() + " " + job.id() + ": " + job.error());
      }
      query = query.after(page.next());
    } while (page.next() != null);
    // end
    assertThat(printed).hasSize(120);
    assertThat(printed.get(0)).contains(" order-119: no such product");
    shown("list");
  }

  @Test
  @DisplayName(
      "it deletes no more jobs than it has counted, also if that is more than a piece, or 0")
  void delete() throws IOException {
    haveFailed(1_500);
    delete(backend.jobAdmin());
    assertThat(printed).containsExactly("deleted 1500 of 1500");
    delete(backend.jobAdmin());
    assertThat(printed).containsExactly("deleted 1500 of 1500", "deleted 0 of 0");
    assertThat(count(JobState.FAILED)).isZero();
    assertThat(Files.readString(PAGE, UTF_8)).contains("JobFilter failed =");
    shown("delete");
  }

  private void delete(JobAdmin admin) {
    // shown: delete
    JobAdmin ann = admin.by(Operator.of("ann", "ticket 17"));
    long counted = admin.count(failed, 5_000).jobs(); // stops counting at 5,000
    long left = counted;
    String next = null;
    while (left > 0) {
      JobPiece piece = ann.delete(failed, next, (int) Math.min(left, 1_000));
      left -= piece.changed();
      next = piece.next();
      if (next == null) {
        break; // no more jobs match
      }
    }
    println("deleted " + (counted - left) + " of " + counted);
    // end
  }

  @Test
  @DisplayName("it requeues all failed jobs, spread over a time")
  void requeue() throws IOException {
    haveFailed(1_001);
    JobAdmin ann = backend.jobAdmin().by(Operator.of("ann", "ticket 17"));
    // shown: requeue
    Requeueing how = Requeueing.spreadOver(Duration.ofMinutes(10));
    String next = null;
    do {
      JobPiece piece = ann.requeue(failed, how, next, 1_000);
      next = piece.next();
    } while (next != null);
    // end
    assertThat(count(JobState.PENDING)).isEqualTo(1_001);
    assertThat(ann.list(JobQuery.of(JobFilter.all())).jobs())
        .extracting(Job::dueAt)
        .doesNotHaveDuplicates();
    shown("requeue");
  }

  @Test
  @DisplayName("it acts on one job")
  void one() throws IOException {
    haveFailed(1);
    enqueue("order-17", Due.after(Duration.ofHours(1)));
    enqueue("order-18", Due.now());
    enqueue("order-19", Due.now());
    JobAdmin ann = backend.jobAdmin().by(Operator.of("ann", "ticket 17"));
    // shown: one
    ann.change("orders", "order-17", JobChange.runNow()); // CHANGED, or why not
    ann.requeue("orders", "order-0"); // REQUEUED, or why not
    ann.cancel("orders", "order-18"); // CANCELLED if it waited, REQUESTED if it runs
    ann.delete("orders", "order-19"); // false if there is no such job
    ann.pause("orders"); // claims get nothing, until ann.resume("orders")
    // end
    assertThat(backend.jobQueue().find("orders", "order-17").orElseThrow().dueAt())
        .isEqualTo(clock.instant());
    assertThat(state("order-0")).isEqualTo(JobState.PENDING);
    assertThat(state("order-18")).isEqualTo(JobState.CANCELLED);
    assertThat(backend.jobQueue().find("orders", "order-19")).isEmpty();
    assertThat(
            backend
                .jobQueue()
                .claim(ClaimRequest.of("orders", "w", 9, Duration.ofMinutes(1)))
                .jobs())
        .isEmpty();
    assertThat(backend.jobAdmin().actions(ActionQuery.all()).actions())
        .extracting(OperatorAction::kind)
        .containsExactly(
            OperatorAction.Kind.PAUSE,
            OperatorAction.Kind.DELETE,
            OperatorAction.Kind.CANCEL,
            OperatorAction.Kind.REQUEUE,
            OperatorAction.Kind.CHANGE);
    shown("one");
  }

  @Test
  @DisplayName("it reads how far a graph is")
  void graph() throws IOException {
    JobType<String> type = JobType.of("reports", "count", String.class);
    JobClient client = JobClient.of(backend);
    client.enqueue(
        client
            .graph("report-7", "reports")
            .add("load", type, "x")
            .addAll("count", type, List.of("y", "z"))
            .after("load"));
    // shown: graph
    JobGraphs graphs = backend.jobGraphs();
    GraphState graph = graphs.find("reports", "report-7").orElseThrow();
    println(graph.left() + " of " + graph.jobs() + " jobs are left");
    PartPage page;
    String after = null;
    do {
      page = graphs.parts("reports", "report-7", after, 100);
      for (PartState part : page.parts()) {
        println(part.part().name() + ": " + part.failed() + " of " + part.jobs() + " failed");
      }
      after = page.next();
    } while (after != null);
    // end
    assertThat(printed)
        .containsExactly("3 of 3 jobs are left", "load: 0 of 1 failed", "count: 0 of 2 failed");
    shown("graph");
  }

  @Test
  @DisplayName("it reads who did what, and removes old records")
  void actions() throws IOException {
    JobAdmin admin = backend.jobAdmin();
    admin.by(Operator.of("ann", "ticket 17")).pause("orders");
    // shown: actions
    ActionQuery query = ActionQuery.inQueue("orders"); // or all(), or ofJob("orders", "order-17")
    ActionPage page;
    do {
      page = admin.actions(query);
      for (OperatorAction act : page.actions()) {
        println(act.at() + " " + act.operator().name() + " " + act.kind() + " " + act.what());
      }
      query = query.after(page.next());
    } while (page.next() != null);
    // end
    assertThat(printed).singleElement().asString().contains(" ann PAUSE ");
    clock.advance(Duration.ofDays(31));
    // shown: purge
    while (admin.purgeActions("orders", Duration.ofDays(30), 1_000) == 1_000) {
      // There may be more.
    }
    // end
    assertThat(admin.actions(ActionQuery.all()).actions()).isEmpty();
    shown("actions");
    shown("purge");
  }

  @Test
  @DisplayName("it reads the reports of workers, and the named leases")
  void leases() throws IOException {
    backend.leaseStore().acquire("nightly-report", "shop1", Duration.ofMinutes(1));
    // shown: reports
    for (WorkerReport worker : WorkerReports.read(backend).reports()) {
      println(worker.worker() + " on " + worker.host() + ": " + worker.status());
    }
    // end
    // shown: leases
    LeaseStore leases = backend.leaseStore();
    LeasePage page;
    String after = null;
    do {
      page = leases.list("nightly-", after, 100);
      for (Lease lease : page.leases()) {
        println(lease.name() + " is held by " + lease.owner() + " for " + lease.remaining());
      }
      after = page.next();
    } while (after != null);
    // end
    assertThat(printed).containsExactly("nightly-report is held by shop1 for PT1M");
    shown("reports");
    shown("leases");
  }

  private static final Path PAGE = Path.of("docs/operators.md");

  /** The page has the lines of this file between two marks. */
  private static void shown(String name) throws IOException {
    String lines =
        Files.readString(Path.of("src/test/java/dev/lease/worker/OperatorsPageTest.java"), UTF_8)
            .lines()
            .dropWhile(line -> !line.equals("    // shown: " + name))
            .skip(1)
            .takeWhile(line -> !line.equals("    // end"))
            .collect(Collectors.joining("\n"))
            .stripIndent()
            .replace("println(", "System.out.println(");
    assertThat(Files.readString(PAGE, UTF_8)).contains("```java\n" + lines + "\n```");
  }
}
