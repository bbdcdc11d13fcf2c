package dev.lease.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import dev.lease.Backend;
import dev.lease.StoreException;
import dev.lease.worker.metrics.SoonQueueMetrics;
import dev.lease.worker.metrics.WorkerMetrics;
import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every query of the dashboard is about a real run, in words and in a real Prometheus. */
class DashboardTest {

  private static final JobType<String> TEXT = WorkerFixture.TEXT;
  private static final JsonMapper JSON = new JsonMapper();
  private static final Duration SOON = Duration.ofMillis(100);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Backend backend = Store.JDBC.open(Store.JDBC.newModule());
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<AutoCloseable> open = new ArrayList<>();
  @TempDir private Path directory;

  /** A worker with an outage behind it, a job that is kept, and jobs that end in all ways. */
  @BeforeEach
  void run() {
    var jobs = new FaultyQueue(backend.jobQueue());
    var metrics = WorkerMetrics.of(registry);
    jobs.onClaim =
        (queue, call) -> {
          jobs.onClaim = (again, next) -> next.get();
          throw StoreException.notDone("down", null);
        };
    Worker worker =
        Parts.worker(jobs)
            .config(WorkerFixture.soonExtended().concurrency(4).build())
            .listen(metrics)
            .handle(TEXT, this::handle, RetryPolicy.fixed(Duration.ZERO))
            .build();
    metrics.watch(worker);
    open.add(SoonQueueMetrics.start(registry, backend));
    open.add(worker);
    worker.start();
    var client = JobClient.of(Parts.of(jobs));
    var producer = WorkerFixture.inBackground(() -> produce(client));
    open.add(
        () -> {
          over.set(true);
          producer.join();
        });
  }

  private void handle(String payload, JobContext context) throws Exception {
    switch (payload) {
      case "long" -> {
        while (!over.get()) {
          context.checkActive();
          TimeUnit.MILLISECONDS.sleep(5);
        }
      }
      case "flaky" -> {
        if (context.attempt() == 1) {
          throw new IllegalStateException("boom");
        }
      }
      case "bad" -> throw Outcome.fail().because("no account");
      default -> TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private void produce(JobClient client) {
    client.enqueue(TEXT, "long");
    try {
      while (!over.get()) {
        for (String payload : List.of("good", "flaky", "bad")) {
          client.enqueue(TEXT, payload);
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void end() throws Exception {
    // The last that was opened first: nobody enqueues into a store that is closed.
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
    backend.close();
  }

  /** The queries of all panels, with the variables as Grafana fills them in at first. */
  private static List<String> queries() throws IOException {
    JsonNode dashboard = JSON.readTree(Files.readString(Path.of("docs/grafana-dashboard.json")));
    return dashboard.findValuesAsString("expr").stream()
        .map(query -> query.replace("$queue", ".*").replace("$type", ".*"))
        .map(query -> query.replace("$__rate_interval", "10s"))
        .toList();
  }

  @Test
  @DisplayName("each query of the dashboard names what the registry exposes")
  void names() throws Exception {
    Pattern name = Pattern.compile("lease_[a-z_]+");
    List<String> wanted =
        queries().stream()
            .flatMap(query -> name.matcher(query).results().map(MatchResult::group))
            .distinct()
            .toList();
    assertThat(wanted).hasSizeGreaterThan(10);
    Awaitility.await()
        .atMost(WorkerFixture.LONG)
        .untilAsserted(
            () ->
                assertThat(registry.scrape().lines().map(line -> line.split("[{ ]", 2)[0]))
                    .containsAll(wanted));
  }

  @Test
  @DisplayName("the page has a row for each meter, and each meter a unit and a description")
  void page() throws IOException {
    List<String> rows =
        Files.readAllLines(Path.of("docs/observability.md")).stream()
            .filter(line -> line.startsWith("| `lease."))
            .map(line -> line.replaceFirst("\\| `([^`]+)`.*", "$1"))
            .toList();
    Awaitility.await()
        .atMost(WorkerFixture.LONG)
        .untilAsserted(
            () ->
                assertThat(registry.getMeters())
                    .extracting(meter -> meter.getId().getName())
                    .containsOnly(rows.toArray(String[]::new)));
    assertThat(registry.getMeters())
        .extracting(Meter::getId)
        .allMatch(id -> id.getBaseUnit() != null && id.getDescription() != null);
  }

  @Test
  @DisplayName("each query of the dashboard has an answer in a Prometheus that scrapes a run")
  void answers() throws Exception {
    Optional<Path> program = program();
    assumeTrue(program.isPresent(), "prometheus is not installed");
    int port = freePort();
    Process prometheus = start(program.orElseThrow(), port, serve());
    open.add(
        () -> {
          prometheus.destroy();
          prometheus.waitFor();
        });
    var unanswered = new ArrayList<>(queries());
    assertThat(unanswered).hasSizeGreaterThan(15);
    Awaitility.await()
        .atMost(WorkerFixture.LONG)
        .pollInterval(SOON)
        .untilAsserted(
            () -> {
              assertThat(prometheus.isAlive()).isTrue();
              unanswered.removeIf(query -> hasAnswer(port, query));
              assertThat(unanswered).isEmpty();
            });
  }

  private static Optional<Path> program() {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(directory -> Path.of(directory, "prometheus"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private int serve() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/metrics",
        exchange -> {
          byte[] text = registry.scrape().getBytes(UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, text.length);
          exchange.getResponseBody().write(text);
          exchange.close();
        });
    server.start();
    open.add(() -> server.stop(0));
    return server.getAddress().getPort();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process start(Path program, int port, int scraped) throws IOException {
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global: {scrape_interval: 500ms, scrape_timeout: 500ms}
        scrape_configs:
          - {job_name: lease, static_configs: [{targets: ["127.0.0.1:%d"]}]}
        """
            .formatted(scraped));
    return new ProcessBuilder(
            program.toString(),
            "--config.file=" + config,
            "--storage.tsdb.path=" + directory.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port)
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve("log").toFile())
        .start();
  }

  /** Whether there is a number: without any there would be nothing in the panel. */
  private static boolean hasAnswer(int port, String query) {
    URI uri =
        URI.create(
            "http://127.0.0.1:" + port + "/api/v1/query?query=" + URLEncoder.encode(query, UTF_8));
    try {
      HttpResponse<String> response =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      if (response.statusCode() == 503) {
        // It has begun to listen, but is not ready.
        return false;
      }
      String answer = response.body();
      JsonNode json = JSON.readTree(answer);
      assertThat(json.path("status").asString()).as("%s: %s", query, answer).isEqualTo("success");
      for (JsonNode series : json.path("data").path("result")) {
        if (Double.isFinite(Double.parseDouble(series.path("value").path(1).asString()))) {
          return true;
        }
      }
    } catch (IOException e) {
      // Prometheus does not listen yet.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
