package dev.lease.examples.recipes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.redis.RedisBackend;
import dev.lease.redis.RedisConfig;
import dev.lease.testkit.server.RedisCluster;
import dev.lease.testkit.server.TestServers;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs each recipe, and checks what it prints. A recipe that is not listed here fails. */
@Timeout(120)
class RecipesTest {

  private static final Path SOURCES = Path.of("src/main/java/dev/lease/examples/recipes");

  /** One screen. */
  private static final int MOST_LINES = 90;

  private static final Map<String, List<String>> PRINTED =
      Map.ofEntries(
          entry("FirstJob", List.of("placing 3 x tea", "the job is DONE")),
          entry("WithGuice", List.of("the exchange has an order of tea", "the job is DONE")),
          entry(
              "EnqueueInTransaction",
              List.of(
                  "coffee was rolled back; its job exists: false",
                  "tea was committed; its job exists: true",
                  "mail: we have your order of tea")),
          entry(
              "NoOrderTwiceByKey",
              List.of(
                  "attempt 1 asks for tea and gets order 1",
                  "attempt 2 asks for tea and gets order 1",
                  "attempt 2 confirms order 1",
                  "the job is DONE after 2 attempts",
                  "orders at the exchange: 1")),
          entry(
              "NoOrderTwiceByTransaction",
              List.of(
                  "attempt 1 writes the order",
                  "attempt 2 writes the order",
                  "attempt 3 finds the order written",
                  "orders in the table: 1")),
          entry(
              "NoOrderTwiceBySettling",
              List.of(
                  "attempt 1 has written the order",
                  "attempt 2 has written the order",
                  "the job is DONE after 2 attempts",
                  "orders in the table: 1")),
          entry(
              "NoOrderTwiceByFence",
              List.of(
                  "worker 2 sets the stock to 7",
                  "worker 1 is refused, because it has lost the job")),
          entry(
              "ProgressAndResult",
              List.of(
                  "Progress[percent=50, message=half of May]", "{\"orders\":12,\"cents\":34500}")),
          entry(
              "AwaitAResult",
              List.of(
                  "Order[product=tea, quantity=3] is DONE",
                  "Receipt[number=r-tea, cents=750]",
                  "milk: CANCELLED",
                  "milk is CANCELLED")),
          entry(
              "SayWhatHappens",
              List.of(
                  "tea: DONE, attempts: 1",
                  "coffee: DONE, attempts: 2",
                  "milk: DONE, attempts: 2",
                  "ice of last summer: CANCELLED, attempts: 1",
                  "gold: FAILED, attempts: 1")),
          entry(
              "KeepAFailure",
              List.of(
                  "attempt 1: step \"card\" has failed: java.util.concurrent.TimeoutException: no"
                      + " answer in 30 s",
                  "attempt 1 charges PayPal",
                  "attempt 2: step \"card\" has failed: java.util.concurrent.TimeoutException: no"
                      + " answer in 30 s",
                  "Ada has paid: by PayPal")),
          entry(
              "ListenToAWorker",
              List.of(
                  "tea for Ada",
                  "order-1 is done",
                  "order-2 has failed for good: the job has no tenant")),
          entry(
              "ChangeAPayload",
              List.of(
                  "Order[product=tea, quantity=2, currency=EUR]",
                  "Order[product=coffee, quantity=1, currency=USD]")),
          entry(
              "EncryptPayloads",
              List.of(
                  "the first begins with aes2:may",
                  "the second begins with aes2:june",
                  "Payment[card=4111, cents=500]",
                  "Payment[card=5500, cents=700]")),
          entry(
              "Metrics",
              List.of(
                  "claims: 4",
                  "attempts that ended as done: 2",
                  "attempts that ended as retry: 1",
                  "attempts that ended as failed: 1",
                  "orders in state pending: 0",
                  "orders in state done: 2",
                  "orders in state failed: 1")),
          entry(
              "Tracing",
              List.of(
                  "enqueue orders: UNSET",
                  "process orders: ERROR",
                  "  linked to the enqueue: true",
                  "process orders: UNSET",
                  "  linked to the enqueue: true")),
          entry(
              "CancelAJob", List.of("second: CANCELLED", "first: REQUESTED", "first is CANCELLED")),
          entry(
              "HealthProbes",
              List.of(
                  "running: 200 {\"status\":\"UP\"}",
                  "stopped: 503 {\"status\":\"DOWN\"}",
                  "stopped, liveness: 200 {\"status\":\"DOWN\"}")),
          entry(
              "GracefulStop",
              List.of(
                  "short: DONE, attempts: 1",
                  "long: PENDING, attempts: 0",
                  "not started: PENDING, attempts: 0")),
          entry(
              "OwnDataSource",
              List.of("placing an order of tea", "the job is DONE", "the pool is closed: false")),
          entry("OnRedis", List.of("placing an order of tea", "the job is DONE")),
          entry(
              "SeveralQueues",
              List.of("all mails are sent", "all reports are written; at most 1 at once")),
          entry(
              "QueuesOverStores",
              List.of(
                  "east has [orders-0, orders-1, orders-2, orders-3], missing: []",
                  "west has [orders-4, orders-5, orders-6, orders-7], missing: []",
                  "one worker has placed all 80 orders",
                  "all has [orders-0, orders-1, orders-2, orders-3], missing: [west]",
                  "orders-0 goes on; of orders-4: the store west takes no calls: the backend is"
                      + " closed")),
          entry(
              "QueuesOverNodes",
              List.of("one worker has placed all 80 orders", "queues that stand still: []")),
          entry(
              "OneAtATime",
              List.of(
                  "six orders are placed, one of each customer at the same time",
                  "most at once: acme 1, globex 1")),
          entry("InOrder", List.of("open (attempt 2)", "pay in (attempt 1)", "close (attempt 1)")),
          entry(
              "FairShares", List.of("small and tiny were through before large had 12 turns: true")),
          entry(
              "RateLimit",
              List.of("429: no mail goes there for 200 ms", "six mails took 500 ms or more: true")),
          entry(
              "Chain",
              List.of(
                  "the chain is STORED",
                  "again, it is COMPLETE",
                  "tea reserved, charged, shipped")),
          entry(
              "FanOutFanIn",
              List.of(
                  "shops that were counted before the load had ended: 0", "the sum is 11257500")),
          entry(
              "BatchWithCallback",
              List.of("not sent: [may/mail/1]", "celebrate is CANCELLED: part mail failed")),
          entry(
              "Recurring",
              List.of(
                  "the stock of tea was counted three times",
                  "monthly: cron Europe/Berlin 0 2 1 * *",
                  "stock: every PT0.1S, paused",
                  "writing the report of sales",
                  "removed: true",
                  "schedules left: 1")),
          entry(
              "NamedLease",
              List.of(
                  "one writes the report",
                  "two wrote it as well: false",
                  "one wrote it: true",
                  "one cleans up",
                  "two cleaned up: false",
                  "one holds device-7: true",
                  "device-7 is free: true")),
          entry(
              "LeaderElection",
              List.of(
                  "one starts reading prices",
                  "two leads: false",
                  "one stops reading prices",
                  "two starts reading prices",
                  "one leads: false",
                  "two stops reading prices")));

