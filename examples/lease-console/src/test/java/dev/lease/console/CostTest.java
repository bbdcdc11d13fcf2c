package dev.lease.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.JobQueue;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.testkit.server.RedisProcess;
import dev.lease.testkit.server.TestServers;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.net.URI;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a page asks of a store, counted: buffers of PostgreSQL, and commands of Redis. All pages but
 * those of what is shared. It prints what each look cost, and with {@code
 * -Dlease.cost.jobs=1000000} what it costs beside a million jobs.
 */
@Tag("slow")
@Timeout(1_800)
class CostTest {

  private static final int MANY = Integer.getInteger("lease.cost.jobs", 55_000);

  /** More than a page looks at. */
  private static final int FEW = MANY / 10;

  /** In the other queue there is one for so many. */
  private static final int SHARE = 10;

  private static final List<String> PAGES =
      List.of(
          "/jobs",
          "/jobs?state=any&queue=orders",
          "/jobs?state=pending",
          TestConsole.link("orders", "of-the-test"),
          TestConsole.link("mail", "of-the-test"),
          "/leases",
          "/actions");

  /** What a server has done so far. */
  @FunctionalInterface
  private interface Meter {
    long read() throws Exception;
  }

  @Test
  @DisplayName(
      "PostgreSQL: ten times as many jobs cost a page no more buffers, and never over 2,000")
  void postgresql() throws Exception {
    String url = TestServers.postgresql().newDatabase();
    List<Connection> used = new CopyOnWriteArrayList<>();
    try (JdbcBackend store = JdbcBackend.over(opening(url, used), JdbcConfig.defaults());
        Connection own = DriverManager.getConnection(url);
        Console console = Console.on(store).start()) {
      addOneOfEach(store);
      Meter buffers =
          () -> {
            for (Connection connection : used) {
              number(connection, "select 1 from pg_stat_force_next_flush()");
            }
            return number(
                own,
                "select pg_stat_get_db_blocks_fetched(oid) from pg_database"
                    + " where datname = current_database()");
          };
      List<String> pages = with("/jobs?type=nowhere", "/jobs?error=nowhere");
      fill(own, 1, FEW);
      Map<String, Long> few = cost(console, buffers, pages);
      fill(own, FEW + 1, MANY);
      compare(few, cost(console, buffers, pages), 2_000);
    }
  }

  @Test
  @DisplayName("Redis: ten times as many jobs cost a page no more commands, and never over 6,000")
  void redis() throws Exception {
    try (RedisProcess server = RedisProcess.start();
        Backend store = RedisBackend.open(RedisConfig.of(server.uri()));
        Console console = Console.on(store).start()) {
      addOneOfEach(store);
      Meter commands = () -> commands(URI.create(server.uri()));
      List<String> pages = with("/jobs?state=any&queue=orders&type=nowhere");
      fill(store.jobQueue(), 1, FEW);
      Map<String, Long> few = cost(console, commands, pages);
      fill(store.jobQueue(), FEW + 1, MANY);
      compare(few, cost(console, commands, pages), 6_000);
    }
  }

  /** Those that find nothing look at as many jobs as a page may. */
  private static List<String> with(String... more) {
    return Stream.concat(PAGES.stream(), Stream.of(more)).toList();
  }

  private static Map<String, Long> cost(Console console, Meter meter, List<String> pages)
      throws Exception {
    Http http = new Http(URI.create(console.url()));
    Map<String, Long> costs = new LinkedHashMap<>();
    // What is shared counts all jobs, and is read anew here.
    look(http, meter, "/");
    look(http, meter, "/schedules");
    for (String page : pages) {
      long least = Long.MAX_VALUE;
      // The first look also reads the catalog. Something else may run beside one of them.
      for (int i = 0; i < 4; i++) {
        least = Math.min(least, look(http, meter, page));
      }
      costs.put(page, least);
    }
    return costs;
  }

