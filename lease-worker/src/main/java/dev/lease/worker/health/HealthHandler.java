package dev.lease.worker.health;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.lease.Limits;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerHealth;
import dev.lease.worker.codec.CodecContext;
import dev.lease.worker.codec.JacksonCodec;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Answers a probe over HTTP, for the server of the JDK:
 *
 * <pre>{@code
 * InetAddress here = InetAddress.getLoopbackAddress();
 * HttpServer server = HttpServer.create(new InetSocketAddress(here, 8081), 0);
 * server.createContext("/live", HealthHandler.liveness(worker));
 * server.createContext("/ready", HealthHandler.readiness(worker));
 * server.start();
 * }</pre>
 *
 * <p>The status code is 200 or 503, and the body is JSON with the status. A probe needs no more,
 * and the reasons name queues, and quote what the store says, with its host: {@link #withReasons}
 * adds them. Safe for use by many threads.
 */
public final class HealthHandler implements HttpHandler {

  /** This codec does not look at it. */
  private static final CodecContext OF_NO_JOB =
      CodecContext.of("health", "health", "health", Map.of());

  private final Worker worker;
  private final Predicate<WorkerHealth> good;
  private final boolean reasons;

  private HealthHandler(Worker worker, Predicate<WorkerHealth> good, boolean reasons) {
    this.worker = Limits.notNull("worker", worker);
    this.good = good;
    this.reasons = reasons;
  }

  /**
   * Makes the handler of a liveness probe: 503 if only a new start of the JVM can help.
   *
   * @param worker the worker
   * @return the handler
   */
  public static HealthHandler liveness(Worker worker) {
    return new HealthHandler(worker, WorkerHealth::isLive, false);
  }

  /**
   * Makes the handler of a readiness probe: 503 if the worker does no work.
   *
   * @param worker the worker
   * @return the handler
   */
  public static HealthHandler readiness(Worker worker) {
    return new HealthHandler(worker, WorkerHealth::isReady, false);
  }

  /**
   * Answers with the {@link WorkerHealth#reasons} too, for a port that only those can reach who may
   * read the log.
   *
   * @return the same handler with reasons
   */
  public HealthHandler withReasons() {
    return new HealthHandler(worker, good, true);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      WorkerHealth health = worker.health();
      int code = good.test(health) ? 200 : 503;
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      if (method.equals("HEAD")) {
        exchange.sendResponseHeaders(code, -1);
      } else {
        byte[] body = json(health).getBytes(UTF_8);
        exchange.sendResponseHeaders(code, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private String json(WorkerHealth health) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("status", health.status().name());
    if (reasons) {
      body.put("reasons", health.reasons());
    }
    return JacksonCodec.DEFAULT.write(body, Map.class, OF_NO_JOB);
  }
}
