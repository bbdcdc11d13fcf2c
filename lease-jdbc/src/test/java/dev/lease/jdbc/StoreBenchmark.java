package dev.lease.jdbc;

import com.sun.management.OperatingSystemMXBean;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * Enqueue and drain through the store, beside the bare statements of a minimal queue in a loop (one
 * table, no ids of the caller's, deletion at the end), in one run, with the processor time that a
 * job takes in the server, if it runs on this machine, and in this process; and the drain alone, to
 * compare two versions of the store. Not part of the build:
 *
 * <pre>
 * mvn -q -Pquick -pl lease-jdbc -am test -Dtest=StoreBenchmark -Dsurefire.failIfNoSpecifiedTests=false
 * BENCHMARK_URL=jdbc:postgresql://... or jdbc:mariadb://..., else SQLite in a temporary directory
 * </pre>
 */
class StoreBenchmark {

  private static final int JOBS = Integer.getInteger("jobs", 40_000);
  private static final String PAYLOAD = "x".repeat(200);

  private final String url =
      Objects.requireNonNullElseGet(System.getenv("BENCHMARK_URL"), TestDatabase.SQLITE::newUrl);

  @Test
  void compare() throws Exception {
    try (var backend = JdbcBackend.open(JdbcConfig.of(url).withPoolSize(8))) {
      createRaw();
      System.out.printf("%s, %d jobs, payload of 200 bytes%n", JdbcConfig.redacted(url), JOBS);
      System.out.printf(
          "%-10s %6s %8s  %s%n",
          "what",
          "batch",
          "threads",
          "lease and raw: jobs/s, server us, client us; ratio of the rates");
      for (int round = 0; round < 2; round++) {
        for (int batch : new int[] {100, 10, 1}) {
          for (int threads : new int[] {1, 4}) {
            int jobs = batch == 1 ? JOBS / 10 : JOBS;
            boolean warm = round > 0;
            compare(
                "enqueue",
                batch,
                threads,
                jobs,
                warm,
                () -> enqueue(backend.jobQueue(), batch),
                () -> rawEnqueue(batch));
            compare(
                "drain",
                batch,
                threads,
                jobs,
                warm,
                () -> drain(backend.jobQueue(), batch),
                () -> rawDrain(batch));
          }
        }
      }
    }
  }

  @Test
  void drain() throws Exception {
    try (var backend = JdbcBackend.open(JdbcConfig.of(url).withPoolSize(8))) {
      System.out.printf("%s, payload of 200 bytes%n", JdbcConfig.redacted(url));
      for (int round = 0; round < 2; round++) {
        for (int batch : new int[] {100, 10, 1}) {
          int jobs = batch == 1 ? JOBS / 10 : JOBS;
          cost(jobs, 1, () -> enqueue(backend.jobQueue(), 1_000));
          Cost cost = cost(jobs, 1, () -> drain(backend.jobQueue(), batch));
          if (round > 0) {
            System.out.printf("drain of %,d, batch %d: %s%n", jobs, batch, cost);
          }
        }
      }
    }
  }

  private interface Work {
    int once() throws Exception;
  }

  /** What a way of doing it came to. */
  private record Cost(double rate, double serverMicros, double clientMicros) {
    @Override
    public String toString() {
      return "%,9.0f %6.1f %6.1f".formatted(rate, serverMicros, clientMicros);
    }
  }

  private void compare(
      String what,
      int batch,
      int threads,
      int jobs,
      boolean warm,
      Callable<Work> lease,
      Callable<Work> raw)
      throws Exception {
    Cost ours = cost(jobs, threads, lease);
    Cost theirs = cost(jobs, threads, raw);
    if (warm) {
      System.out.printf(
          "%-10s %6d %8d  %s  %s  %5.2f%n",
          what, batch, threads, ours, theirs, ours.rate / theirs.rate);
    }
  }

  private double serverSeconds() {
    String program = postgresql() ? "postgres" : "mariadbd";
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::info)
        .filter(info -> info.command().filter(path -> path.endsWith("/" + program)).isPresent())
        .flatMap(info -> info.totalCpuDuration().stream())
        .mapToDouble(cpu -> cpu.toNanos() / 1e9)
        .sum();
  }

  private static double clientSeconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / 1e9;
  }

  private Cost cost(int jobs, int threads, Callable<Work> factory) throws Exception {
    double server = serverSeconds();
    double client = clientSeconds();
    var left = new AtomicInteger(jobs);
    var pool = Executors.newFixedThreadPool(threads);
    long start = System.nanoTime();
    var futures = new ArrayList<java.util.concurrent.Future<?>>();
    for (int i = 0; i < threads; i++) {
      futures.add(
          pool.submit(
              () -> {
                Work work = factory.call();
                while (left.get() > 0) {
                  int done = work.once();
                  if (done == 0) {
                    break;
                  }
                  left.addAndGet(-done);
                }
                return null;
              }));
    }
    for (var future : futures) {
      future.get();
    }
    pool.shutdown();
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Cost(
        jobs / seconds,
        (serverSeconds() - server) * 1e6 / jobs,
        (clientSeconds() - client) * 1e6 / jobs);
  }

  private Work enqueue(JobQueue queue, int batch) {
    return () -> {
      var jobs = new ArrayList<NewJob>(batch);
      for (int i = 0; i < batch; i++) {
        jobs.add(NewJob.builder("q", UUID.randomUUID().toString(), "type", PAYLOAD).build());
      }
      return queue.enqueue(jobs).size();
    };
  }

  private Work drain(JobQueue queue, int batch) {
    var settlements = new ArrayList<Settlement>();
    return () -> {
      var turn =
          queue.settleAndClaim(
              settlements, ClaimRequest.of("q", "w", batch, Duration.ofSeconds(30)));
      settlements.clear();
      for (ClaimedJob job : turn.claim().jobs()) {
        settlements.add(new Settlement.Done(job.lease(), null));
      }
      return turn.claim().jobs().size();
    };
  }

  private boolean postgresql() {
    return url.startsWith("jdbc:postgresql:");
  }

  private boolean mariadb() {
    return url.startsWith("jdbc:mariadb:");
  }

  private Connection connect() throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    if (mariadb()) {
      connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    } else if (!postgresql()) {
      try (Statement statement = connection.createStatement()) {
        statement.execute("pragma busy_timeout = 60000");
      }
    }
    return connection;
  }

  private void createRaw() throws SQLException {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists raw_job");
      if (mariadb()) {
        statement.execute(
            "create table raw_job(id bigint auto_increment primary key, queue varchar(100), type varchar(100),"
                + " payload text, priority smallint, run_at bigint, state tinyint default 0, attempt int default 0,"
                + " owner varchar(100), lease_until bigint default 0, token bigint default 0,"
                + " key raw_ready (queue, state, priority, run_at)) engine = innodb");
        return;
      }
      String id =
          postgresql() ? "bigint generated always as identity primary key" : "integer primary key";
      statement.execute(
          "create table raw_job(id "
              + id
              + ", queue text, type text, payload text, priority smallint,"
              + " run_at bigint, attempt int default 0, owner text, lease_until bigint default 0, token bigint default 0)"
              + (postgresql() ? " with (fillfactor = 50)" : ""));
      statement.execute("create index raw_ready on raw_job(queue, priority, run_at, id)");
    }
  }

  private Work rawEnqueue(int batch) throws SQLException {
    Connection connection = connect();
    if (postgresql()) {
      PreparedStatement insert =
          connection.prepareStatement(
              "insert into raw_job(queue, type, payload, priority, run_at) select 'q', 'type', p, 5, 1 from unnest(?) p");
      Object[] payloads = new Object[batch];
      java.util.Arrays.fill(payloads, PAYLOAD);
      return () -> {
        insert.setArray(1, connection.createArrayOf("text", payloads));
        return insert.executeUpdate();
      };
    }
    if (mariadb()) {
      String rows = String.join(",", Collections.nCopies(batch, "('q', 'type', ?, 5, 1)"));
      PreparedStatement insert =
          connection.prepareStatement(
              "insert into raw_job(queue, type, payload, priority, run_at) values " + rows);
      return () -> {
        for (int i = 1; i <= batch; i++) {
          insert.setString(i, PAYLOAD);
        }
        return insert.executeUpdate();
      };
    }
    PreparedStatement insert =
        connection.prepareStatement(
            "insert into raw_job(queue, type, payload, priority, run_at) values ('q', 'type', ?, 5, 1)");
    connection.setAutoCommit(batch == 1);
    return () -> {
      for (int i = 0; i < batch; i++) {
        insert.setString(1, PAYLOAD);
        insert.executeUpdate();
      }
      if (batch > 1) {
        connection.commit();
      }
      return batch;
    };
  }

  private Work rawMariadbDrain(int batch) throws SQLException {
    Connection connection = connect();
    connection.setAutoCommit(false);
    PreparedStatement pick =
        connection.prepareStatement(
            "select id, token, type, payload, attempt, priority, run_at from raw_job where queue = 'q' and state = 0"
                + " and priority = 5 and run_at <= timestampdiff(microsecond, '1970-01-01', utc_timestamp(6))"
                + " order by run_at, id limit "
                + batch
                + " for update skip locked");
    List<String> held = new ArrayList<>();
    return () -> {
      try (Statement statement = connection.createStatement()) {
        if (!held.isEmpty()) {
          statement.executeUpdate(
              "delete from raw_job where (id, token) in (" + String.join(",", held) + ")");
        }
        held.clear();
        List<String> ids = new ArrayList<>();
        try (ResultSet rows = pick.executeQuery()) {
          while (rows.next()) {
            ids.add(rows.getString(1));
            held.add("(%d,%d)".formatted(rows.getLong(1), rows.getLong(2) + 1));
            rows.getString(4);
          }
        }
        if (!ids.isEmpty()) {
          statement.executeUpdate(
              "update raw_job force index (primary) set state = 1, attempt = attempt + 1, token = token + 1, owner = 'w', lease_until ="
                  + " timestampdiff(microsecond, '1970-01-01', utc_timestamp(6)) + 30000000 where id in ("
                  + String.join(",", ids)
                  + ")");
        }
      }
      connection.commit();
      return held.size();
    };
  }

  private Work rawDrain(int batch) throws SQLException {
    if (mariadb()) {
      return rawMariadbDrain(batch);
    }
    Connection connection = connect();
    boolean postgresql = postgresql();
    String now =
        postgresql
            ? "(extract(epoch from statement_timestamp()) * 1000000)::bigint"
            : "cast(unixepoch('subsec') * 1000000 as integer)";
    String pick =
        "select %s from raw_job where queue = 'q' and priority = 5 and run_at <= %s and lease_until <= %s order by run_at, id limit %d"
            .formatted(postgresql ? "ctid" : "id", now, now, batch);
    PreparedStatement claim =
        connection.prepareStatement(
            "update raw_job set attempt = attempt + 1, token = token + 1, owner = 'w', lease_until = "
                + now
                + " + 30000000 where "
                + (postgresql
                    ? "ctid = any(array(" + pick + " for no key update skip locked))"
                    : "id in (" + pick + ")")
                + " returning id, token, type, payload, attempt, priority, run_at");
    PreparedStatement done =
        connection.prepareStatement(
            postgresql
                ? "delete from raw_job j using unnest(?::bigint[], ?::bigint[]) d(id, token) where j.id = d.id and j.token = d.token"
                : "delete from raw_job where id = ? and token = ?");
    connection.setAutoCommit(false);
    List<Long[]> held = new ArrayList<>();
    return () -> {
      // As the store's: the last batch is settled and the next one claimed in one transaction.
      if (!postgresql) {
        connection.setAutoCommit(true);
        try (Statement begin = connection.createStatement()) {
          begin.execute("begin immediate");
        }
      }
      if (!held.isEmpty() && postgresql) {
        done.setArray(
            1, connection.createArrayOf("bigint", held.stream().map(h -> h[0]).toArray()));
        done.setArray(
            2, connection.createArrayOf("bigint", held.stream().map(h -> h[1]).toArray()));
        done.executeUpdate();
      } else {
        for (Long[] job : held) {
          done.setLong(1, job[0]);
          done.setLong(2, job[1]);
          done.executeUpdate();
        }
      }
      held.clear();
      try (ResultSet rows = claim.executeQuery()) {
        while (rows.next()) {
          held.add(new Long[] {rows.getLong(1), rows.getLong(2)});
          rows.getString(4);
        }
      }
      if (postgresql) {
        connection.commit();
      } else {
        try (Statement commit = connection.createStatement()) {
          commit.execute("commit");
        }
      }
      return held.size();
    };
  }
}
