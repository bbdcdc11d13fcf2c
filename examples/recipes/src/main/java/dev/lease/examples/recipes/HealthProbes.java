package dev.lease.examples.recipes;

import com.sun.net.httpserver.HttpServer;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import dev.lease.worker.health.HealthHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;

/**
 * Answers the probes of a container over HTTP. A worker that was stopped is not ready any more; it
 * is still live, since a new start of the JVM is not what it needs.
 */
final class HealthProbes {

  static final JobType<String> PLACE_ORDER = JobType.of("orders", "place-order", String.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend).handle(PLACE_ORDER, (order, context) -> {}).build()) {
      InetAddress here = InetAddress.getLoopbackAddress();
      HttpServer server = HttpServer.create(new InetSocketAddress(here, 0), 0);
      server.createContext("/live", HealthHandler.liveness(worker));
      server.createContext("/ready", HealthHandler.readiness(worker));
      server.start();
      String url = "http://localhost:" + server.getAddress().getPort();

      worker.start();
      System.out.println("running: " + get(url + "/ready"));
      worker.stop();
      System.out.println("stopped: " + get(url + "/ready"));
      System.out.println("stopped, liveness: " + get(url + "/live"));
      server.stop(0);
    }
  }

  private static String get(String url) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
    return response.statusCode() + " " + response.body();
  }
}
