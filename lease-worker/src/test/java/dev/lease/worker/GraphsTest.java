package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.GraphAnswer;
import dev.lease.GraphState;
import dev.lease.JobState;
import dev.lease.OnFailure;
import dev.lease.StoreException;
import dev.lease.worker.JobEvent.End;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Graphs on real stores, and what the handlers of their jobs see. */
@ParameterizedClass(name = "{0}")
@EnumSource(names = {"JDBC", "POSTGRESQL"})
@SuppressWarnings("NullAway.Init") // Set before each test.
class GraphsTest {

  private static final JobType<String> LOAD = JobType.of("reports", "load", String.class);
  private static final JobType.Returning<Integer, Integer> COUNT =
      JobType.of("reports", "count", Integer.class).returning(Integer.class);
  private static final JobType<String> SUM = JobType.of("reports", "sum", String.class);

  @Parameter Store store;

  private Backend backend;
  private FaultyGraphs graphs;
  private Worker.Builder builder;
  private JobClient client;
  private final List<String> ran = new CopyOnWriteArrayList<>();
  private final Logs logs = new Logs();

  @BeforeEach
  void open() {
    backend = store.open(store.newModule());
    graphs = new FaultyGraphs(backend.jobGraphs());
    Backend faulty = BackendView.of(backend).withJobGraphs(graphs);
    client = JobClient.of(faulty);
    builder =
        Worker.builder(faulty)
            .config(WorkerFixture.config().concurrency(4).lookAhead(10).build())
            .handle(LOAD, (day, context) -> ran.add(context.jobId()))
            .handle(COUNT, this::count)
            .handle(SUM, this::sum, WorkerFixture.patient());
  }

  @AfterEach
  void close() {
    backend.close();
    logs.close();
  }

  private Integer count(Integer number, JobContext context) {
    ran.add(context.jobId());
    if (number < 0) {
      throw Outcome.fail().because("less than nothing");
    }
    return number;
  }

  private void sum(String day, JobContext context) {
    ran.add(context.jobId());
    context.result(
        context
            .parents()
            .filter(parent -> parent.part().equals("count"))
            .mapToInt(parent -> parent.result(COUNT).orElse(1_000))
            .sum());
  }

  private static List<Integer> numbers(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  private int sum(String graph) {
    return client.find(SUM, graph + "/sum/0").orElseThrow().result(Integer.class).orElseThrow();
  }

  private JobState state(String id) {
    return backend.jobQueue().find("reports", id).orElseThrow().state();
  }

  private JobGraph report(String id, List<Integer> numbers, OnFailure onFailure) {
    return client
        .graph(id, "reports")
        .add("load", LOAD, "monday")
        .addAll("count", COUNT, numbers)
        .after("load")
        .add("sum", SUM, "monday")
        .after("count")
        .onFailure(onFailure);
  }

  @Test
  @DisplayName("Q73 a worker runs each job once, and the last one sums up what all others returned")
  void fanOutFanIn() {
    client.enqueue(report("r", numbers(250), OnFailure.CANCEL));
    try (Worker worker = builder.build()) {
      worker.start();
      WorkerFixture.eventually(() -> state("r/sum/0").isFinished());
    }
    assertThat(sum("r")).isEqualTo(250 * 249 / 2);
    assertThat(ran).hasSize(252).doesNotHaveDuplicates().startsWith("r/load/0").endsWith("r/sum/0");
    assertThat(graphs.find("reports", "r").map(GraphState::left)).contains(0);
  }

  @Test
  @DisplayName("Q75 Q77 what a job sees of its parents, by what becomes of it when they fail")
  void failures() {
    for (OnFailure onFailure : OnFailure.values()) {
      client.enqueue(report(onFailure.name(), List.of(1, -1, 3), onFailure));
    }
    TestWorker.of(builder).drain();
    assertThat(state("CANCEL/sum/0")).isEqualTo(JobState.CANCELLED);
    assertThat(sum("RUN")).isEqualTo(1_004);
    assertThat(sum("IGNORE")).isEqualTo(4);
  }

  @Test
  @DisplayName("Q77 a parent has its part, state, result and error, and its type is checked")
  void parents() {
    List<ParentJob> seen = new ArrayList<>();
    TestWorker worker =
        TestWorker.of(
            builder.handle(
                COUNT.in("others"),
                (number, context) -> {
                  context.parents().forEach(seen::add);
                  return number;
                }));
    JobType.Returning<Integer, Integer> count = COUNT.in("others");
    TestedAttempt attempt =
        worker
            .job(count, 7)
            .parent("count", count, 1, 11)
            .failedParent("count", count, -1, "less than nothing")
            .parent("load", LOAD.in("others"), "monday", null)
            .attempt(2)
            .run();
    assertThat(attempt.end()).isEqualTo(End.SUCCEEDED);
    assertThat(attempt.attempt()).isEqualTo(2);
    assertThat(seen).extracting(ParentJob::part).containsExactly("count", "count", "load");
    assertThat(seen)
        .extracting(ParentJob::state)
        .containsExactly(JobState.DONE, JobState.FAILED, JobState.DONE);
    assertThat(seen.get(0).result(count)).contains(11);
    assertThat(seen.get(0).result(Integer.class)).contains(11);
    assertThat(seen.get(0).result(new TypeReference<Integer>() {})).contains(11);
    assertThat(seen.get(1).result(count)).isEmpty();
    assertThat(seen.get(1).error()).isEqualTo("less than nothing");
    assertThat(seen.get(2).result(String.class)).isEmpty();
    assertThat(seen.get(2).job().type()).isEqualTo("load");
    assertThat(seen.get(2)).hasToString("load " + seen.get(2).id() + " of queue others, DONE");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> seen.get(2).result(count))
        .withMessageContainingAll(seen.get(2).id(), "type count", "was of type load");
  }

