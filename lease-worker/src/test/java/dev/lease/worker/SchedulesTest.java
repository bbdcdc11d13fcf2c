package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import dev.lease.Backend;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.Job;
import dev.lease.JobFilter;
import dev.lease.JobQuery;
import dev.lease.JobQueue;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.StoreException;
import dev.lease.worker.Schedule.Missed;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.EncryptingCodec;
import dev.lease.worker.codec.JacksonCodec;
import dev.lease.worker.codec.PayloadCodec;
import dev.lease.worker.codec.TestKeys;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** Schedules: each firing is one job, whatever becomes of the workers [W28]. */
@EnumSource(names = "POSTGRESQL")
class SchedulesTest extends WorkerFixture {

  private static final Duration RATE = Duration.ofMillis(50);
  private static final Schedule TICK = tick("old");

  private final List<String> ran = new CopyOnWriteArrayList<>();
  private final List<String> payloads = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final StoreOutage outage = new StoreOutage("test", NO_EVENTS, () -> closed.set(true));
  private Schedules schedules;

  private static Schedule tick(String payload) {
    return Schedule.every("tick", TEXT, payload, RATE).withMissed(Missed.ALL);
  }

  @BeforeEach
  void operator() {
    schedules = Schedules.of(Parts.of(jobs, admin));
  }

  private Worker.Builder node(JobQueue queue, WorkerConfig.Builder config, Schedule... all) {
    Worker.Builder builder =
        Parts.worker(queue, admin)
            .config(config.concurrency(4).build())
            .handle(
                TEXT,
                (payload, context) -> {
                  payloads.add(payload);
                  ran.add(context.jobId());
                },
                patient());
    for (Schedule schedule : all) {
      builder.schedule(schedule);
    }
    return builder;
  }

  private Worker startNode(Schedule... all) {
    return start(node(jobs, config(), all));
  }

  private void awaitFurther(int count) {
    int size = ran.size();
    eventually(() -> ran.size() >= size + count);
  }

  private List<Job> fired(String name) {
    List<Job> fired = new ArrayList<>();
    String after = null;
    do {
      var page =
          admin.list(
              JobQuery.of(JobFilter.all().withIdPrefix(name + "@")).after(after).limit(1_000));
      fired.addAll(page.jobs());
      after = page.next();
    } while (after != null);
    return fired;
  }

  private static Instant planned(String id) {
    return Instant.parse(id.substring(id.indexOf('@') + 1));
  }

  /** No firing without a job; an id has one job in any case. */
  private void eachFiredOnce() {
    List<Instant> planned = fired("tick").stream().map(job -> planned(job.id())).sorted().toList();
    for (int i = 1; i < planned.size(); i++) {
      assertThat(planned.get(i)).isEqualTo(planned.get(i - 1).plus(RATE));
    }
  }

  private Job scheduleJob() {
    return job("schedule:tick");
  }

  private int version() {
    return ScheduleDefinition.read(scheduleJob().payload()).version();
  }

  @Test
  @DisplayName("workers that start and stop, and one that does not know the schedule")
  void startAndStop() {
    JobQueue other = again().jobQueue();
    Worker first = startNode(TICK);
    Worker second = start(node(other, config(), TICK));
    awaitFurther(4);
    first.close();
    awaitFurther(4);
    Worker third = startNode(TICK);
    second.close();
    awaitFurther(4);
    third.close();
    startNode();
    awaitFurther(4);
    schedules.remove("texts", "tick");
    eventually(() -> scheduleJob().state() == JobState.CANCELLED);
    eventually(() -> fired("tick").stream().allMatch(job -> job.state() == JobState.DONE));
    eachFiredOnce();
    assertThat(ran).doesNotHaveDuplicates();
    assertThat(fired("tick").get(0).headers()).containsOnlyKeys("planned");
    assertThat(logs.at(Level.WARN)).isEmpty();
  }