  private static long look(Http http, Meter meter, String page) throws Exception {
    long before = meter.read();
    long begun = System.nanoTime();
    assertThat(http.get(page).status()).as(page).isEqualTo(200);
    long millis = (System.nanoTime() - begun) / 1_000_000;
    long cost = meter.read() - before;
    System.out.printf("%s: %,d in %d ms%n", page, cost, millis);
    return cost;
  }

  /** A tree of ten times as many entries may be higher by one. */
  private static void compare(Map<String, Long> few, Map<String, Long> many, long most) {
    few.forEach(
        (page, cost) ->
            assertThat(many.get(page))
                .as("%s, which cost %d before", page, cost)
                .isPositive()
                .isLessThan(most)
                .isLessThanOrEqualTo(cost + cost / 4 + 20));
  }

  private static void addOneOfEach(Backend store) {
    JobQueue jobs = store.jobQueue();
    jobs.enqueue(List.of(NewJob.builder("mail", "of-the-test", "send", "{}").build()));
    ClaimedJob claimed =
        jobs.claim(ClaimRequest.of("mail", "worker-1", 1, Duration.ofHours(1))).jobs().get(0);
    jobs.settle(List.of(Settlement.failed(claimed.lease(), "no such host")));
    jobs.enqueue(List.of(NewJob.builder("orders", "of-the-test", "place", "{}").build()));
  }

  /** Adds copies of the two: many that failed, and some that wait. */
  private static void fill(Connection connection, int from, int to) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      String columns;
      try (ResultSet row =
          statement.executeQuery(
              "select string_agg(column_name, ', ') from information_schema.columns"
                  + " where table_name = 'lease_job' and column_name not in ('seq', 'id')")) {
        row.next();
        columns = row.getString(1);
      }
      for (String queue : List.of("mail", "orders")) {
        int share = queue.equals("mail") ? 1 : SHARE;
        statement.execute(
            "insert into lease_job (id, %s) select 'job-' || i, %s from lease_job, generate_series(%d, %d) i where queue = '%s' and id = 'of-the-test' order by i"
                .formatted(columns, columns, from / share + 1, to / share, queue));
      }
      statement.execute("vacuum analyze lease_job");
    }
  }

  /** Adds some that failed, and many that wait. */
  private static void fill(JobQueue jobs, int from, int to) {
    enqueue(jobs, "orders", from, to);
    enqueue(jobs, "mail", from / SHARE + 1, to / SHARE);
    List<ClaimedJob> claimed;
    do {
      claimed = jobs.claim(ClaimRequest.of("mail", "worker-1", 1_000, Duration.ofHours(1))).jobs();
      jobs.settle(
          claimed.stream()
              .map(job -> (Settlement) Settlement.failed(job.lease(), "no such host"))
              .toList());
    } while (!claimed.isEmpty());
  }

  private static void enqueue(JobQueue jobs, String queue, int from, int to) {
    for (int i = from; i <= to; i += 1_000) {
      jobs.enqueue(
          IntStream.rangeClosed(i, Math.min(i + 999, to))
              .mapToObj(n -> NewJob.builder(queue, "job-" + n, "place", "{}").build())
              .toList());
    }
  }

  private static DataSource opening(String url, List<Connection> used) {
    return (DataSource)
        Proxy.newProxyInstance(
            CostTest.class.getClassLoader(),
            new Class<?>[] {DataSource.class},
            (proxy, method, args) -> {
              if (!method.getName().equals("getConnection")) {
                throw new UnsupportedOperationException(method.getName());
              }
              Connection connection = DriverManager.getConnection(url);
              used.add(connection);
              return connection;
            });
  }

  private static long number(Connection connection, String query) throws SQLException {
    if (connection.isClosed()) {
      return 0;
    }
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /** Those of scripts are counted too, and so is this one. */
  private static long commands(URI server) throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write("INFO commandstats\r\nQUIT\r\n".getBytes(UTF_8));
      InputStream answer = socket.getInputStream();
      Matcher calls =
          Pattern.compile("calls=(\\d+)").matcher(new String(answer.readAllBytes(), UTF_8));
      return calls.results().mapToLong(call -> Long.parseLong(call.group(1))).sum();
    }
  }
}