  @Test
  @DisplayName("Q77 W38 parents are read in pages, as far as a handler looks; a job alone has none")
  void pages() {
    client.enqueue(report("r", numbers(250), OnFailure.CANCEL));
    AtomicInteger seen = new AtomicInteger();
    builder.handle(
        SUM.in("others"), (day, context) -> seen.addAndGet((int) context.parents().count()));
    TestWorker worker = TestWorker.of(builder);
    worker.drain();
    assertThat(graphs.pages).hasSize(3);
    assertThat(worker.run(SUM.in("others"), "alone").end()).isEqualTo(End.SUCCEEDED);
    assertThat(seen).hasValue(0);

    graphs.pages.clear();
    worker =
        TestWorker.of(
            Worker.builder(BackendView.of(backend).withJobGraphs(graphs))
                .handle(
                    SUM,
                    (day, context) -> context.result(context.parents().findFirst().isPresent())));
    assertThat(worker.job(SUM, "first").parent("count", COUNT, 1, 1).run().result(Boolean.class))
        .contains(true);
    assertThat(graphs.pages).containsExactly("null");
  }

  @Test
  @DisplayName(
      "W38 a store that does not answer is asked again for the parents, until told to stop")
  void outage() {
    AtomicInteger failures = new AtomicInteger(2);
    graphs.onParents =
        call -> {
          if (failures.getAndDecrement() > 0) {
            throw StoreException.notDone("down", null);
          }
          return call.get();
        };
    TestWorker worker = TestWorker.of(builder);
    TestedAttempt attempt = worker.job(SUM, "monday").parent("count", COUNT, 1, 11).run();
    assertThat(attempt.result(Integer.class)).contains(11);
    assertThat(logs.at(Level.WARN)).anyMatch(line -> line.contains("Could not read the parents"));

    failures.set(Integer.MAX_VALUE);
    attempt = worker.job(SUM, "monday").parent("count", COUNT, 1, 11).stopping().run();
    assertThat(attempt.end()).isEqualTo(End.RELEASED);
  }

  @Test
  @DisplayName("a firing of a schedule makes one graph, also if its worker dies between pieces")
  void schedule() {
    JobType<Integer> nightly = JobType.of("reports", "nightly", Integer.class);
    builder
        .handle(
            nightly,
            (shops, context) -> {
              ran.add(context.jobId());
              client.enqueue(report(context.jobId(), numbers(shops), OnFailure.CANCEL));
            },
            RetryPolicy.fixed(Duration.ZERO))
        .schedule(Schedule.every("nightly", nightly, 1_500, WorkerFixture.FAR));
    TestWorker worker = TestWorker.of(builder);
    Schedules.of(backend).runNow("reports", "nightly", "by hand");
    graphs.onAdd =
        call -> {
          if (graphs.pieces.size() == 2) {
            throw StoreException.notDone("down", null);
          }
          return call.get();
        };
    worker.drain();
    String firing = ran.get(0);
    assertThat(ran).startsWith(firing, firing, firing + "/load/0").endsWith(firing + "/sum/0");
    assertThat(ran).hasSize(1_504);
    assertThat(sum(firing)).isEqualTo(1_500 * 1_499 / 2);
    assertThat(worker.client().enqueue(report(firing, numbers(5), OnFailure.CANCEL)).kind())
        .isEqualTo(GraphAnswer.Kind.COMPLETE);
  }
}