  @Test
  @DisplayName("a holder that stalls before it notes its firing: the next one fires no second job")
  void stalledHolder() throws Exception {
    CountDownLatch stalled = latch();
    CountDownLatch goOn = latch();
    jobs.onProgress =
        (progress, call) -> {
          jobs.onExtend =
              (leases, extend) -> {
                throw StoreException.notDone("no extension gets through", null);
              };
          stalled.countDown();
          passStubbornly(goOn);
          return call.get();
        };
    start(node(jobs, shortLease(), TICK));
    pass(stalled);
    start(node(again().jobQueue(), config()));
    awaitFurther(10);
    goOn.countDown();
    eventually(() -> logs.at(Level.WARN).stream().anyMatch(line -> line.contains("lost")));
    awaitFurther(4);
    schedules.remove("texts", "tick");
    eachFiredOnce();
  }

  @Test
  @DisplayName("enqueues whose answers are lost, of the schedule and of a firing")
  void lostAnswers() {
    var losses = new AtomicInteger();
    jobs.onEnqueue =
        (all, call) -> {
          var answer = call.get();
          if (losses.incrementAndGet() <= 2) {
            throw StoreException.outcomeUnknown("the answer is lost", null);
          }
          return answer;
        };
    startNode(TICK);
    eventually(() -> losses.get() > 2);
    awaitFurther(4);
    assertThat(logs.at(Level.ERROR)).singleElement().asString().contains("register schedule tick");
    schedules.remove("texts", "tick");
    eachFiredOnce();
  }

  @Test
  @DisplayName("an outage of the store: what it missed is made up for, each once")
  void outage() {
    startNode(TICK);
    awaitFurther(2);
    var down = StoreException.notDone("the store is down", null);
    jobs.onClaim =
        (queue, call) -> {
          throw down;
        };
    jobs.onSettle =
        (all, call) -> {
          throw down;
        };
    jobs.onEnqueue =
        (all, call) -> {
          throw down;
        };
    jobs.onProgress =
        (progress, call) -> {
          throw down;
        };
    eventually(() -> !logs.at(Level.ERROR).isEmpty());
    jobs.onEnqueue = (all, call) -> call.get();
    jobs.onProgress = (progress, call) -> call.get();
    jobs.onSettle = (all, call) -> call.get();
    jobs.onClaim = (queue, call) -> call.get();
    awaitFurther(10);
    schedules.remove("texts", "tick");
    eachFiredOnce();
  }

  @Test
  @DisplayName("two versions: the higher one wins, whichever node starts last")
  void versions() {
    startNode(TICK);
    awaitFurther(2);
    Worker newer = start(node(again().jobQueue(), config(), tick("new").withVersion(2)));
    eventually(() -> version() == 2);
    eventually(() -> payloads.contains("new"));
    newer.close();
    Worker older = startNode(TICK);
    eventually(
        () -> logs.at(Level.INFO).stream().anyMatch(line -> line.contains("the older version 1")));
    awaitFurther(4);
    older.close();
    assertThat(version()).isEqualTo(2);
    List<String> inOrder =
        fired("tick").stream()
            .sorted((a, b) -> planned(a.id()).compareTo(planned(b.id())))
            .map(Job::payload)
            .toList();
    int firstNew = inOrder.indexOf("\"new\"");
    assertThat(firstNew).isPositive();
    assertThat(inOrder.subList(0, firstNew)).containsOnly("\"old\"");
    assertThat(inOrder.subList(firstNew, inOrder.size())).containsOnly("\"new\"");
    eachFiredOnce();
    assertThat(logs.at(Level.WARN)).isEmpty();
  }

  private ScheduleRegistrar registrar(Schedule schedule, PayloadCodec codec) {
    return new ScheduleRegistrar(
        jobs, admin, DIRECT, Runnable::run, List.of(schedule), codec, outage, RATE);
  }

  @Test
  @DisplayName("one version, two schedules: the last to start wins, with a warning, and for good")
  void sameVersion() {
    Schedule daily = Schedule.cron("tick", TEXT, "x", "0 2 * * *", ZoneId.of("Europe/Berlin"));
    var first = registrar(daily, JacksonCodec.DEFAULT);
    first.look();
    var last = registrar(TICK, JacksonCodec.DEFAULT);
    last.look();
    assertThat(logs.at(Level.WARN))
        .singleElement()
        .asString()
        .contains("cron Europe/Berlin 0 2 * * *", "every PT0.05S", "tick of queue texts");
    first.look();
    last.look();
    assertThat(schedules.list().get(0).times()).isEqualTo("every PT0.05S");
    assertThat(logs.at(Level.WARN)).hasSize(1);
  }

