package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import dev.lease.ActionPage;
import dev.lease.ActionQuery;
import dev.lease.Backend;
import dev.lease.BackendView;
import dev.lease.Capability;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.Job;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobPiece;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Operator;
import dev.lease.OperatorAction;
import dev.lease.Settlement;
import dev.lease.StoreCounts;
import dev.lease.StoreException;
import dev.lease.router.QueueRouter;
import dev.lease.testkit.InMemoryBackend;
import dev.lease.worker.metrics.QueueMetrics;
import dev.lease.worker.metrics.SoonQueueMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a router makes of several stores; what it makes of one queue is in the kit. */
class QueueRouterTest {

  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final List<String> QUEUES = List.of("east-1", "west-1", "orders", "east-2");

  private final RoutedFiles files = new RoutedFiles(LEASE, LEASE);
  private final JobQueue jobs = files.router.jobQueue();
  private final JobAdmin admin = files.router.jobAdmin();

  @AfterEach
  void close() {
    files.close();
  }

  private static NewJob job(String queue, String id) {
    return NewJob.builder(queue, id, "type", "payload").build();
  }

  /** A job of each queue and number, one after the other. */
  private static List<NewJob> jobs(int each) {
    return IntStream.range(0, each)
        .boxed()
        .flatMap(i -> QUEUES.stream().map(queue -> job(queue, "job-" + i)))
        .toList();
  }

  private static String id(Job job) {
    return job.queue() + " " + job.id();
  }

  private static List<String> ids(List<NewJob> jobs) {
    return jobs.stream().map(job -> job.queue() + " " + job.id()).toList();
  }

  private static List<JobLease> claimed(JobQueue jobs) {
    return QUEUES.stream()
        .flatMap(
            queue -> jobs.claim(ClaimRequest.of(queue, "worker", 1_000, LEASE)).jobs().stream())
        .map(ClaimedJob::lease)
        .toList();
  }

  // The map

  @Test
  @DisplayName("a queue is in the store that names it, else in that of the longest pattern")
  void map() {
    try (Backend one = memory();
        Backend two = memory();
        Backend three = memory();
        Backend router =
            QueueRouter.builder()
                .store("one", one, "*", "mail-eu-1")
                .store("two", two, "mail-*")
                .store("three", three, "mail-eu*")
                .leases("one")
                .build()) {
      assertThat(List.of("orders", "mail-us", "mail-eu", "mail-eu-1", "mail-eu-10", "mail"))
          .extracting(router::storeOf)
          .containsExactly("one", "two", "three", "one", "three", "one");
    }
  }

  private static Backend memory() {
    return new InMemoryBackend(InstantSource.system());
  }

