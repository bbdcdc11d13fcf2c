package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Extension;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** What becomes of calls that are under way when something happens to the store. */
class UnderWayTest {

  private static final Duration LEASE = Duration.ofMinutes(1);

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 a settlement whose connection is cut may have been done, and says so")
  void cut(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    // A settlement waits for a part of this: long enough to be cut.
    JdbcConfig config = JdbcConfig.of(url).withCallTimeout(Duration.ofMinutes(10));
    try (var backend = JdbcBackend.open(config);
        Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      ClaimedJob job = claim(backend);
      other.setAutoCommit(false);
      statement.execute("select 1 from lease_job for update");
      var settled =
          CompletableFuture.supplyAsync(
              () -> backend.jobQueue().settle(List.of(Settlement.done(job.lease()))));
      TestDatabase.execute(url, kind.cut(kind.awaitBlocked(url)));

      assertThatThrownBy(() -> settled.get(2, TimeUnit.MINUTES))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.isOutcomeUnknown()).isTrue());
      other.rollback();
      assertThat(backend.jobQueue().settle(List.of(Settlement.done(job.lease()))))
          .containsExactly(Settlement.Result.ACCEPTED);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("E03 leases are extended while enqueueing has all its connections wait for a lock")
  void reserved(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    try (var backend = JdbcBackend.open(TestDatabase.config(url).withPoolSize(1));
        Connection other = DriverManager.getConnection(url)) {
      ClaimedJob job = claim(backend);
      other.setAutoCommit(false);
      backend.enqueue(other, List.of(keyed("2")));
      var enqueued =
          CompletableFuture.supplyAsync(() -> backend.jobQueue().enqueue(List.of(keyed("3"))));
      kind.awaitBlocked(url);

      assertThat(backend.jobQueue().extend(List.of(job.lease()), LEASE))
          .singleElement()
          .isInstanceOf(Extension.Held.class);
      assertThat(enqueued).isNotDone();
      other.rollback();
      assertThat(enqueued.get(2, TimeUnit.MINUTES).get(0).created()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(TestDatabase.class)
  @DisplayName(
      "Q54 close during calls: each one is done and says so, or throws IllegalStateException")
  void close(TestDatabase kind) throws Exception {
    String url = kind.newUrl();
    List<String> acknowledged = new ArrayList<>();
    for (int round = 0; round < 5; round++) {
      var backend = JdbcBackend.open(TestDatabase.config(url));
      var started = new CountDownLatch(4);
      var callers = new ArrayList<CompletableFuture<List<String>>>();
      for (int thread = 0; thread < 4; thread++) {
        String prefix = round + "-" + thread + "-";
        callers.add(
            CompletableFuture.supplyAsync(
                () -> {
                  var done = new ArrayList<String>();
                  try {
                    while (true) {
                      String id = prefix + done.size();
                      backend.jobQueue().enqueue(List.of(job(id)));
                      done.add(id);
                      started.countDown();
                    }
                  } catch (IllegalStateException e) {
                    assertThat(e).hasMessage("the backend is closed");
                    return done;
                  }
                }));
      }
      assertThat(started.await(2, TimeUnit.MINUTES)).isTrue();
      backend.close();
      for (var caller : callers) {
        acknowledged.addAll(caller.get(2, TimeUnit.MINUTES));
      }
    }
    try (var witness = JdbcBackend.open(TestDatabase.config(url))) {
      assertThat(acknowledged)
          .isNotEmpty()
          .allSatisfy(id -> assertThat(witness.jobQueue().find("q", id)).isPresent());
    }
  }

  private static ClaimedJob claim(JdbcBackend backend) {
    backend.jobQueue().enqueue(List.of(job("1")));
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0);
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "p").build();
  }

  private static NewJob keyed(String id) {
    return NewJob.builder("q", id, "t", "p").dedupKey("key").build();
  }
}