  @Test
  @DisplayName("a writer that overwrote a newer version is corrected with the next look")
  void overwritten() {
    var newer = registrar(TICK.withVersion(2), JacksonCodec.DEFAULT);
    newer.look();
    admin.delete("texts", "schedule:tick");
    registrar(TICK, JacksonCodec.DEFAULT).look();
    assertThat(version()).isEqualTo(1);
    newer.look();
    assertThat(version()).isEqualTo(2);
  }

  @Test
  @DisplayName("encryption that is turned on, and a new key, reach the payloads of schedules")
  void newCodec() {
    byte[] old = TestKeys.key(1);
    byte[] next = TestKeys.key(2);
    registrar(TICK, JacksonCodec.DEFAULT).look();
    var encrypting =
        registrar(
            TICK,
            EncryptingCodec.of(JacksonCodec.DEFAULT, "a", old)
                .withPlainTexts()
                .withOldKey("b", next));
    encrypting.look();
    assertThat(scheduleJob().payload()).contains("aes2:a:").doesNotContain("old");
    registrar(TICK, EncryptingCodec.of(JacksonCodec.DEFAULT, "b", next).withOldKey("a", old))
        .look();
    String rotated = scheduleJob().payload();
    assertThat(rotated).contains("aes2:b:");
    encrypting.look();
    assertThat(scheduleJob().payload()).as("no node takes it back").isEqualTo(rotated);
    assertThat(logs.at(Level.WARN)).isEmpty();
  }

  @Test
  @DisplayName("a codec that throws is said once, and is no outage of the store")
  void badCodec() {
    var writes = new AtomicInteger();
    var codec =
        new PayloadCodec() {
          @Override
          public String write(@Nullable Object value, Type type, CodecContext context) {
            int write = writes.incrementAndGet();
            if (write == 2 || write == 3) {
              throw new IllegalStateException("the vault is sealed");
            }
            return JacksonCodec.DEFAULT.write(value, type, context);
          }

          @Override
          public @Nullable Object read(String text, Type type, CodecContext context) {
            return JacksonCodec.DEFAULT.read(text, type, context);
          }
        };
    var registrar = registrar(TICK, codec);
    assertThat(registrar.look()).as("soon again").isEqualTo(RATE.toNanos());
    registrar.look();
    assertThat(outage.state()).isEmpty();
    assertThat(logs.at(Level.ERROR))
        .singleElement()
        .asString()
        .contains("tick of queue texts", "the vault is sealed", "tries again")
        .doesNotContain("store");
    registrar.look();
    assertThat(version()).isEqualTo(1);
  }

  @Test
  @DisplayName("schedules of one queue and of many, in a store that is slow at each look")
  void slowStore() {
    jobs.onFind =
        (id, call) -> {
          Thread.sleep(150); // Longer than the worker's lane waits for its call.
          return call.get();
        };
    Worker.Builder node = node(jobs, config());
    for (String queue : List.of("letters", "cards", "notes", "memos")) {
      JobType<String> type = JobType.of(queue, "text", String.class);
      node.handle(type, (payload, context) -> {})
          .schedule(Schedule.every("tick", type, "x", FAR))
          .schedule(Schedule.every("tock", type, "x", FAR));
    }
    start(node);
    eventually(() -> schedules.list().size() == 8);
  }

  @Test
  @DisplayName("one schedule that the store refuses to find keeps no other of its queue away")
  void oneFails() {
    var refused = new AtomicInteger();
    jobs.onFind =
        (id, call) -> {
          if (id.equals("schedule:tick")) {
            refused.incrementAndGet();
            throw StoreException.notDone("its page is damaged", null);
          }
          return call.get();
        };
    startNode(TICK, Schedule.every("tock", TEXT, "x", RATE));
    eventually(() -> schedules.list().size() == 1);
    eventually(() -> refused.get() > 3);
    assertThat(logs.at(Level.ERROR)).singleElement().asString().contains("its page is damaged");
  }

