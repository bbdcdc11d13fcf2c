package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.lease.ClaimRequest;
import dev.lease.Due;
import dev.lease.Job;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.SettledAndClaimed;
import dev.lease.Settlement;
import dev.lease.StepTransaction;
import dev.lease.StoreException;
import dev.lease.testkit.TcpProxy;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/**
 * What only a store with connections and hints can be asked, beside {@code FaultyNetworkContract}.
 */
@Tag("slow")
@Timeout(300)
@SuppressWarnings("NullAway.Init")
class FaultyNetworkTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  /** More than a call gets replies, so that each of them is lost once. */
  private static final int REPLIES = 40;

  /** A reply to somebody else, such as a login of the pool's, may be lost instead. */
  private static final int ROUNDS = 100;

  private TcpProxy proxy;
  private JdbcConfig behindProxy;
  private JdbcConfig direct;
  private JdbcBackend witness;

  private void open(TestDatabase kind) {
    var fixture = new SqlNetworkFixture(kind);
    InetSocketAddress server = fixture.server();
    proxy = new TcpProxy(server.getHostString(), server.getPort());
    behindProxy = fixture.at(new InetSocketAddress("localhost", proxy.port()));
    direct = fixture.at(server);
    witness = JdbcBackend.open(direct);
  }

  @AfterEach
  void close() {
    witness.close();
    proxy.close();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("L22 a settlement that is stored is never said not to be, whatever fails after it")
  void secondLook(TestDatabase kind) throws SQLException {
    open(kind);
    Set<Integer> answered = new HashSet<>();
    try (JdbcBackend backend =
        JdbcBackend.open(behindProxy.withOrderSlack(Duration.ofMinutes(1)))) {
      for (int i = 0; i < REPLIES * ROUNDS && (i < REPLIES || !answered.contains(1)); i++) {
        answered.add(jobsOf(backend, "queue-" + i, i % REPLIES));
      }
    }
    assertThat(answered)
        .as("of both looks, and of one as a reply after it was lost")
        .contains(1, 2);
  }

  /** Settles and claims, with a reply lost, and answers how many jobs it got; 0 if it failed. */
  private int jobsOf(JdbcBackend backend, String queue, int reply) throws SQLException {
    // The first look ends a job instead of giving it, so that a second one has to fill the answer.
    enqueue(queue, queue, Due.now());
    JobLease lease =
        backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs().get(0).lease();
    enqueue(queue, "exhausted", Due.now());
    enqueue(queue, "next", Due.now());
    enqueue(queue, "behind", Due.now());
    exhaust(queue, "exhausted");
    var done = Settlement.done(lease);
    proxy.swallowReplyAfter(reply);
    try {
      SettledAndClaimed answer =
          backend.jobQueue().settleAndClaim(List.of(done), ClaimRequest.of(queue, "w", 2, LEASE));
      assertThat(answer.settled()).containsExactly(Settlement.Result.ACCEPTED);
      assertThat(find(queue).state()).isEqualTo(JobState.DONE);
      assertThat(answer.claim().jobs()).extracting(job -> job.lease().jobId()).contains("next");
      return answer.claim().jobs().size();
    } catch (StoreException e) {
      assertThat(e.isOutcomeUnknown() || find(queue).state() == JobState.PROCESSING)
          .as("says unknown, or was not done: %s", e.getMessage())
          .isTrue();
      return 0;
    } finally {
      proxy.heal();
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q17 who falls silent in the middle of a call does not keep its job for ever")
  void silentInTheMiddle(TestDatabase kind) throws Exception {
    open(kind);
    String url = Objects.requireNonNull(direct.url());
    enqueue("q", "job", Due.now());
    try (JdbcBackend silent = JdbcBackend.open(behindProxy.withCallTimeout(Duration.ofSeconds(5)));
        Connection other = DriverManager.getConnection(url);
        Statement statement = other.createStatement()) {
      JobLease lease =
          silent
              .jobQueue()
              .claim(ClaimRequest.of("q", "w", 1, Duration.ofMillis(1)))
              .jobs()
              .get(0)
              .lease();
      other.setAutoCommit(false);
      statement.execute("select 1 from lease_job for update");
      var kept =
          CompletableFuture.supplyAsync(() -> silent.jobQueue().checkpoint(lease, "step", "v"));
      kind.awaitBlocked(url);
      // The server will do the statement, and wait for a commit.
      proxy.blackHole();
      other.rollback();

      while (witness.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().isEmpty()) {
        Thread.sleep(20);
      }
      assertThat(kept).failsWithin(Duration.ofMinutes(1));
    }
  }

  private void enqueue(String queue, String id, Due due) {
    witness.jobQueue().enqueue(List.of(NewJob.builder(queue, id, "t", "p").due(due).build()));
  }

  private void exhaust(String queue, String id) throws SQLException {
    TestDatabase.execute(
        Objects.requireNonNull(direct.url()),
        "update lease_job set attempts = max_crashes, owner = 'w', token = 1, expires_at = 1"
            + " where queue = '%s' and id = '%s'".formatted(queue, id));
  }

  private Job find(String name) {
    return witness.jobQueue().find(name, name).orElseThrow();
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @DisplayName("Q26 Q31 Q49 a step whose replies are lost is run again and has its effect once")
  void lostCommit(TestDatabase kind) throws Exception {
    open(kind);
    TestDatabase.execute(Objects.requireNonNull(direct.url()), "create table orders (id int)");
    boolean lostCommit = false;
    var pooled = new HikariConfig();
    pooled.setJdbcUrl(behindProxy.url());
    pooled.setMaximumPoolSize(1);
    try (var pool = new HikariDataSource(pooled)) {
      StepTransaction<Connection> steps = witness.steps(pool);
      for (int i = 0; i < REPLIES * ROUNDS && (i < REPLIES || !lostCommit); i++) {
        int order = i;
        enqueue("queue", "job-" + i, Due.now());
        JobLease lease =
            witness.jobQueue().claim(ClaimRequest.of("queue", "w", 1, LEASE)).jobs().get(0).lease();
        proxy.swallowReplyAfter(i % REPLIES);
        lostCommit |= placedAlthoughUnknown(steps, lease, i);
        proxy.heal();
        assertThat(orders(i)).isLessThan(2);

        assertThat(steps.run(lease, "place", connection -> placed(connection, order)))
            .isEqualTo("placed");
        assertThat(orders(i)).isEqualTo(1);
      }
    }
    assertThat(lostCommit).as("the reply to a commit was lost").isTrue();
  }

  /** Runs a step once, and tells whether it was done without an answer. */
  private boolean placedAlthoughUnknown(
      StepTransaction<Connection> steps, JobLease lease, int order) throws Exception {
    try {
      steps.run(lease, "place", connection -> placed(connection, order));
      return false;
    } catch (StoreException e) {
      return e.isOutcomeUnknown() && orders(order) == 1;
    } catch (SQLException e) {
      // The work was cut, which is its own error.
      return false;
    }
  }

  private static String placed(Connection connection, int order) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("insert into orders values (" + order + ")");
    }
    return "placed";
  }

  private int orders(int order) throws SQLException {
    try (Connection connection = DriverManager.getConnection(direct.url());
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from orders where id = " + order)) {
      row.next();
      return row.getInt(1);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "SQLITE")
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  @DisplayName("L22 a server that says nothing when a store is opened is named")
  void silentAtOpen(TestDatabase kind) {
    open(kind);
    proxy.blackHole();
    JdbcConfig config = behindProxy.withCallTimeout(Duration.ofSeconds(1));

    StoreException e = catchThrowableOfType(StoreException.class, () -> JdbcBackend.open(config));

    assertThat(e.getMessage()).startsWith("could not connect to ");
  }
}
