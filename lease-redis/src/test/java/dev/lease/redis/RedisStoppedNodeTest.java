package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lease.ClaimRequest;
import dev.lease.Enqueued;
import dev.lease.Extension;
import dev.lease.JobLease;
import dev.lease.JobState;
import dev.lease.NewJob;
import dev.lease.Settlement;
import dev.lease.StoreException;
import dev.lease.testkit.server.RedisCluster;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.SlotHash;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A node of a cluster is stopped: it accepts connections and says nothing. Calls to it last as long
 * as they may, and the tests are over long before.
 */
@Tag("slow")
@Timeout(300)
class RedisStoppedNodeTest {

  private static final Duration LEASE = Duration.ofDays(1);
  private static final Duration CALL = Duration.ofMinutes(3);
  private static final int NODES = 3;
  private static final int JOBS = 30;
  private static final Pattern PROCESS = Pattern.compile("process_id:(\\d+)");

  private final RedisCluster cluster =
      RedisCluster.start("--cluster-require-full-coverage", "no", "--cluster-node-timeout", "2000");
  private final RedisConfig config = RedisConfig.of(cluster.uri()).withCallTimeout(CALL);

  /** The list of the queues is on this node too. */
  private final int stopped = nodeOf(new Keys(config.prefix()).queues());

  private final String stuck = queueOn(stopped);
  private final String well = queueOn((stopped + 1) % NODES);
  private final List<String> processes = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @BeforeEach
  void findProcesses() {
    try (var client = RedisClient.create()) {
      for (RedisProcess node : cluster.nodes()) {
        String info = client.connect(RedisURI.create(node.uri())).sync().info("server");
        Matcher process = PROCESS.matcher(info);
        assertThat(process.find()).isTrue();
        processes.add(process.group(1));
      }
    }
  }

  @AfterEach
  void close() throws IOException, InterruptedException {
    signal("CONT");
    threads.shutdownNow();
    cluster.close();
  }

  private void signal(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, processes.get(stopped)).inheritIO().start().waitFor();
  }

  private static int nodeOf(String key) {
    return SlotHash.getSlot(key) * NODES / SlotHash.SLOT_COUNT;
  }

  private String queueOn(int node) {
    var keys = new Keys(config.prefix());
    return Stream.iterate(0, i -> i + 1)
        .map(i -> "q" + i)
        .filter(queue -> nodeOf(keys.channel(queue)) == node)
        .findFirst()
        .orElseThrow();
  }

  private static NewJob job(String queue, String id) {
    return NewJob.builder(queue, id, "t", "payload").build();
  }

  private static List<Enqueued> enqueue(RedisBackend backend, String queue, String id) {
    return backend.jobQueue().enqueue(List.of(job(queue, id)));
  }

  private static JobLease claimed(RedisBackend backend, String queue) {
    return backend.jobQueue().claim(ClaimRequest.of(queue, "w", 1, LEASE)).jobs().get(0).lease();
  }

  private List<Future<?>> callsOf(RedisBackend backend, String queue, JobLease held) {
    var jobs = backend.jobQueue();
    List<Future<?>> calls = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String id = "more-" + i;
      calls.add(threads.submit(() -> enqueue(backend, queue, id)));
      calls.add(threads.submit(() -> jobs.claim(ClaimRequest.of(queue, "w", 1, LEASE))));
      calls.add(threads.submit(() -> jobs.extend(List.of(held), LEASE)));
      calls.add(threads.submit(() -> jobs.settle(List.of(Settlement.done(held)))));
      calls.add(threads.submit(() -> jobs.find(queue, "x")));
      calls.add(threads.submit(() -> backend.jobAdmin().purge(queue, 10)));
      calls.add(threads.submit(() -> backend.jobAdmin().resetExpired(queue, 10)));
    }
    return calls;
  }

  private static void work(RedisBackend backend, String queue) {
    for (int i = 0; i < JOBS; i++) {
      String id = "j" + UUID.randomUUID();
      enqueue(backend, queue, id);
      JobLease lease = claimed(backend, queue);
      assertThat(backend.jobQueue().extend(List.of(lease), LEASE).get(0))
          .isInstanceOf(Extension.Held.class);
      backend.jobQueue().hint(queue);
      assertThat(backend.jobQueue().settle(List.of(Settlement.done(lease))))
          .containsExactly(Settlement.Result.ACCEPTED);
      assertThat(backend.jobQueue().find(queue, id).orElseThrow().state()).isEqualTo(JobState.DONE);
      backend.jobAdmin().purge(queue, 10);
    }
  }

  @Test
  @DisplayName("W23 calls to a stopped node keep no call from a queue on another")
  void others() throws Exception {
    try (var backend = RedisBackend.open(config)) {
      enqueue(backend, stuck, "held");
      JobLease held = claimed(backend, stuck);
      work(backend, well);
      signal("STOP");
      List<Future<?>> waiting = callsOf(backend, stuck, held);
      backend.jobQueue().hint(stuck);

      work(backend, well);

      assertThat(waiting).noneMatch(Future::isDone);
      signal("CONT");
      for (Future<?> call : waiting) {
        call.get();
      }
    }
  }

  @Test
  @DisplayName("L31 an extension of jobs on two nodes ends in time to be made again")
  void extension() throws Exception {
    try (var backend = RedisBackend.open(config)) {
      enqueue(backend, stuck, "held");
      enqueue(backend, well, "held");
      List<JobLease> held = List.of(claimed(backend, stuck), claimed(backend, well));
      signal("STOP");

      var lease = Duration.ofSeconds(15);
      List<Extension> extended = backend.jobQueue().extend(held, lease);

      assertThat(extended.get(0)).isEqualTo(Extension.busy());
      assertThat(extended.get(1)).isInstanceOf(Extension.Held.class);
      JobLease alone = held.get(0);
      assertThatThrownBy(() -> backend.jobQueue().extend(List.of(alone), lease))
          .isInstanceOf(StoreException.class);
      signal("CONT");
      assertThat(backend.jobQueue().extend(held, LEASE))
          .allSatisfy(each -> assertThat(each).isInstanceOf(Extension.Held.class));
    }
  }

  @Test
  @DisplayName("W23 a store that opens while a node is stopped works for the others at once")
  void opens() throws Exception {
    RedisBackend.open(config).close();
    signal("STOP");
    String first = cluster.nodes().get((stopped + 1) % NODES).uri();
    try (var backend =
        RedisBackend.open(RedisConfig.of(first).withCallTimeout(Duration.ofSeconds(20)))) {
      work(backend, well);
      assertThatThrownBy(() -> backend.jobQueue().find(stuck, "x"))
          .isInstanceOf(StoreException.class);
      work(backend, queueOn((stopped + 2) % NODES));
    }
  }
}
