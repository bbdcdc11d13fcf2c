package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Due;
import dev.lease.Enqueued;
import dev.lease.FinishedJob;
import dev.lease.JobChange;
import dev.lease.JobState;
import dev.lease.KeyLimit;
import dev.lease.Micros;
import dev.lease.NewJob;
import dev.lease.QueueCounts;
import dev.lease.Settlement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of slots of keys where transactions of others are under way. */
@Tag("slow")
class KeyRacesTest {

  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final JobKey KEY = new JobKey("q", "k");
  private static final String LOCK =
      "select bucket from lease_key_lock where bucket = %d for update";

  private static JdbcBackend open(String url) {
    return JdbcBackend.open(TestDatabase.config(url).withOrderSlack(Duration.ZERO));
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").key("k").build();
  }

  private static List<ClaimedJob> claim(JdbcBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 10, LEASE)).jobs();
  }

  private static List<String> claimedIds(JdbcBackend backend) {
    return claim(backend).stream().map(job -> job.lease().jobId()).toList();
  }

  private static void settle(JdbcBackend backend, ClaimedJob job) {
    assertThat(backend.jobQueue().settle(List.of(Settlement.done(job.lease()))))
        .containsExactly(Settlement.Result.ACCEPTED);
  }

  private static Connection begin(String url) throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    connection.setAutoCommit(false);
    return connection;
  }

  private static int arrivals(String url) throws SQLException {
    return Integer.parseInt(TestDatabase.answer(url, "select count(*) from lease_arrival"));
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"POSTGRESQL", "MARIADB"})
  @DisplayName(
      "Q64 a job of a transaction that is open while the last job of its key ends is given after the commit")
  void enqueueAndLastSettlement(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url);
        Connection callers = begin(url)) {
      backend.admission().limit("q", null, KeyLimit.of(1));
      backend.jobQueue().enqueue(List.of(job("first")));
      ClaimedJob first = claim(backend).get(0);
      assertThat(backend.enqueue(callers, List.of(job("second")))).hasSize(1);

      settle(backend, first);
      assertThat(claim(backend)).isEmpty();
      callers.commit();

      assertThat(claimedIds(backend)).containsExactly("second");
      assertThat(arrivals(url)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"POSTGRESQL", "MARIADB"})
  @DisplayName(
      "Q64 Q70 while another has a key locked, calls for its jobs wait for nothing, and the next claim looks again")
  void lockedKey(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url);
        Connection other = begin(url)) {
      backend.admission().limit("q", null, KeyLimit.of(1));
      backend.jobQueue().enqueue(List.of(job("1"), job("2"), job("3"), job("4")));
      ClaimedJob first = claim(backend).get(0);
      other.createStatement().execute(LOCK.formatted(KEY.bucket()));

      settle(backend, first);
      assertThat(backend.jobQueue().enqueue(List.of(job("5"))))
          .extracting(Enqueued::created)
          .containsExactly(true);
      backend.jobAdmin().cancel("q", "2");
      backend.jobAdmin().change("q", "3", JobChange.builder().due(Due.now()).build());
      assertThat(claim(backend)).isEmpty();
      assertThat(arrivals(url)).isPositive();
      other.rollback();

      assertThat(claimedIds(backend)).containsExactly("4");
      assertThat(arrivals(url)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"POSTGRESQL", "MARIADB"})
  @DisplayName(
      "Q62 Q64 who looks for a free slot sees what was committed while it waited for the lock")
  void looksAfterTheLock(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url)) {
      backend.admission().limit("q", null, KeyLimit.of(1));
      backend.jobQueue().enqueue(List.of(job("first")));
      ClaimedJob first = claim(backend).get(0);
      // The key is locked before the job of another transaction is committed.
      backend.database.transact(
          "settle",
          session -> {
            backend.operations.settle(
                session, List.of(Settlement.done(first.lease())), LockWait.SHORT, true);
            try (JdbcBackend another = open(url)) {
              another.jobQueue().enqueue(List.of(job("second")));
            }
            return session;
          });

      assertThat(claimedIds(backend)).containsExactly("second");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"POSTGRESQL", "MARIADB"})
  @DisplayName(
      "Q64 Q66 a held back job that another has locked while a slot becomes free gets it afterwards, before those behind it")
  void lockedJob(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url);
        Connection other = begin(url)) {
      backend.admission().limit("q", null, KeyLimit.of(1).inOrder());
      backend.jobQueue().enqueue(List.of(job("1"), job("2"), job("3")));
      ClaimedJob first = claim(backend).get(0);
      other
          .createStatement()
          .execute("select seq from lease_job where queue = 'q' and id = '2' for update");

      settle(backend, first);
      assertThat(claimedIds(backend)).isEmpty();
      other.rollback();

      assertThat(claimedIds(backend)).containsExactly("2");
      assertThat(arrivals(url)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"POSTGRESQL", "MARIADB"})
  @DisplayName(
      "Q94 a job that another has locked while a slot of the queue becomes free gets it afterwards")
  void lockedInTheQueue(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url);
        Connection other = begin(url)) {
      backend.admission().limitQueue("q", 1);
      backend.jobQueue().enqueue(List.of(job("1"), job("2"), job("3")));
      ClaimedJob first = claim(backend).get(0);
      other
          .createStatement()
          .execute("select seq from lease_job where queue = 'q' and id = '2' for update");

      settle(backend, first);
      assertThat(arrivals(url)).isPositive();
      other.rollback();

      assertThat(claimedIds(backend)).containsExactly("2");
      assertThat(arrivals(url)).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"POSTGRESQL", "MARIADB"})
  @DisplayName("Q63 Q64 a claim that ends a spent job and dies loses no slot")
  void claimThatDies(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url)) {
      backend.admission().limit("q", null, KeyLimit.of(1));
      backend
          .jobQueue()
          .enqueue(
              List.of(
                  NewJob.builder("q", "spent", "t", "p").key("k").maxCrashes(1).build(),
                  job("next")));
      claim(backend);
      TestDatabase.execute(url, "update lease_job set expires_at = 1 where id = 'spent'");
      var look = new ClaimLook.Request("q", "w", 10, 4 << 20, true, Micros.of(LEASE), 1);
      ClaimLook met =
          backend.database.run(
              "claim",
              Sql.JOB_CLAIM,
              session -> backend.database.statements().claim(session, look, Watermarks.start()));
      assertThat(met.met()).hasSize(1);

      assertThat(claimedIds(backend)).containsExactly("next");
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "Q64 a full look gives slots to more than a thousand keys that became due, though one is full")
  void manyKeysDue(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url)) {
      backend.admission().limit("q", "key 0", KeyLimit.of(0));
      backend.jobQueue().enqueue(dueLater(0, 1_000, 1_000));
      backend.jobQueue().enqueue(dueLater(1_000, 1_500, 1_500));
      TestDatabase.execute(url, "update lease_job set due_at = seq");

      assertThat(claim(backend)).hasSize(10);
      assertThat(TestDatabase.answer(url, "select count(*) from lease_job where priority >= 10"))
          .isEqualTo("1");
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "Q64 Q70 a claim that meets many jobs which became due handles some, and gives what is open")
  void manyJobsDue(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url)) {
      backend.admission().limit("q", null, KeyLimit.of(0));
      for (int i = 0; i < 5; i++) {
        backend.jobQueue().enqueue(dueLater(i * 1_000, (i + 1) * 1_000, 5));
      }
      backend.jobQueue().enqueue(List.of(NewJob.builder("q", "free", "t", "p").build()));
      TestDatabase.execute(url, "update lease_job set due_at = seq");
      String held = "select count(*) from lease_job where priority between 10 and 19";

      assertThat(claimedIds(backend)).containsExactly("free");
      assertThat(TestDatabase.answer(url, held)).isEqualTo("3000");
      assertThat(claim(backend)).isEmpty();
      assertThat(TestDatabase.answer(url, held)).isEqualTo("5000");
    }
  }

  private static List<NewJob> dueLater(int from, int to, int keys) {
    return IntStream.range(from, to)
        .mapToObj(
            i ->
                NewJob.builder("q", "job " + i, "t", "p")
                    .key("key " + i % keys)
                    .due(Due.after(Duration.ofHours(1)))
                    .build())
        .toList();
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q64 a job that becomes due while it is enqueued is where claims find it")
  void dueMeanwhile(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url)) {
      NewJob job =
          NewJob.builder("q", "1", "t", "p")
              .key("k")
              .due(Due.at(Instant.now().plusSeconds(3_600)))
              .build();
      var slots =
          new KeySlots(
              backend.database,
              backend.hints,
              new Watermarks(Duration.ZERO, Duration.ofSeconds(10), false),
              Runnable::run);

      long place =
          backend.database.transact(
              "enqueue", session -> slots.places(session, List.of(job)).of(job));
      assertThat(place).isEqualTo(Stand.later(job.priority()));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"POSTGRESQL", "MARIADB"})
  @DisplayName("Q63 what a reset finished is answered though slots cannot be given then")
  void resetWithoutSlots(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url)) {
      backend.admission().limit("q", null, KeyLimit.of(1));
      backend
          .jobQueue()
          .enqueue(
              List.of(
                  NewJob.builder("q", "spent", "t", "p").key("k").maxCrashes(1).build(),
                  job("next")));
      claim(backend);
      TestDatabase.execute(url, "update lease_job set expires_at = 1 where id = 'spent'");
      TestDatabase.execute(url, "alter table lease_key_lock rename to gone");

      assertThat(backend.jobAdmin().resetExpired("q", 10).finished())
          .extracting(FinishedJob::id)
          .containsExactly("spent");
      TestDatabase.execute(url, "alter table gone rename to lease_key_lock");
      assertThat(claimedIds(backend)).containsExactly("next");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"POSTGRESQL", "MARIADB"})
  @DisplayName(
      "Q68 apply waits for an enqueue that went by older limits, and takes what is too much")
  void enqueueAndApply(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try (JdbcBackend backend = open(url);
        JdbcBackend another = open(url)) {
      Future<Integer> applied =
          backend.database.transact(
              "enqueue",
              session -> {
                backend.operations.enqueue(
                    session, List.of(job("1"), job("2"), job("3")), LockWait.SHORT);
                another.admission().limit("q", null, KeyLimit.of(1));
                Future<Integer> applying = thread.submit(() -> another.admission().apply("q", 10));
                try {
                  applying.get(1, TimeUnit.SECONDS);
                } catch (TimeoutException e) {
                  // It waits for this transaction.
                } catch (Exception e) {
                  throw new AssertionError(e);
                }
                return applying;
              });

      assertThat(applied.get()).isEqualTo(2);
      assertThat(claimedIds(backend)).containsExactly("1");
    } finally {
      thread.shutdownNow();
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName("Q71 a slot that foreign writes have lost is found by full looks")
  void foreignWrites(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (JdbcBackend backend = open(url)) {
      backend.admission().limit("q", null, KeyLimit.of(1));
      List<NewJob> jobs = new ArrayList<>();
      for (int i = 0; i < 250; i++) {
        jobs.add(NewJob.builder("q", "a" + i, "t", "p").key("key " + i).build());
        jobs.add(NewJob.builder("q", "b" + i, "t", "p").key("key " + i).build());
      }
      backend.jobQueue().enqueue(jobs);
      TestDatabase.execute(url, "delete from lease_job where id like 'a%'");

      int claimed = 0;
      for (int i = 0; i < 4; i++) {
        claimed += backend.jobQueue().claim(ClaimRequest.of("q", "w", 1_000, LEASE)).jobs().size();
      }
      assertThat(claimed).isEqualTo(250);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = TestDatabase.class,
      names = {"POSTGRESQL", "MARIADB"})
  @DisplayName(
      "Q62 Q64 jobs of transactions that stay open, settlements in transactions, and claims at once: never too many, none is left")
  void storm(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    int jobs = 400;
    int keys = 5;
    var left = new AtomicInteger(jobs);
    Map<String, AtomicInteger> holds = new ConcurrentHashMap<>();
    var most = new AtomicInteger();
    ExecutorService threads = Executors.newCachedThreadPool();
    try (JdbcBackend one = open(url);
        JdbcBackend two = open(url)) {
      one.admission().limit("q", null, KeyLimit.of(2));
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        int thread = t;
        all.add(
            threads.submit(
                () -> {
                  var random = new Random(thread);
                  for (int i = thread; i < jobs; i += 3) {
                    NewJob job =
                        NewJob.builder("q", "job " + i, "t", "p").key("key " + i % keys).build();
                    if (random.nextInt(4) == 0) {
                      two.jobQueue().enqueue(List.of(job));
                      continue;
                    }
                    try (Connection callers = begin(url)) {
                      one.enqueue(callers, List.of(job));
                      TimeUnit.MILLISECONDS.sleep(random.nextInt(5));
                      callers.commit();
                    }
                  }
                  return thread;
                }));
      }
      for (int t = 0; t < 3; t++) {
        int thread = t;
        JdbcBackend backend = t == 0 ? one : two;
        all.add(
            threads.submit(
                () -> {
                  var random = new Random(thread);
                  while (left.get() > 0) {
                    List<ClaimedJob> claimed = claim(backend);
                    for (ClaimedJob job : claimed) {
                      AtomicInteger held =
                          holds.computeIfAbsent(
                              String.valueOf(job.key()), key -> new AtomicInteger());
                      most.accumulateAndGet(held.incrementAndGet(), Math::max);
                    }
                    for (ClaimedJob job : claimed) {
                      Objects.requireNonNull(holds.get(String.valueOf(job.key())))
                          .decrementAndGet();
                      if (random.nextInt(3) == 0) {
                        try (Connection callers = begin(url)) {
                          backend.settle(callers, Settlement.done(job.lease()));
                          callers.commit();
                        }
                      } else {
                        settle(backend, job);
                      }
                      left.decrementAndGet();
                    }
                  }
                  return thread;
                }));
      }
      for (Future<?> each : all) {
        each.get(2, TimeUnit.MINUTES);
      }
      assertThat(most.get()).as("most of a key held at once").isEqualTo(2);
      QueueCounts counts = one.jobAdmin().counts().queues().get(0);
      assertThat(counts.count(JobState.DONE)).isEqualTo(jobs);
      assertThat(counts.heldBack()).isZero();
    } finally {
      left.set(0);
      threads.shutdownNow();
    }
  }
}