  @Test
  @DisplayName("a store that was closed stops the worker")
  void closedStore() {
    Backend other = again();
    var registrar =
        new ScheduleRegistrar(
            other.jobQueue(),
            null,
            DIRECT,
            Runnable::run,
            List.of(TICK),
            JacksonCodec.DEFAULT,
            outage,
            RATE);
    other.close();
    registrar.look();
    assertThat(closed).isTrue();
    assertThat(logs.at(Level.ERROR)).isEmpty();
  }

  @Test
  @DisplayName("pause, run now, resume; a change does not end a pause")
  void pauseAndRunNow() {
    // A queue that has a job: Redis may list one that had none at the first purge a minute later.
    enqueue("first");
    Worker worker = startNode(tick("old").withMissed(Missed.ONE));
    awaitFurther(2);
    assertThat(schedules.pause("texts", "tick")).isTrue();
    assertThat(schedules.list())
        .singleElement()
        .satisfies(
            listed -> {
              assertThat(listed.name()).isEqualTo("tick");
              assertThat(listed.queue()).isEqualTo("texts");
              assertThat(listed.times()).isEqualTo("every PT0.05S");
              assertThat(listed.version()).isEqualTo(1);
              assertThat(listed.paused()).isTrue();
              assertThat(listed.lastFiring()).isNotNull();
              assertThat(listed.type()).isEqualTo("text");
              assertThat(listed.nextFiring()).isNull();
            });
    worker.close();
    int before = fired("tick").size();
    startNode(Schedule.every("tick", TEXT, "new", RATE.multipliedBy(2)).withVersion(2));
    eventually(() -> version() == 2);
    Instant asked = scheduleJob().asOf();
    Enqueued run = schedules.runNow("texts", "tick", "ticket 7").orElseThrow();
    assertThat(run).isEqualTo(Enqueued.of("tick@now-ticket 7", true));
    awaitState(run.id(), JobState.DONE);
    assertThat(schedules.runNow("texts", "tick", "ticket 7"))
        .as("the same run again")
        .contains(Enqueued.of(run.id(), false));
    assertThat(Instant.parse(job(run.id()).headers().get("planned")))
        .isBetween(asked, scheduleJob().asOf());
    assertThat(payloads.get(payloads.size() - 1)).isEqualTo("new");
    assertThat(fired("tick")).hasSize(before + 1);
    assertThat(schedules.resume("texts", "tick")).isTrue();
    awaitFurther(2);
    assertThat(schedules.list())
        .singleElement()
        .satisfies(
            listed -> {
              assertThat(listed.paused()).isFalse();
              assertThat(Objects.requireNonNull(listed.nextFiring()).minus(RATE.multipliedBy(2)))
                  .isEqualTo(listed.lastFiring());
            });
  }

  @Test
  @DisplayName("removed: an older node does not bring it back, a higher version does")
  void removed() {
    Worker worker = startNode(TICK);
    awaitFurther(2);
    startNode(Schedule.removed("tick", "texts"));
    eventually(() -> scheduleJob().state() == JobState.CANCELLED);
    worker.close();
    startNode(TICK);
    eventually(() -> logs.at(Level.INFO).stream().anyMatch(line -> line.contains("stays so")));
    assertThat(scheduleJob().state()).isEqualTo(JobState.CANCELLED);
    assertThat(schedules.list()).isEmpty();
    assertThat(schedules.pause("texts", "tick")).isFalse();
    assertThat(schedules.runNow("texts", "tick", "1")).isEmpty();
    assertThat(schedules.remove("texts", "tick")).isFalse();
    startNode(tick("back").withVersion(2));
    eventually(() -> payloads.contains("back"));
    eventually(() -> version() == 2);
  }

  @Test
  @DisplayName("after a delay: when a job has finished decides when the next one comes")
  void afterDelay() {
    startNode(Schedule.afterDelay("poll", TEXT, "x", RATE));
    awaitFurther(4);
    assertThat(schedules.list().get(0).nextFiring()).isNull();
    schedules.remove("texts", "poll");
    List<Job> fired = fired("poll").stream().filter(job -> job.state() == JobState.DONE).toList();
    for (int i = 1; i < fired.size(); i++) {
      Instant finished = Objects.requireNonNull(fired.get(i - 1).finishedAt());
      assertThat(planned(fired.get(i).id())).isEqualTo(finished.plus(RATE));
    }
  }

