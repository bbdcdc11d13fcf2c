package dev.lease.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.net.httpserver.HttpServer;
import dev.lease.StoreException;
import dev.lease.worker.WorkerHealth.Status;
import dev.lease.worker.health.HealthHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.EnumSource;

/** What probes hear of a worker. */
@EnumSource(names = "POSTGRESQL")
class HealthTest extends WorkerFixture {

  private static void refuse(FaultyQueue jobs) {
    jobs.onClaim =
        (queue, call) -> {
          throw StoreException.notDone("connection refused", null);
        };
  }

  @Test
  @DisplayName("a worker is DOWN before its start and after its stop, and UP in between")
  void life() {
    Worker worker =
        Parts.worker(jobs).config(config().build()).handle(TEXT, (payload, context) -> {}).build();
    assertThat(worker.health()).hasToString("DOWN: the worker was not started");
    assertThat(worker.health().sinceLastClaim()).isNull();

    started(worker);
    eventually(() -> worker.health().sinceLastClaim() != null);
    assertThat(worker.health()).hasToString("UP");
    assertThat(worker.health().isLive()).isTrue();
    assertThat(worker.health().isReady()).isTrue();

    worker.stop();
    assertThat(worker.health().isReady()).isFalse();
    assertThat(worker.health().isLive()).as("a start of the JVM is not what it needs").isTrue();
  }

  @Test
  @DisplayName("an outage degrades a worker, takes it down when leases end, and leaves it live")
  void outage() {
    Worker worker =
        start(Parts.worker(jobs).config(keptLease().build()).handle(TEXT, (p, c) -> {}));
    eventually(() -> worker.health().status() == Status.UP);
    refuse(jobs);

    eventually(
        () ->
            worker.health().status() == Status.DOWN
                && hasOneReason(
                    worker, "the worker cannot claim jobs of queue texts: connection refused"));
    assertThat(worker.health().isLive()).isTrue();

    jobs.onClaim = (queue, call) -> call.get();
    eventually(() -> worker.health().status() == Status.UP);
  }

  @Test
  @DisplayName("an outage of one queue of two only degrades a worker")
  void partialOutage() {
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(shortLease().build())
                .handle(TEXT, (payload, context) -> {})
                .handle(TEXT.in("other"), (payload, context) -> {}));
    jobs.onClaim =
        (queue, call) -> {
          if (queue.equals("other")) {
            throw StoreException.notDone("connection refused", null);
          }
          return call.get();
        };
    eventually(
        () -> worker.health().status() == Status.DEGRADED && hasOneReason(worker, "queue other"));
    assertThat(worker.health().isReady()).isTrue();
  }

  /** For a moment a call that lasts on a busy machine may be another reason. */
  private static boolean hasOneReason(Worker worker, String part) {
    List<String> reasons = worker.health().reasons();
    return reasons.size() == 1 && reasons.get(0).contains(part);
  }

  @Test
  @DisplayName("stuck slots degrade a worker; when all are stuck only a new JVM helps")
  void stuck() throws Exception {
    CountDownLatch end = latch();
    enqueue("a", "b");
    CountDownLatch running = latch(2);
    Worker worker =
        start(
            Parts.worker(jobs)
                .config(shortLease().concurrency(2).build())
                .handle(
                    TEXT,
                    (payload, context) -> {
                      running.countDown();
                      passStubbornly(end);
                    },
                    maxRunTime(Duration.ofMillis(1))));
    pass(running);
    eventually(() -> worker.health().reasons().contains("all 2 slots are stuck"));
    assertThat(worker.health().status()).isEqualTo(Status.DOWN);
    assertThat(worker.health().isLive()).isFalse();
    end.countDown();
    eventually(() -> worker.health().isLive());
  }

  @Test
  @DisplayName("a job that is due for too long degrades a worker")
  void oldestDue() {
    enqueue("a");
    CountDownLatch end = latch();
    eventually(
        () -> {
          Duration due = Duration.between(job("a").dueAt(), job("a").asOf());
          return due.compareTo(Duration.ofSeconds(1)) > 0;
        });
    enqueue(client.job(TEXT, "first", "first").priority(9).build());
    Worker worker =
        start(
            Parts.worker(jobs, admin)
                .config(config().maxDueTime(Duration.ofSeconds(1)).build())
                .handle(TEXT, (payload, context) -> pass(end)));
    eventually(() -> worker.health().status() == Status.DEGRADED);
    assertThat(worker.health().reasons())
        .singleElement()
        .asString()
        .matches("a job of queue texts has been due for [1-9].*");
    end.countDown();
  }

  @Test
  @DisplayName("W29 a claim that does not return takes a worker down, though nothing fails")
  void hangingClaim() throws InterruptedException {
    CountDownLatch hangs = latch();
    CountDownLatch end = latch();
    Worker worker =
        start(Parts.worker(jobs).config(shortLease().build()).handle(TEXT, (p, c) -> {}));
    eventually(() -> worker.health().status() == Status.UP);
    jobs.onClaim =
        (queue, call) -> {
          hangs.countDown();
          passStubbornly(end);
          return call.get();
        };
    // A slow claim before it may take the worker down too.
    pass(hangs);
    eventually(() -> worker.health().status() == Status.DOWN);
    assertThat(worker.health().reasons())
        .singleElement()
        .asString()
        .startsWith("a claim of queue texts has not returned for ")
        .doesNotContain("PT");
    end.countDown();
    eventually(() -> worker.health().status() == Status.UP);
  }

  @Test
  @DisplayName("a maximum of due time without an admin is refused")
  void maxDueTimeOfNobody() {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(
            () ->
                Parts.worker(jobs)
                    .config(config().maxDueTime(FAR).build())
                    .handle(TEXT, (payload, context) -> {})
                    .build())
        .withMessageContainingAll("capability ADMIN", "maxDueTime, 1 h");
  }

  @Test
  @DisplayName("probes over HTTP get 200 or 503, and the reasons only where that was asked for")
  void http() throws Exception {
    Worker worker =
        Parts.worker(jobs).config(config().build()).handle(TEXT, (payload, context) -> {}).build();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/live", HealthHandler.liveness(worker));
    server.createContext("/ready", HealthHandler.readiness(worker));
    server.createContext("/why", HealthHandler.readiness(worker).withReasons());
    server.start();
    try {
      String url = "http://localhost:" + server.getAddress().getPort();
      HttpResponse<String> ready = get(url + "/ready");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.headers().firstValue("Content-Type")).contains("application/json");
      assertThat(ready.body()).isEqualTo("{\"status\":\"DOWN\"}");
      assertThat(get(url + "/why").body())
          .isEqualTo("{\"status\":\"DOWN\",\"reasons\":[\"the worker was not started\"]}");
      assertThat(get(url + "/live").statusCode()).isEqualTo(200);

      started(worker);
      eventually(() -> get(url + "/ready").statusCode() == 200);
      assertThat(get(url + "/ready").body()).isEqualTo("{\"status\":\"UP\"}");
      refuse(jobs);
      eventually(() -> get(url + "/why").body().contains("connection refused"));
      assertThat(get(url + "/live").body()).doesNotContain("refused", TEXT.queue());
      assertThat(send(HttpRequest.newBuilder(URI.create(url + "/ready")).DELETE()).statusCode())
          .isEqualTo(405);
    } finally {
      server.stop(0);
    }
  }

  private static HttpResponse<String> get(String url) throws Exception {
    return send(HttpRequest.newBuilder(URI.create(url)).GET());
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