  @ParameterizedTest
  @ValueSource(strings = {"mail", "orders-*", "a*b", "*a", ""})
  @DisplayName("a queue that is in two stores, or is none, is refused")
  void badQueues(String queue) {
    try (Backend one = memory();
        Backend two = memory()) {
      QueueRouter.Builder builder =
          QueueRouter.builder().store("one", one, "*", "mail", "orders-*").leases("one");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> builder.store("two", two, "letters", queue))
          .withMessageStartingWith("queue must");
      assertThat(builder.build().storeOf("letters")).as("after a refusal").isEqualTo("one");
    }
  }

  @Test
  @DisplayName("two stores of one name, a map with holes, and leases without a store are refused")
  void badMaps() {
    try (Backend store = memory()) {
      QueueRouter.Builder holes = QueueRouter.builder().store("one", store, "a*").leases("one");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> holes.store("one", store, "b"))
          .withMessageContaining("twice one");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> holes.store("two", store, "b"))
          .withMessageContaining("given twice");
      assertThatIllegalStateException()
          .isThrownBy(holes::build)
          .withMessageContaining("the pattern \"*\"");
      QueueRouter.Builder rest = QueueRouter.builder().store("one", store, "*");
      assertThatIllegalStateException().isThrownBy(rest::build).withMessageContaining("was null");
      assertThatIllegalArgumentException()
          .isThrownBy(rest.leases("two")::build)
          .withMessageContaining("one of [one], was two");
    }
  }

  @Test
  @DisplayName("it can do what all stores can, but for leases, which are in one")
  void capabilities() {
    try (Backend whole = memory()) {
      Backend poor = Parts.of(whole.jobQueue());
      Backend router =
          QueueRouter.builder()
              .store("poor", poor, "*")
              .store("whole", whole, "a*")
              .leases("whole")
              .build();
      assertThat(router.capabilities())
          .isEqualTo(Set.of(Capability.JOBS, Capability.LEASES, Capability.NOTES));
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(router::jobAdmin)
          .withMessageContaining("ADMIN");
      List<NewJob> batch =
          List.of(job("b", "1"), NewJob.builder("a", "2", "type", "").key("key").build());
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> router.jobQueue().enqueue(batch));
      assertThat(whole.jobAdmin().counts().queues()).isEmpty();
    }
  }

  @Test
  @DisplayName("L04 routers with different maps never give one name twice")
  void names() {
    QueueRouter other =
        QueueRouter.builder()
            .store("north", files.north, "east*")
            .store("east", files.east, "*")
            .leases("north")
            .build();
    String name = "east-leader";
    assertThat(files.router.leaseStore().acquire(name, "one", LEASE)).isPresent();
    assertThat(other.leaseStore().acquire(name, "two", LEASE)).isEmpty();
  }

  // Batches

  @Test
  @DisplayName("Q04 a batch of several stores is answered in its order")
  void batches() {
    List<NewJob> batch = jobs(3);
    assertThat(jobs.enqueue(batch))
        .isEqualTo(batch.stream().map(job -> Enqueued.of(job.id(), true)).toList());
    assertThat(jobs.enqueue(batch)).allMatch(answer -> !answer.created());
    assertThat(count(files.east)).isEqualTo(6);
    assertThat(count(files.west)).isEqualTo(3);
    assertThat(count(files.north)).isEqualTo(3);

    List<JobLease> held = claimed(jobs);
    JobLease gone = held.get(4);
    assertThat(admin.delete(gone.queue(), gone.jobId())).isTrue();
    List<Extension> extensions = jobs.extend(held, LEASE);
    assertThat(extensions.get(4)).isEqualTo(Extension.lost());
    assertThat(extensions).filteredOn(Extension.Held.class::isInstance).hasSize(11);
    List<Settlement.Result> results =
        jobs.settle(held.stream().<Settlement>map(Settlement::done).toList());
    assertThat(results.get(4)).isEqualTo(Settlement.Result.LOST);
    assertThat(results).filteredOn(Settlement.Result.ACCEPTED::equals).hasSize(11);
  }

  private static long count(Backend store) {
    return store.jobAdmin().count(JobFilter.all(), 1_000).jobs();
  }

  @Test
  @DisplayName(
      "Q39 of a batch with a store that is gone the others do theirs; repeated, it is safe")
  void batchWithoutStore() {
    jobs.enqueue(jobs(1));
    List<JobLease> held = claimed(jobs);
    files.west.close();

    StoreException enqueue =
        catchThrowableOfType(StoreException.class, () -> jobs.enqueue(jobs(2)));
    assertThat(enqueue).hasMessageContaining("west").extracting("outcomeUnknown").isEqualTo(true);
    assertThat(count(files.east) + count(files.north)).isEqualTo(6);
    assertThat(jobs.enqueue(List.of(job("east-1", "job-1"))).get(0).created()).isFalse();

    assertThat(jobs.extend(held, LEASE))
        .satisfiesExactly(
            east -> assertThat(east).isInstanceOf(Extension.Held.class),
            west -> assertThat(west).isEqualTo(Extension.busy()),
            north -> assertThat(north).isInstanceOf(Extension.Held.class),
            east -> assertThat(east).isInstanceOf(Extension.Held.class));

    List<Settlement> done = held.stream().<Settlement>map(Settlement::done).toList();
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> jobs.settle(done))
        .withMessageContaining("west")
        .matches(StoreException::isOutcomeUnknown);
    assertThat(files.east.jobAdmin().count(JobFilter.all().inState(JobState.DONE), 9).jobs())
        .isEqualTo(2);
  }

  @Test
  @DisplayName("L22 a call that concerns only a store that is gone fails, and is not done")
  void onlyMissing() {
    files.west.close();
    assertThatExceptionOfType(StoreException.class)
        .isThrownBy(() -> jobs.claim(ClaimRequest.of("west-1", "worker", 1, LEASE)))
        .withMessageContaining("west")
        .matches(failure -> !failure.isOutcomeUnknown());
    files.east.close();
    files.north.close();
    for (var call : List.<Runnable>of(admin::counts, () -> admin.count(JobFilter.all(), 9))) {
      assertThatExceptionOfType(StoreException.class)
          .isThrownBy(call::run)
          .withMessageContainingAll("east", "west", "north");
    }
  }

  @Test
  @DisplayName("L31 for a store that hangs the others wait as long as it says, and no longer")
  void hanging() {
    try (var soon = new RoutedFiles(Duration.ofSeconds(1), LEASE)) {
      JobQueue jobs = soon.router.jobQueue();
      jobs(1).forEach(job -> jobs.enqueue(List.of(job)));
      List<JobLease> held = claimed(jobs);
      soon.hanging.begin(EnumSet.allOf(Hang.Call.class), name -> true, Hang.Fault.NEVER);

      StoreCounts counts = soon.router.jobAdmin().counts();
      assertThat(counts.missing()).contains("west");
      assertThat(jobs.extend(held, LEASE).get(1)).isEqualTo(Extension.busy());
      assertThatExceptionOfType(StoreException.class)
          .isThrownBy(() -> jobs.enqueue(jobs(2)))
          .matches(StoreException::isOutcomeUnknown);
      assertThat(soon.hanging.lost()).isEqualTo(3);
    }
  }

  @Test
  @DisplayName("Q55 a result is awaited while the store that has the hints hangs")
  void awaitWithoutHints() throws Exception {
    JobType<String> type = JobType.of("east-1", "text", String.class);
    // Queues that no store names have the hints too.
    QueueRouter router =
        QueueRouter.builder()
            .store("east", files.east, "east*")
            .store("rest", files.hanging, "*")
            .leases("east")
            .build();
    JobClient client = JobClient.builder(router).finishHints().build();
    client.enqueue(client.job(type, "job", "").build());
    files.hanging.begin(EnumSet.allOf(Hang.Call.class), name -> true, Hang.Fault.NEVER);
    CompletableFuture<JobState> awaited = new CompletableFuture<>();
    var thread =
        new Thread(
            () -> {
              try {
                awaited.complete(client.await(type, "job", Duration.ofMinutes(1)).state());
              } catch (Exception e) {
                awaited.completeExceptionally(e);
              }
            });
    thread.start();
    WorkerFixture.eventually(() -> files.hanging.caught() > 0);

    ClaimRequest request = ClaimRequest.of("east-1", "worker", 1, LEASE);
    jobs.settle(List.of(Settlement.done(jobs.claim(request).jobs().get(0).lease())));
    assertThat(awaited.get()).isEqualTo(JobState.DONE);
    thread.join();
  }

  @Test
  @DisplayName("queues of a store that does not answer are not measured, and the log says so once")
  void metricsWithoutStore() {
    jobs.enqueue(jobs(1));
    var registry = new SimpleMeterRegistry();
    QueueMetrics metrics = SoonQueueMetrics.start(registry, files.router);
    try (Logs logs = new Logs()) {
      WorkerFixture.eventually(() -> registry.find("lease.queue.oldest").gauges().size() == 4);
      files.west.close();
      WorkerFixture.eventually(() -> registry.find("lease.queue.oldest").gauges().size() == 3);
      assertThat(registry.find("lease.queue.oldest").tag("queue", "west-1").gauge()).isNull();
      assertThat(logs.at(Level.WARN))
          .filteredOn(line -> line.contains("cannot be counted"))
          .singleElement()
          .asString()
          .contains("The queues of west cannot be counted");
    } finally {
      metrics.close();
    }
  }

  // Lists

  @ParameterizedTest
  @EnumSource(value = JobOrder.class, mode = EnumSource.Mode.EXCLUDE, names = "UNKNOWN")
  @DisplayName("Q48 Q85 a list of all stores is in order, and has each job once")
  void lists(JobOrder order) {
    List<NewJob> all = jobs(7);
    all.forEach(job -> jobs.enqueue(List.of(job)));
    // One after the other, so that the order in which they finish runs through the stores.
    for (int i = 0; i < 7; i++) {
      for (String queue : List.of("orders", "east-2", "west-1", "east-1")) {
        ClaimedJob claimed = jobs.claim(ClaimRequest.of(queue, "worker", 1, LEASE)).jobs().get(0);
        jobs.settle(List.of(Settlement.done(claimed.lease())));
      }
    }
    JobQuery query = JobQuery.of(JobFilter.all()).order(order).limit(5);
    List<Job> listed = new ArrayList<>();
    String after = null;
    do {
      JobPage page = admin.list(query.after(after));
      assertThat(page.missing()).isEmpty();
      assertThat(page.jobs()).hasSizeLessThanOrEqualTo(5);
      listed.addAll(page.jobs());
      after = page.next();
    } while (after != null);
    assertThat(listed)
        .extracting(QueueRouterTest::id)
        .containsExactlyInAnyOrderElementsOf(ids(all));
    Comparator<Job> oldest = Comparator.comparing(Job::createdAt);
    assertThat(listed)
        .isSortedAccordingTo(
            switch (order) {
              case NEWEST_FIRST -> oldest.reversed();
              case LAST_FINISHED_FIRST -> Comparator.comparing(Job::finishedAt).reversed();
              default -> oldest;
            });
  }

  @Test
  @DisplayName("L22 a list is no empty page if all stores fail after their first answer")
  void listFailsLater() {
    try (Backend router =
        QueueRouter.builder()
            .store("one", listsOnce(memory()), "one")
            .store("two", listsOnce(memory()), "*")
            .leases("one")
            .build()) {
      for (int i = 0; i < 3; i++) {
        router.jobQueue().enqueue(List.of(job("one", "job-" + i)));
        router.jobQueue().enqueue(List.of(job("two", "job-" + i)));
      }
      assertThatExceptionOfType(StoreException.class)
          .isThrownBy(() -> router.jobAdmin().list(JobQuery.of(JobFilter.all()).limit(3)))
          .withMessageContainingAll("one", "two");
    }
  }

  private static Backend listsOnce(Backend store) {
    var lists = new AtomicInteger();
    JobAdmin admin =
        (JobAdmin)
            Proxy.newProxyInstance(
                JobAdmin.class.getClassLoader(),
                new Class<?>[] {JobAdmin.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("list") && lists.incrementAndGet() > 1) {
                    throw StoreException.notDone("no answer", null);
                  }
                  return method.invoke(store.jobAdmin(), arguments);
                });
    return BackendView.of(store).withJobAdmin(admin);
  }

  @Test
  @DisplayName("Q86 a list goes on without a store that does not answer, and each page says so")
  void listWithoutStore() {
    jobs.enqueue(jobs(4));
    // Fewer than the west has, so that it has not ended with the first page.
    JobQuery query = JobQuery.of(JobFilter.all()).limit(3);
    JobPage first = admin.list(query);
    assertThat(first.missing()).isEmpty();
    files.west.close();
    List<Job> rest = new ArrayList<>();
    for (String after = first.next(); after != null; ) {
      JobPage page = admin.list(query.after(after));
      assertThat(page.missing()).containsExactly("west");
      rest.addAll(page.jobs());
      after = page.next();
    }
    List<String> listed = new ArrayList<>(first.jobs().stream().map(QueueRouterTest::id).toList());
    rest.forEach(job -> listed.add(id(job)));
    assertThat(listed)
        .doesNotHaveDuplicates()
        .containsAll(ids(jobs(4)).stream().filter(id -> !id.startsWith("west")).toList());
  }

  @Test
  @DisplayName("a cursor of other stores, or of none, is refused")
  void foreignCursors() {
    jobs.enqueue(jobs(2));
    JobQuery query = JobQuery.of(JobFilter.all()).limit(1);
    String next = Objects.requireNonNull(admin.list(query).next());
    QueueRouter other = QueueRouter.builder().store("east", files.east, "*").leases("east").build();
    for (String bad : List.of("", "x", next + "~", next.substring(1), "ZWFzdA.~", "ZWFzdA=~")) {
      assertThatIllegalArgumentException()
          .as(bad)
          .isThrownBy(() -> admin.list(query.after(bad)))
          .withMessageContaining("must come from a page");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> other.jobAdmin().list(query.after(next)))
        .withMessageContaining("must come from a page");
  }

  @Test
  @DisplayName(
      "Q58 Q92 a call by a filter goes from store to store, and passes over one that is gone")
  void byFilter() {
    jobs.enqueue(jobs(3));
    JobAdmin anna = admin.by(Operator.of("anna", "a test"));
    JobPiece piece = anna.cancel(JobFilter.all(), null, 4);
    assertThat(piece.changed()).isEqualTo(4);
    files.west.close();
    int changed = piece.changed();
    while (piece.next() != null) {
      piece = anna.cancel(JobFilter.all(), piece.next(), 4);
      changed += piece.changed();
    }
    assertThat(piece.missing()).containsExactly("west");
    assertThat(changed).isEqualTo(9);

    ActionPage actions = admin.actions(ActionQuery.all().limit(2));
    assertThat(actions.missing()).containsExactly("west");
    List<OperatorAction> acts = new ArrayList<>(actions.actions());
    while (actions.next() != null) {
      actions = admin.actions(ActionQuery.all().limit(2).after(actions.next()));
      acts.addAll(actions.actions());
    }
    assertThat(acts)
        .isSortedAccordingTo(Comparator.comparing(OperatorAction::at).reversed())
        .extracting(OperatorAction::queue)
        .contains("east-1", "east-2", "orders")
        .doesNotContain("west-1");
  }

  @Test
  @DisplayName("jobs that an earlier map has left are counted with their queue")
  void left() {
    files.north.jobQueue().enqueue(List.of(job("east-1", "left")));
    jobs.enqueue(jobs(1));
    assertThat(admin.counts().queue("east-1").orElseThrow().count(JobState.PENDING)).isEqualTo(2);
    assertThat(admin.counts().queues()).hasSize(4);
    assertThat(jobs.claim(ClaimRequest.of("east-1", "worker", 9, LEASE)).jobs()).hasSize(1);
  }

  @Test
  @DisplayName("L26 to close a router closes its stores")
  void closing() {
    QueueRouter router =
        QueueRouter.builder()
            .store("east", files.east, "east*")
            .store("north", files.north, "*")
            .leases("north")
            .build();
    router.close();
    router.close();
    for (Backend each : List.of(router, files.east, files.north)) {
      assertThatIllegalStateException().isThrownBy(() -> each.jobAdmin().counts());
      assertThatIllegalStateException().isThrownBy(() -> each.jobQueue().enqueue(jobs(1)));
      assertThatIllegalStateException().isThrownBy(() -> each.leaseStore().find("name"));
    }
  }
}
