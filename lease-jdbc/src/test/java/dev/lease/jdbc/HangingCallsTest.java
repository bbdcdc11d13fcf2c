package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.Claim;
import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.Lease;
import dev.lease.LeaseStore;
import dev.lease.NewJob;
import dev.lease.Progress;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** Calls that hang end in time, and take no connection from calls of another kind. */
@Timeout(300)
class HangingCallsTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  private static JobLease held(JdbcBackend backend, String queue) {
    backend.jobQueue().enqueue(List.of(NewJob.builder(queue, "job", "t", "p").build()));
    return claim(backend, queue).jobs().get(0).lease();
  }

  private static Claim claim(JdbcBackend backend, String queue) {
    return backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE));
  }

  private static List<Settlement.Result> done(JdbcBackend backend, JobLease lease) {
    return backend.jobQueue().settle(List.of(Settlement.done(lease)));
  }

  /** From now on updates of jobs in queues "A.." hang. */
  private static void slow(TestDatabase kind, String url) throws Exception {
    slow(kind, url, "update", "lease_job", "queue");
  }

  private static void slow(TestDatabase kind, String url, String event, String table, String column)
      throws Exception {
    String sleeping = "if new." + column + " like 'A%' then ";
    if (kind == TestDatabase.POSTGRESQL) {
      TestDatabase.execute(
          url,
          "create function slow() returns trigger language plpgsql as $$ begin "
              + sleeping
              + "perform pg_sleep(600); end if; return new; end $$",
          "create trigger slow before "
              + event
              + " on "
              + table
              + " for each row execute function slow()");
    } else {
      TestDatabase.execute(
          url,
          "create trigger slow before "
              + event
              + " on "
              + table
              + " for each row begin "
              + sleeping
              + "do sleep(600); end if; end");
    }
  }

  private static void awaitSleeping(TestDatabase kind, String url, int calls) throws Exception {
    String sleeping =
        kind == TestDatabase.POSTGRESQL
            ? "select count(*) from pg_stat_activity"
                + " where datname = current_database() and wait_event = 'PgSleep'"
            : "select count(*) from information_schema.processlist"
                + " where db = database() and state = 'User sleep'";
    Await.until(() -> Integer.parseInt(TestDatabase.answer(url, sleeping)) == calls);
  }

  private static <T> CompletableFuture<T> calling(Supplier<T> call) {
    return CompletableFuture.supplyAsync(call, task -> new Thread(task).start());
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("W23 calls of a kind that hang for three queues hinder no call for a fourth")
  void threeQueues(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    var hanging = new ArrayList<CompletableFuture<?>>();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      JobLease b = held(backend, "B");
      backend.jobQueue().enqueue(List.of(NewJob.builder("B", "next", "t", "p").build()));
      var leases = new ArrayList<JobLease>();
      for (String queue : List.of("A1", "A2", "A3")) {
        leases.add(held(backend, queue));
        backend.jobQueue().enqueue(List.of(NewJob.builder(queue, "next", "t", "p").build()));
      }
      slow(kind, url);
      for (JobLease lease : leases) {
        hanging.add(calling(() -> claim(backend, lease.queue())));
        hanging.add(calling(() -> backend.jobQueue().extend(List.of(lease), LEASE)));
      }
      awaitSleeping(kind, url, hanging.size());
      try {

        assertThat(backend.jobQueue().extend(List.of(b), LEASE))
            .singleElement()
            .isInstanceOf(Extension.Held.class);
        assertThat(claim(backend, "B").jobs()).hasSize(1);
        assertThat(done(backend, b)).containsExactly(Settlement.Result.ACCEPTED);
        assertThat(hanging).noneMatch(CompletableFuture::isDone);
      } finally {
        end(kind, url);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("W23 settlements that hang for three queues hinder none of a fourth")
  void threeSettlements(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    var hanging = new ArrayList<CompletableFuture<?>>();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      JobLease b = held(backend, "B");
      List<JobLease> leases =
          List.of(held(backend, "A1"), held(backend, "A2"), held(backend, "A3"));
      slow(kind, url);
      leases.forEach(lease -> hanging.add(calling(() -> done(backend, lease))));
      awaitSleeping(kind, url, 3);
      try {

        assertThat(done(backend, b)).containsExactly(Settlement.Result.ACCEPTED);
        assertThat(hanging).noneMatch(CompletableFuture::isDone);
      } finally {
        end(kind, url);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("W25 names that hang while they are acquired and released hinder no other name")
  void names(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      LeaseStore names = backend.leaseStore();
      Lease kept = names.acquire("B", "o", LEASE).orElseThrow();
      Lease released = names.acquire("A1", "o", LEASE).orElseThrow();
      assertThat(names.release(names.acquire("A2", "o", LEASE).orElseThrow())).isTrue();
      slow(kind, url, "update", "lease_lease", "name");
      List<CompletableFuture<?>> hanging =
          List.of(
              calling(() -> names.release(released)),
              calling(() -> names.acquire("A2", "o", LEASE)));
      awaitSleeping(kind, url, 2);
      try {

        assertThat(names.renew(kept, LEASE)).isPresent();
        assertThat(names.release(names.acquire("B2", "o", LEASE).orElseThrow())).isTrue();
        assertThat(hanging).noneMatch(CompletableFuture::isDone);
      } finally {
        end(kind, url);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("W23 single enqueues that hang for a queue hinder none of another")
  void enqueues(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    var hanging = new ArrayList<CompletableFuture<?>>();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      slow(kind, url, "insert", "lease_job", "queue");
      hanging.add(calling(() -> enqueued(backend, "A", "a")));
      awaitSleeping(kind, url, 1);
      try {

        assertThat(enqueued(backend, "B", "a")).isTrue();
        for (int i = 0; i < 5; i++) {
          String id = "b" + i;
          hanging.add(calling(() -> enqueued(backend, "A", id)));
        }
        awaitSleeping(kind, url, 2);
        assertThat(enqueued(backend, "B", "b")).isTrue();
        assertThat(hanging).noneMatch(CompletableFuture::isDone);
      } finally {
        endAll(kind, url, hanging);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("W23 operators' calls that hang hinder no step, no batch and no read")
  void operators(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      JobLease lease = held(backend, "B");
      slow(kind, url, "insert", "lease_paused_queue", "queue");
      var hanging = new ArrayList<CompletableFuture<?>>();
      for (String queue : List.of("A1", "A2", "A3", "A4")) {
        hanging.add(
            calling(
                () -> {
                  backend.jobAdmin().pause(queue);
                  return queue;
                }));
      }
      awaitSleeping(kind, url, 2);
      try {

        assertThat(backend.jobQueue().checkpoint(lease, "step", "value")).hasValue("value");
        List<NewJob> batch =
            List.of(
                NewJob.builder("B", "1", "t", "p").build(),
                NewJob.builder("B", "2", "t", "p").build());
        assertThat(backend.jobQueue().enqueue(batch)).allMatch(Enqueued::created);
        assertThat(backend.jobQueue().find("B", "2")).isPresent();
        assertThat(hanging).noneMatch(CompletableFuture::isDone);
      } finally {
        endAll(kind, url, hanging);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q55 batches that hang stop no notifications, no looks for commits and no upkeep")
  void batches(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        var other = JdbcBackend.open(TestDatabase.config(url));
        Connection connection = DriverManager.getConnection(url)) {
      var here = new Semaphore(0);
      var there = new Semaphore(0);
      backend.jobQueue().onWork("B", here::release);
      other.jobQueue().onWork("B", there::release);
      slow(kind, url, "insert", "lease_job", "queue");
      var hanging = new ArrayList<CompletableFuture<?>>();
      for (String queue : List.of("A1", "A2", "A3")) {
        List<NewJob> batch =
            List.of(
                NewJob.builder(queue, "1", "t", "p").build(),
                NewJob.builder(queue, "2", "t", "p").build());
        hanging.add(calling(() -> backend.jobQueue().enqueue(batch)));
      }
      awaitSleeping(kind, url, 3);
      try {

        connection.setAutoCommit(false);
        backend.enqueue(connection, List.of(NewJob.builder("B", "1", "t", "p").build()));
        connection.commit();
        Await.until(() -> here.tryAcquire() || hanging.stream().anyMatch(Future::isDone));
        if (kind == TestDatabase.POSTGRESQL) {
          Await.until(() -> there.tryAcquire() || hanging.stream().anyMatch(Future::isDone));
        }
        ClockCheck clock = ((JdbcJobAdmin) backend.jobAdmin()).clock;
        ClockCheck.Look before = clock.last;
        clock.next.set(System.nanoTime());
        claim(backend, "B");
        Await.until(
            () -> !Objects.equals(clock.last, before) || hanging.stream().anyMatch(Future::isDone));
        assertThat(hanging).noneMatch(CompletableFuture::isDone);
      } finally {
        end(kind, url);
      }
    }
  }

  @Test
  @DisplayName("a wait in vain for a call of this process does not say that a transaction is open")
  void turns() {
    JdbcConfig config = TestDatabase.SQLITE.newConfig().withCallTimeout(Duration.ofSeconds(5));
    var begun = new CompletableFuture<Void>();
    var end = new CompletableFuture<String>();
    try (var backend = JdbcBackend.open(config)) {
      JobLease lease = held(backend, "q");
      var writes = calling(() -> backend.database.run("hang", session -> hang(begun, end)));
      begun.join();
      assertThat(backend.jobQueue().progress(lease, Progress.of(50, "half"))).isTrue();
      assertThat(writes).isNotDone();

      var turns = new Turns<String>(backend.database);
      var begunToo = new CompletableFuture<Void>();
      var called =
          calling(
              () ->
                  turns.call("hang", "a", backend.database.deadline(), () -> hang(begunToo, end)));
      begunToo.join();
      Deadline soon = Deadline.in(Duration.ofMillis(50));
      assertThatThrownBy(() -> turns.call("try", "a", soon, () -> "tried"))
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> {
                assertThat(e.isBusy()).isFalse();
                assertThat(e.isOutcomeUnknown()).isFalse();
              });
      assertThat(turns.call("try", "b", soon, () -> "tried")).isEqualTo("tried");
      assertThat(called).isNotDone();
      end.complete("ended");
      assertThat(writes.join()).isEqualTo("ended");
      assertThat(called.join()).isEqualTo("ended");
    } finally {
      end.complete("ended");
    }
  }

  private static String hang(CompletableFuture<Void> begun, CompletableFuture<String> end) {
    begun.complete(null);
    return end.join();
  }

  private static boolean enqueued(JdbcBackend backend, String queue, String id) {
    NewJob job = NewJob.builder(queue, id, "t", "p").build();
    return backend.jobQueue().enqueue(List.of(job)).get(0).created();
  }

  /** Ends calls that hang, and those that wait for them and hang in their turn. */
  private static void endAll(TestDatabase kind, String url, List<CompletableFuture<?>> hanging)
      throws Exception {
    Await.until(
        () -> {
          end(kind, url);
          return hanging.stream().allMatch(CompletableFuture::isDone);
        });
  }

  /** Ends the statements that sleep, so that the store need not wait for them when it closes. */
  private static void end(TestDatabase kind, String url) throws Exception {
    if (kind == TestDatabase.POSTGRESQL) {
      TestDatabase.execute(
          url,
          "select pg_terminate_backend(pid) from pg_stat_activity"
              + " where datname = current_database() and wait_event = 'PgSleep'");
    } else {
      String sleeping =
          "select coalesce(min(id), 0) from information_schema.processlist"
              + " where db = database() and state = 'User sleep'";
      Await.until(
          () -> {
            String id = TestDatabase.answer(url, sleeping);
            if (id.equals("0")) {
              return true;
            }
            try {
              TestDatabase.execute(url, "kill connection " + id);
            } catch (SQLException e) {
              if (e.getErrorCode() != 1094) {
                throw e;
              }
              // Unknown thread: it ended by itself meanwhile.
            }
            return false;
          });
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("named leases are kept while calls for jobs hang, and the other way round")
  void apart(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url));
        Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      Lease name = backend.leaseStore().acquire("name", "o", LEASE).orElseThrow();
      JobLease job = held(backend, "B");
      JobLease extended = held(backend, "C");

      lock(kind, statement, "lease_checkpoint");
      var steps = new ArrayList<CompletableFuture<?>>();
      for (int i = 0; i < 8; i++) {
        String step = "step" + i;
        steps.add(calling(() -> backend.jobQueue().checkpoint(extended, step, "v")));
      }
      kind.awaitBlocked(url);
      assertThat(backend.leaseStore().renew(name, LEASE)).isPresent();
      assertThat(backend.leaseStore().acquire("another", "o", LEASE)).isPresent();
      unlock(kind, statement);
      for (CompletableFuture<?> step : steps) {
        step.get(2, TimeUnit.MINUTES);
      }

      lock(kind, statement, "lease_lease");
      var names = new ArrayList<CompletableFuture<?>>();
      for (int i = 0; i < 8; i++) {
        String wanted = "wanted" + i;
        names.add(calling(() -> backend.leaseStore().acquire(wanted, "o", LEASE)));
        names.add(calling(() -> backend.leaseStore().renew(name, LEASE)));
      }
      kind.awaitBlocked(url);
      assertThat(done(backend, job)).containsExactly(Settlement.Result.ACCEPTED);
      held(backend, "D");
      assertThat(backend.jobQueue().extend(List.of(extended), LEASE))
          .singleElement()
          .isInstanceOf(Extension.Held.class);
      List<Enqueued> batch =
          backend
              .jobQueue()
              .enqueue(
                  List.of(
                      NewJob.builder("q", "1", "t", "p").build(),
                      NewJob.builder("q", "2", "t", "p").build()));
      assertThat(batch).allMatch(Enqueued::created);
      unlock(kind, statement);
      for (CompletableFuture<?> call : names) {
        call.get(2, TimeUnit.MINUTES);
      }
    }
  }

  private static void lock(TestDatabase kind, Statement statement, String table) throws Exception {
    if (kind == TestDatabase.POSTGRESQL) {
      statement.getConnection().setAutoCommit(false);
      statement.execute("lock table " + table);
    } else {
      statement.execute("lock tables " + table + " write");
    }
  }

  private static void unlock(TestDatabase kind, Statement statement) throws Exception {
    if (kind == TestDatabase.POSTGRESQL) {
      statement.getConnection().rollback();
    } else {
      statement.execute("unlock tables");
    }
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L31 calls to a server that falls silent end, those that keep a lease before others")
  void silent(TestDatabase kind) throws Exception {
    var fixture = new SqlNetworkFixture(kind);
    InetSocketAddress server = fixture.server();
    try (var proxy = new TcpProxy(server.getHostString(), server.getPort());
        var backend =
            JdbcBackend.open(
                fixture
                    .at(new InetSocketAddress("localhost", proxy.port()))
                    .withCallTimeout(Duration.ofSeconds(10)))) {
      Lease name = backend.leaseStore().acquire("name", "o", LEASE).orElseThrow();
      JobLease job = held(backend, "q");
      proxy.blackHole();
      backend.jobQueue().onWork("q", () -> {});
      backend.jobQueue().hint("q");
      var other = calling(() -> backend.jobAdmin().counts().queues());
      var claims = calling(() -> claim(backend, "q"));

      Duration brief = Duration.ofSeconds(3);
      assertThatThrownBy(() -> backend.jobQueue().extend(List.of(job), brief))
          .isInstanceOf(StoreException.class);
      assertThatThrownBy(() -> backend.leaseStore().renew(name, brief))
          .isInstanceOf(StoreException.class);
      assertThat(other).as("has more time").isNotDone();
      assertThat(claims).isNotDone();
      assertThat(other).failsWithin(backend.longestCall());
      assertThat(claims).failsWithin(backend.longestCall());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L31 a call ends also if each of its many answers comes in time")
  void trickle(TestDatabase kind) {
    String sleep = kind == TestDatabase.POSTGRESQL ? "select pg_sleep(0.1)" : "select sleep(0.1)";
    try (var backend = JdbcBackend.open(kind.newConfig())) {
      Database.Calls calls = backend.database.on(Lane.OTHERS, Deadline.in(Duration.ofSeconds(1)));
      assertThatThrownBy(
              () ->
                  calls.transact(
                      "answer little by little",
                      session -> {
                        while (true) {
                          session.statement(sleep).list(row -> row.getString(1));
                        }
                      }))
          .isInstanceOf(StoreException.class);
      assertThat(backend.jobAdmin().counts().queues()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L31 the server does not go on with an extension whose time is over")
  void serversLimit(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      JobLease lease = held(backend, "A");
      slow(kind, url);
      assertThatThrownBy(() -> backend.jobQueue().extend(List.of(lease), Duration.ofSeconds(3)))
          .isInstanceOf(StoreException.class);
      awaitSleeping(kind, url, 0);
    }
  }
}