  /** A cluster is not needed to run it. */
  private static final Set<String> ON_REDIS = Set.of("OnRedis", "QueuesOverNodes");

  @TempDir private Path directory;

  static List<String> recipes() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return files
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .filter(name -> !name.equals("package-info"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void itPrints(String recipe) throws Exception {
    String[] args =
        ON_REDIS.contains(recipe)
            ? new String[] {TestServers.redis(), "test-" + UUID.randomUUID()}
            : new String[] {directory.resolve("jobs.db").toString()};

    assertThat(run(recipe, args)).isEqualTo(PRINTED.get(recipe));
  }

  @Tag("slow")
  @Test
  void aNodeOfAClusterThatIsGoneCostsItsQueues() throws Exception {
    try (var cluster = RedisCluster.start("--cluster-require-full-coverage", "no")) {
      String uri =
          cluster.nodes().stream()
              .map(node -> "127.0.0.1:" + node.port())
              .collect(joining(",", "redis://", ""));
      assertThat(run("QueuesOverNodes", uri, "shop")).isEqualTo(PRINTED.get("QueuesOverNodes"));
      Map<Integer, List<String>> nodes =
          QueuesOverNodes.ORDERS.stream()
              .map(JobType::queue)
              .collect(groupingBy(queue -> cluster.placeOf("*" + queue + "*").node()));
      assertThat(nodes).hasSizeGreaterThan(1);
      try (var backend = RedisBackend.open(RedisConfig.of(uri).withPrefix("shop"))) {
        int gone = nodes.keySet().iterator().next();
        cluster.nodes().get(gone).kill();
        assertThat(QueuesOverNodes.standStill(JobClient.of(backend))).isEqualTo(nodes.get(gone));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void itIsOneScreenAndStandsInTheReadme(String recipe) throws IOException {
    assertThat(Files.readAllLines(SOURCES.resolve(recipe + ".java")))
        .hasSizeLessThanOrEqualTo(MOST_LINES);
    assertThat(Files.readString(Path.of("README.md")))
        .contains("| [" + recipe + "] | ")
        .contains("\n[" + recipe + "]: " + SOURCES + "/" + recipe + ".java\n");
  }

  /** Runs the main method of a recipe; answers the lines that it prints. */
  private static List<String> run(String recipe, String... args) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(out, true, UTF_8));
    try {
      Class.forName(RecipesTest.class.getPackageName() + "." + recipe)
          .getMethod("main", String[].class)
          .invoke(null, (Object) args);
    } finally {
      System.setOut(before);
    }
    return out.toString(UTF_8).lines().toList();
  }
}
