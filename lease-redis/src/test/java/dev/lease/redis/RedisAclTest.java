package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.ClaimRequest;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.JobChange;
import dev.lease.JobFilter;
import dev.lease.JobLease;
import dev.lease.JobOrder;
import dev.lease.JobQuery;
import dev.lease.KeyLimit;
import dev.lease.Lease;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Progress;
import dev.lease.Settlement;
import dev.lease.testkit.server.RedisProcess;
import io.lettuce.core.RedisClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rights that README.md gives. The contracts run with them on a cluster. */
@Timeout(120)
class RedisAclTest {

  private static final Duration LEASE = Duration.ofMinutes(10);

  /** The commands that are not in the scripts. */
  private static final List<String> OF_JAVA =
      List.of(
          "info",
          "config|get",
          "eval",
          "evalsha",
          "get",
          "set",
          "sadd",
          "smembers",
          "subscribe",
          "unsubscribe");

  private static final Pattern OF_LUA =
      Pattern.compile("(?:redis\\.p?call|write|send)\\('([A-Z]+)'");

  @Test
  @DisplayName("the README gives exactly the commands that the scripts and the classes send")
  void noMore() throws IOException {
    Set<String> sent = new TreeSet<>(OF_JAVA);
    try (Stream<Path> files = Files.walk(Path.of("src/main/resources"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        OF_LUA
            .matcher(Files.readString(file))
            .results()
            .forEach(found -> sent.add(found.group(1).toLowerCase(Locale.ROOT)));
      }
    }
    assertThat(
            ReadmeUser.commands().get(0).stream()
                .filter(word -> word.startsWith("+"))
                .map(word -> word.substring(1)))
        .containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  @DisplayName("with the rights that the README gives every call works on one server")
  void enough() throws InterruptedException {
    assertEnough(ReadmeUser.commands().get(0), "");
  }

  @Test
  @DisplayName("with the right to select besides, so it does in another database")
  void enoughInDatabase() throws InterruptedException {
    List<String> rights = new ArrayList<>(ReadmeUser.commands().get(0));
    rights.add("+select");
    assertEnough(rights, "/1");
  }

  private static void assertEnough(List<String> rights, String database)
      throws InterruptedException {
    try (var server = RedisProcess.start()) {
      ReadmeUser.make(server, List.of(rights));
      RedisConfig config =
          RedisConfig.of(ReadmeUser.uri(server.uri()) + database).withPrefix("test-acl");
      try (var backend = RedisBackend.open(config)) {
        walk(backend);
      }
      try (var admin = RedisClient.create(server.uri())) {
        List<Map<String, Object>> refused = admin.connect().sync().aclLog();
        assertThat(refused)
            .filteredOn(entry -> !String.valueOf(entry.get("object")).startsWith("client"))
            .isEmpty();
      }
    }
  }

  private static NewJob job(String id) {
    return NewJob.builder("q", id, "t", "payload").build();
  }

  private static NewJob keyed(String id) {
    return NewJob.builder("q", id, "t", "payload").key("k").build();
  }

  private static JobLease claim(RedisBackend backend) {
    return backend.jobQueue().claim(ClaimRequest.of("q", "w", 1, LEASE)).jobs().get(0).lease();
  }

  private static void walkGraphs(RedisBackend backend) {
    var graphs = backend.jobGraphs();
    GraphPiece.Builder piece =
        GraphPiece.builder("q", "graph").part(GraphPart.of("one")).job("one", job("one"));
    graphs.add(piece.build());
    assertThat(graphs.discard("q", "graph", 10)).isEqualTo(1);
    graphs.add(
        piece
            .part(GraphPart.of("two").after("one", OnFailure.CANCEL))
            .job("two", job("two"))
            .last(2, 2)
            .build());
    JobLease lease = claim(backend);
    backend.jobQueue().settle(List.of(Settlement.failed(lease, "wrong")));
    backend.jobAdmin().requeue("q", "one");
    backend.jobQueue().settle(List.of(Settlement.done(claim(backend))));
    assertThat(graphs.parents("q", "two", null, 10).jobs()).hasSize(1);
    assertThat(graphs.jobs("q", "graph", "two", null, 10).jobs()).hasSize(1);
    assertThat(graphs.parts("q", "graph", null, 10).parts()).hasSize(2);
    assertThat(graphs.find("q", "graph").orElseThrow().done()).isEqualTo(1);
    backend.jobAdmin().purge("q", 10);
    backend.jobAdmin().resetExpired("q", 10);
  }

  private static void walk(RedisBackend backend) throws InterruptedException {
    var queue = backend.jobQueue();
    var admin = backend.jobAdmin();
    var hints = new Semaphore(0);
    var subscription = queue.onWork("q", hints::release);
    hints.acquire();
    queue.enqueue(List.of(job("a")));
    hints.acquire();
    queue.hint("q");
    hints.acquire();
    JobLease lease = claim(backend);
    queue.extend(List.of(lease), LEASE);
    queue.progress(lease, Progress.of(50, "half"));
    queue.checkpoint(lease, "step", "value");
    assertThat(queue.checkpoints(lease)).hasValue(Map.of("step", "value"));
    queue.settle(List.of(Settlement.failed(lease, "wrong")));
    assertThat(admin.failedAttempts("q", "a")).hasSize(1);
    assertThat(admin.steps("q", "none")).isEmpty();
    assertThat(admin.count(JobFilter.all().withIdPrefix("none"), 10).jobs()).isZero();
    admin.requeue("q", "a");
    admin.change("q", "a", JobChange.runNow());
    queue.settleAndClaim(
        List.of(Settlement.done(claim(backend), "result")), ClaimRequest.of("q", "w", 1, LEASE));
    queue.enqueue(List.of(job("b"), job("c")));
    admin.cancel("q", "b");
    admin.delete("q", "c");
    admin.pause("q");
    admin.resume("q");
    admin.resetExpired("q", 10);
    assertThat(admin.counts().queues()).hasSize(1);
    assertThat(queue.find("q", "a")).isPresent();
    assertThat(
            admin.list(JobQuery.of(JobFilter.all()).order(JobOrder.NEWEST_FIRST).limit(10)).jobs())
        .hasSize(2);
    admin.purge("q", 10);
    assertThat(admin.purge("q", Duration.ZERO, 10)).isEqualTo(2);
    NewJob kept =
        NewJob.builder("q", "k", "t", "").dedupKey("key").dedupFor(Duration.ofHours(1)).build();
    queue.enqueue(List.of(kept));
    queue.enqueue(List.of(kept));
    admin.delete("q", "k");
    var admission = backend.admission();
    admission.limit("q", null, KeyLimit.of(1).withRate(1, Duration.ofHours(1), 1));
    admission.limitQueue("q", 10);
    queue.enqueue(List.of(keyed("first"), keyed("second"), keyed("third")));
    JobLease first = claim(backend);
    queue.settle(List.of(Settlement.retry(first, Duration.ofHours(1), "again")));
    queue.settle(List.of(Settlement.done(claim(backend), "result")));
    admission.closeKey("q", "k", Duration.ofHours(1));
    admission.limit("q", null, null);
    assertThat(admission.apply("q", 10)).isZero();
    assertThat(admission.keys("q", null, 10).keys()).hasSize(1);
    admin.resetExpired("q", 10);
    walkGraphs(backend);
    subscription.close();

    var leases = backend.leaseStore();
    Lease held = leases.acquire("name", "me", LEASE).orElseThrow();
    held = leases.renew(held, LEASE).orElseThrow();
    assertThat(leases.find("name")).isPresent();
    assertThat(leases.list("", null, 10).leases()).hasSize(1);
    assertThat(leases.release(held)).isTrue();
  }
}