  @Test
  @DisplayName("after a delay: a job that is gone has finished")
  void gone() {
    startNode(Schedule.afterDelay("poll", TEXT, "x", RATE));
    for (int i = 0; i < 3; i++) {
      awaitFurther(1);
      eventually(
          () -> {
            fired("poll").stream()
                .filter(job -> job.state().isFinished())
                .forEach(job -> admin.delete("texts", job.id()));
            return true;
          });
    }
    awaitFurther(2);
    assertThat(ran).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("a schedule that is deleted while it fires is no failed attempt")
  void deletedWhileItFires() {
    jobs.onProgress =
        (progress, call) -> {
          admin.delete("texts", "schedule:tick");
          return call.get();
        };
    Worker worker = startNode(TICK);
    eventually(
        () -> logs.at(Level.INFO).stream().anyMatch(line -> line.contains("leaves it alone")));
    eventually(() -> !ran.isEmpty() && worker.status().active().isEmpty());
    assertThat(worker.status().failed()).isZero();
    assertThat(logs.at(Level.WARN)).noneMatch(line -> line.contains("failed"));
    assertThat(jobs.find("texts", "schedule:tick")).isEmpty();
  }

  @Test
  @DisplayName("the jobs have the settings of the schedule, also where a node does not have it")
  void settings() {
    Schedule urgent =
        TICK.withJob(job -> job.priority(9).dedupKey("one").keep(FAR).maxCrashes(7).maxFailures(8))
            .withJob(job -> job.headers(Map.of("tenant", "acme")));
    registrar(urgent, JacksonCodec.DEFAULT).look();
    startNode();
    awaitFurther(1);
    schedules.pause("texts", "tick");

    Job fired = job(ran.get(0));
    assertThat(fired.priority()).isEqualTo(9);
    assertThat(fired.maxCrashes()).isEqualTo(7);
    assertThat(fired.maxFailures()).isEqualTo(8);
    assertThat(fired.dedupKey()).isEqualTo("one");
    assertThat(fired.keep()).isEqualTo(FAR);
    assertThat(fired.headers()).containsEntry("tenant", "acme").containsKey("planned");
  }

  @Test
  @DisplayName("two nodes with other settings of one version have different schedules")
  void otherSettings() {
    registrar(TICK, JacksonCodec.DEFAULT).look();
    registrar(TICK.withJob(job -> job.priority(5)), JacksonCodec.DEFAULT).look();
    assertThat(logs.at(Level.WARN)).as("the same settings").isEmpty();

    registrar(TICK.withJob(job -> job.priority(9)), JacksonCodec.DEFAULT).look();
    assertThat(logs.at(Level.WARN)).singleElement().asString().contains("priority 5", "priority 9");
    assertThat(ScheduleDefinition.read(scheduleJob().payload()).job().priority()).isEqualTo(9);
    registrar(TICK.withJob(job -> job.priority(3)).withVersion(2), JacksonCodec.DEFAULT).look();
    registrar(TICK.withJob(job -> job.priority(4)), JacksonCodec.DEFAULT).look();
    assertThat(ScheduleDefinition.read(scheduleJob().payload()).job().priority()).isEqualTo(3);
  }

  @Test
  @DisplayName("the jobs of a schedule have the priority of their type, and are kept as it says")
  void settingsOfTheType() {
    JobType<String> urgent = TEXT.withPriority(8).withKeep(FAR);
    registrar(Schedule.every("urgent", urgent, "x", FAR), JacksonCodec.DEFAULT).look();
    Job fired = job(schedules.runNow("texts", "urgent", "1").orElseThrow().id());
    assertThat(fired.priority()).isEqualTo(8);
    assertThat(fired.keep()).isEqualTo(FAR);
  }

  /** Has no equals. */
  static final class Plain {
    public String text = "x";
  }

  @Test
  @DisplayName("a payload without equals that is encrypted is the same on all nodes")
  void withoutEquals() {
    var codec = EncryptingCodec.of(JacksonCodec.DEFAULT, "a", TestKeys.key(1));
    JobType<Plain> type = JobType.of("texts", "plain", Plain.class);
    registrar(Schedule.every("plain", type, new Plain(), FAR), codec).look();
    registrar(Schedule.every("plain", type, new Plain(), FAR), codec).look();
    assertThat(logs.at(Level.WARN)).isEmpty();
    var other = new Plain();
    other.text = "y";
    registrar(Schedule.every("plain", type, other, FAR), codec).look();
    assertThat(logs.at(Level.WARN)).hasSize(1);
  }

  @Test
  @DisplayName("a firing whose dedup key is taken enqueues nothing")
  void dedupKey() throws Exception {
    client.enqueue(client.job(TEXT, "first", "first").dedupKey("one").due(Due.after(FAR)).build());
    startNode(TICK.withJob(job -> job.dedupKey("one")));
    eventually(() -> schedules.list().stream().anyMatch(listed -> listed.lastFiring() != null));
    assertThat(fired("tick")).isEmpty();
    assertThat(schedules.runNow("texts", "tick", "run").map(Enqueued::id)).contains("first");

    admin.delete("texts", "first");
    awaitFurther(1);
  }

  @Test
  @DisplayName("settings that the schedule decides are refused")
  void refusedSettings() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TICK.withJob(job -> job.due(Due.after(RATE))))
        .withMessageContaining("must not set the due time");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TICK.withJob(job -> job.payload("other")))
        .withMessageContaining("must not set the payload");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TICK.withJob(job -> job.notAfter(Due.at(Instant.EPOCH.plus(FAR)))))
        .withMessageContainingAll("must be a delay", "1970-01-01T01:00:00Z", "use Due.after");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TICK.withJob(job -> job.priority(10)))
        .withMessageContaining("priority must be 0 to 9");
    assertThatIllegalStateException()
        .isThrownBy(() -> Schedule.removed("tick", "texts").withJob(job -> job.priority(9)))
        .withMessage("schedule tick of queue texts is removed, so it has no jobs");
  }

  @Test
  @DisplayName("a schedule can be read")
  void accessors() {
    Schedule schedule = TICK.withVersion(3);
    assertThat(schedule.type()).isEqualTo(TEXT);
    assertThat(schedule.payload()).isEqualTo("old");
    assertThat(schedule.times()).isEqualTo("every PT0.05S");
    assertThat(schedule.missed()).isEqualTo(Missed.ALL);
    assertThat(schedule.version()).isEqualTo(3);
    assertThat(schedule.isRemoved()).isFalse();
    Schedule removed = Schedule.removed("tick", "texts");
    assertThat(removed.isRemoved()).isTrue();
    assertThat(removed.type()).isNull();
    assertThat(removed.payload()).isNull();
    assertThat(removed.times()).isNull();
  }

  @Test
  @DisplayName("the jobs of a type with a version of its payload have that version")
  void payloadVersion() {
    JobType<String> second = TEXT.withVersion(2);
    start(
        Parts.worker(jobs, admin)
            .config(config().build())
            .handle(second, (payload, context) -> ran.add(context.jobId()), patient())
            .schedule(Schedule.every("tick", second, "x", RATE)));
    awaitFurther(1);
    String now = schedules.runNow("texts", "tick", "1").orElseThrow().id();
    eventually(() -> ran.contains(now));
    assertThat(logs.at(Level.WARN)).isEmpty();
    assertThat(job(ran.get(0)).headers()).containsOnlyKeys("planned", "lease-payload-version");
  }

  @Test
  @DisplayName("a schedule that cannot be read is kept, and said once")
  void unreadable() {
    enqueue(
        NewJob.builder(
                "texts", "schedule:tick", ScheduleDefinition.JOB_TYPE, "{\"times\":\"moon\"}")
            .build());
    startNode(TICK);
    eventually(() -> logs.at(Level.ERROR).size() == 1);
    Job putOff =
        await().atMost(LONG).until(this::scheduleJob, job -> job.dueAt().isAfter(job.asOf()));
    assertThat(putOff.dueAt())
        .as("in time for a worker that can read it")
        .isBefore(putOff.asOf().plus(DueFirings.GRACE.dividedBy(3)));
    assertThat(logs.at(Level.ERROR).get(0)).contains("tick", "texts", "cannot be read");
    assertThat(scheduleJob().state()).isEqualTo(JobState.PENDING);
    assertThat(schedules.list().get(0).times()).isEqualTo("unreadable");
    assertThat(schedules.list().get(0).type()).isNull();
    assertThat(schedules.list().get(0).nextFiring()).isNull();
    assertThatIllegalStateException().isThrownBy(() -> schedules.runNow("texts", "tick", "1"));
  }

  @Test
  @DisplayName("a job with the id of a schedule is refused; one that is there is said, once")
  void idOfASchedule() {
    NewJob job = NewJob.builder("texts", "schedule:tick", "text", "{}").build();
    for (ThrowingCallable each :
        List.<ThrowingCallable>of(
            () -> client.job(TEXT, "schedule:tick", "x"),
            () -> client.enqueue(job),
            () -> client.in(batch -> List.of()).enqueue(List.of(job)))) {
      assertThatIllegalArgumentException()
          .isThrownBy(each)
          .withMessageContainingAll(
              "must not begin with schedule:", "was schedule:tick", "another prefix");
    }
    jobs.enqueue(List.of(job.toBuilder().due(Due.after(FAR)).build()));
    var removing =
        new ScheduleRegistrar(
            jobs,
            admin,
            DIRECT,
            Runnable::run,
            List.of(Schedule.removed("tick", "texts")),
            JacksonCodec.DEFAULT,
            outage,
            RATE);
    assertThat(removing.look()).as("it is settled").isGreaterThan(RATE.toNanos());
    assertThat(logs.at(Level.ERROR)).as("what is removed does not fire anyway").isEmpty();
    startNode(TICK);
    eventually(() -> !logs.at(Level.ERROR).isEmpty());
    assertThat(logs.at(Level.ERROR))
        .singleElement()
        .satisfies(
            line ->
                assertThat(line)
                    .contains("Schedule tick of queue texts", "schedule:tick of type text")
                    .contains("delete that job"));
    assertThat(scheduleJob().state()).isEqualTo(JobState.PENDING);
    assertThat(logs.at(Level.WARN)).isEmpty();
  }

  @Test
  @DisplayName("the version of its payload is that of its type")
  void ownPayloadVersion() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TICK.withJob(job -> job.headers(Map.of("lease-payload-version", "3"))))
        .withMessageContainingAll("lease-payload-version", "was 3", "the type");
  }

  @Test
  @DisplayName("encrypted payloads, which differ in each writing, are no change")
  void encrypted() {
    var codec = EncryptingCodec.of(JacksonCodec.DEFAULT, "a", TestKeys.key(1));
    start(node(jobs, config(), TICK).codec(codec));
    awaitFurther(1);
    String before = scheduleJob().payload();
    assertThat(before).contains("aes2:").doesNotContain("old");
    start(node(jobs, config(), TICK).codec(codec));
    awaitFurther(2);
    assertThat(payloads).containsOnly("old");
    assertThat(scheduleJob().payload()).isEqualTo(before);
    assertThat(logs.at(Level.WARN)).isEmpty();
  }

  @Test
  @DisplayName("without an admin a schedule fires, and cannot be changed")
  void withoutAdmin() {
    startNode(TICK);
    awaitFurther(1);
    start(
        Parts.worker(jobs)
            .config(config().build())
            .handle(TEXT, (payload, context) -> {}, patient())
            .schedule(tick("new").withVersion(2)));
    eventually(() -> !logs.at(Level.WARN).isEmpty());
    assertThat(logs.at(Level.WARN)).singleElement().asString().contains("capability ADMIN");
    assertThat(version()).isEqualTo(1);
  }

  @Test
  @DisplayName("a schedule whose jobs have a key is refused where the store has no keys")
  void key() {
    assertThatThrownBy(
            () -> node(jobs, config(), TICK.withJob(job -> job.key("customer-7"))).build())
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContainingAll("tick of queue texts", "customer-7", "KEYS");
  }

  @Test
  @DisplayName("a schedule needs a handler, and a name of its own")
  void refused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> node(jobs, config(), TICK, TICK).build())
        .withMessageContaining("twice");
    assertThatIllegalStateException()
        .isThrownBy(
            () -> node(jobs, config(), Schedule.every("x", TEXT.in("other"), "x", RATE)).build())
        .withMessageContaining("no handler");
  }
}
