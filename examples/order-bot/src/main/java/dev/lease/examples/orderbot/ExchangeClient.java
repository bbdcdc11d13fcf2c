package dev.lease.examples.orderbot;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Talks to the exchange. */
final class ExchangeClient {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Duration PATIENCE_FOR_AN_ORDER = Duration.ofMinutes(10);

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI url;

  ExchangeClient(URI url) {
    this.url = url;
  }

  boolean answers() throws InterruptedException {
    try {
      send(to("/open").build(), PATIENCE);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  BigDecimal price(String symbol) throws IOException, InterruptedException {
    HttpResponse<String> response = send(to("/prices/" + symbol).build(), PATIENCE);
    return Json.MAPPER.readValue(response.body(), BigDecimal.class);
  }

  BookEntry place(OrderRequest order)
      throws IOException, InterruptedException, OrderRefusedException {
    String body = Json.MAPPER.writeValueAsString(order);
    HttpRequest request = to("/orders").POST(BodyPublishers.ofString(body)).build();
    HttpResponse<String> response = send(request, PATIENCE_FOR_AN_ORDER);
    if (response.statusCode() == 422) {
      throw new OrderRefusedException(Json.MAPPER.readValue(response.body(), String.class));
    }
    return Json.MAPPER.readValue(response.body(), BookEntry.class);
  }

  /** The requests in progress. */
  List<OrderRequest> open() throws IOException, InterruptedException {
    String body = send(to("/open").build(), PATIENCE).body();
    return List.of(Json.MAPPER.readValue(body, OrderRequest[].class));
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(url.resolve(path));
  }

  private HttpResponse<String> send(HttpRequest request, Duration patience)
      throws IOException, InterruptedException {
    // In JDK 17 the timeout of a request follows the wall clock, and fires when that is set.
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(request, BodyHandlers.ofString());
    HttpResponse<String> response;
    try {
      response = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException("no exchange answers at " + url, e);
    } catch (TimeoutException e) {
      throw new IOException("the exchange at " + url + " did not answer in " + patience, e);
    } finally {
      answer.cancel(true);
    }
    if (response.statusCode() != 200 && response.statusCode() != 422) {
      throw new IOException(
          "the exchange answered " + response.statusCode() + " to " + request.uri().getPath());
    }
    return response;
  }
}
