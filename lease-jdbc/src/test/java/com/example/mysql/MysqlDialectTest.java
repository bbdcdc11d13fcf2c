package com.example.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.RelativeFixture;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobAdmin;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobPage;
import dev.lease.JobQuery;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.testkit.server.TestServers;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** A database whose statements return no rows, and take few parameters. */
class MysqlDialectTest {

  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final int JOBS = 60;
  private static final int QUEUES = 10;

  private final String url = TestServers.mariadb().newDatabase();
  private RelativeFixture database;

  @BeforeEach
  void makeTables() {
    database = new RelativeFixture(url, new MysqlDialect());
  }

  @Test
  @DisplayName("Q02 Q05 of a batch of which some jobs are there, the store tells which it has made")
  void partly() {
    try (var backend = JdbcBackend.open(database.config())) {
      backend
          .jobQueue()
          .enqueue(
              List.of(job("2"), job("held").dedupKey("k")).stream()
                  .map(NewJob.Builder::build)
                  .toList());
      List<NewJob> batch =
          List.of(
              job("1").build(), job("2").build(), job("3").dedupKey("k").build(), job("4").build());
      assertThat(backend.jobQueue().enqueue(batch))
          .containsExactly(
              Enqueued.of("1", true),
              Enqueued.of("2", false),
              Enqueued.of("held", false),
              Enqueued.of("4", true));
      assertThat(backend.jobQueue().enqueue(batch)).noneMatch(Enqueued::created);
    }
  }

  @Test
  @DisplayName("a job is deleted once, and its id is free then")
  void delete() {
    try (var backend = JdbcBackend.open(database.config())) {
      backend.jobQueue().enqueue(List.of(job("1").build()));
      assertThat(backend.jobAdmin().delete("q", "1")).isTrue();
      assertThat(backend.jobAdmin().delete("q", "1")).isFalse();
      assertThat(backend.jobQueue().enqueue(List.of(job("1").build())))
          .containsExactly(Enqueued.of("1", true));
    }
  }

  @Test
  @DisplayName("Q08 a job is requeued unless another one has its key")
  void requeue() {
    try (var backend = JdbcBackend.open(database.config())) {
      backend
          .jobQueue()
          .enqueue(List.of(job("1").dedupKey("k").build(), job("2").build(), job("3").build()));
      for (String id : List.of("1", "2", "3")) {
        backend.jobAdmin().cancel("q", id);
      }
      backend.jobQueue().enqueue(List.of(job("holder").dedupKey("k").build()));
      assertThat(backend.jobAdmin().requeue("q", "1")).isEqualTo(JobAdmin.Requeue.CONFLICT);
      assertThat(backend.jobAdmin().requeue("q", "2")).isEqualTo(JobAdmin.Requeue.REQUEUED);
      backend.jobAdmin().cancel("q", "holder");
      assertThat(backend.jobAdmin().requeue("q", "1")).isEqualTo(JobAdmin.Requeue.REQUEUED);
      assertThat(backend.jobQueue().claim(ClaimRequest.of("q", "w", 9, LEASE)).jobs())
          .extracting(job -> job.lease().jobId())
          .containsExactlyInAnyOrder("1", "2");
    }
  }

  @Test
  @DisplayName("no statement has more parameters than the dialect allows, and all jobs are served")
  void parameters() {
    var most = new AtomicInteger();
    JdbcConfig config = JdbcConfig.defaults().withDialect(new MysqlDialect());
    try (var backend = JdbcBackend.over(counting(most), config)) {
      List<NewJob> jobs =
          IntStream.range(0, JOBS)
              .mapToObj(i -> job("job-" + i).dedupKey("key-" + i).build())
              .toList();
      assertThat(backend.jobQueue().enqueue(jobs)).hasSize(JOBS).allMatch(Enqueued::created);
      List<JobLease> leases =
          backend.jobQueue().claim(ClaimRequest.of("q", "w", JOBS, LEASE)).jobs().stream()
              .map(ClaimedJob::lease)
              .toList();
      assertThat(leases).hasSize(JOBS);
      assertThat(backend.jobQueue().extend(leases, LEASE))
          .hasSize(JOBS)
          .hasOnlyElementsOfType(Extension.Held.class);
      List<Settlement> settlements =
          leases.stream()
              .<Settlement>map(lease -> Settlement.retry(lease, Duration.ZERO, "again"))
              .toList();
      assertThat(backend.jobQueue().settle(settlements))
          .hasSize(JOBS)
          .containsOnly(Settlement.Result.ACCEPTED);
      assertThat(backend.jobAdmin().failedAttempts("q", "job-0")).hasSize(1);
      assertThat(lastFinished(backend)).isEqualTo(QUEUES);
    }
    assertThat(most.get()).isBetween(MysqlDialect.MAX_PARAMETERS / 2, MysqlDialect.MAX_PARAMETERS);
  }

  /** Cancels a job in each of several queues, and counts those in a list with all conditions. */
  private static int lastFinished(JdbcBackend backend) {
    for (int i = 0; i < QUEUES; i++) {
      backend.jobQueue().enqueue(List.of(NewJob.builder("q" + i, "last", "t", "p").build()));
      backend.jobAdmin().cancel("q" + i, "last");
    }
    JobFilter all =
        JobFilter.all()
            .ofType("t")
            .withIdPrefix("l")
            .createdBetween(Instant.EPOCH, Instant.MAX)
            .finishedBetween(Instant.EPOCH, Instant.MAX);
    JobQuery query = JobQuery.of(all).order(JobOrder.LAST_FINISHED_FIRST).limit(4);
    int jobs = 0;
    String next;
    do {
      JobPage page = backend.jobAdmin().list(query);
      jobs += page.jobs().size();
      next = page.next();
      query = query.after(next);
    } while (next != null);
    return jobs;
  }

  /** Connections that tell how many parameters their longest statement has. */
  private DataSource counting(AtomicInteger most) {
    return proxy(
        DataSource.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getConnection" -> counting(DriverManager.getConnection(url), most);
              case "isWrapperFor" -> false;
              default -> throw new UnsupportedOperationException(method.getName());
            });
  }

  private static Connection counting(Connection connection, AtomicInteger most) {
    return proxy(
        Connection.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("unwrap")) {
            return proxy;
          }
          if (method.getName().equals("prepareStatement")) {
            int places = (int) ((String) arguments[0]).chars().filter(c -> c == '?').count();
            most.accumulateAndGet(places, Math::max);
          }
          try {
            return method.invoke(connection, arguments);
          } catch (InvocationTargetException e) {
            throw e.getCause();
          }
        });
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static NewJob.Builder job(String id) {
    return NewJob.builder("q", id, "t", "p");
  }
}
