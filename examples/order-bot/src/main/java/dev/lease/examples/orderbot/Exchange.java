package dev.lease.examples.orderbot;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lease.examples.shared.Failure;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A small exchange. It logs every request before it looks at the idempotency key, takes some time
 * to fill an order, and enters the first order of each key in its book. A repeat is answered with
 * that entry. An order that has begun is finished even if the worker that asked for it is dead. The
 * first attempt of a scarce order is turned away.
 *
 * <p>It serves {@code GET /prices/SYMBOL}, {@code POST /orders}, {@code GET /book}, and {@code GET
 * /open}, which lists the requests in progress.
 */
final class Exchange implements AutoCloseable {

  private static final Duration PRICE_TAKES = Duration.ofMillis(60);

  private final Fill fill;
  private final Map<String, BookEntry> byKey = new ConcurrentHashMap<>();
  private final Set<OrderRequest> open = ConcurrentHashMap.newKeySet();
  private final JsonLines<LogLine> log;
  private final JsonLines<BookEntry> book;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  /**
   * How long the exchange takes to fill an order.
   *
   * @param small for most orders, give or take a half
   * @param large for a large order
   */
  record Fill(Duration small, Duration large) {

    private Duration of(Order order) {
      if (order.quantity() >= Order.LARGE) {
        return large;
      }
      long millis = small.toMillis();
      return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis + 1));
    }
  }

  /**
   * Starts an exchange, which continues the book that it finds.
   *
   * @param port where it listens, on this machine only; 0 for any free port
   * @param directory where its files are
   * @param fill how long it takes to fill an order
   */
  Exchange(int port, Path directory, Fill fill) throws IOException {
    this.fill = fill;
    Files.createDirectories(directory);
    for (BookEntry entry : book(directory)) {
      byKey.put(entry.key(), entry);
    }
    server = listen(port);
    log = new JsonLines<>(directory.resolve("requests.jsonl"));
    book = new JsonLines<>(directory.resolve("book.jsonl"));
    server.setExecutor(threads);
    handle("/prices/", http -> price(http.getRequestURI().getPath()));
    handle("/orders", this::place);
    handle("/book", http -> new Answer(200, byKey.values()));
    handle("/open", http -> new Answer(200, open));
    server.start();
  }

  static List<BookEntry> book(Path directory) {
    return JsonLines.read(directory.resolve("book.jsonl"), BookEntry.class);
  }

  static List<LogLine> log(Path directory) {
    return JsonLines.read(directory.resolve("requests.jsonl"), LogLine.class);
  }

  String url() {
    return "http://localhost:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    log.close();
    book.close();
  }

  private static HttpServer listen(int port) throws IOException {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 100);
    } catch (BindException e) {
      throw new IOException("port " + port + " is in use", e);
    }
  }

  private static Answer price(String path) throws InterruptedException {
    Thread.sleep(PRICE_TAKES.toMillis());
    return new Answer(200, priceOf(path.substring(path.lastIndexOf('/') + 1)));
  }

  private static BigDecimal priceOf(String symbol) {
    return BigDecimal.valueOf(1000 + Math.floorMod(symbol.hashCode(), 9000), 2);
  }

  private Answer place(HttpExchange http) throws IOException, InterruptedException {
    OrderRequest request = Json.MAPPER.readValue(http.getRequestBody(), OrderRequest.class);
    if (request.order().isScarce() && request.attempt() == 1) {
      log.append(LogLine.now(LogLine.Event.TURNED_AWAY, request));
      return new Answer(503, "nobody sells " + request.order().symbol() + " yet");
    }
    open.add(request);
    log.append(LogLine.now(LogLine.Event.ASKED, request));
    try {
      if (request.order().quantity() < 1) {
        log.append(LogLine.now(LogLine.Event.REFUSED, request));
        return new Answer(422, "a quantity of " + request.order().quantity() + " is refused");
      }
      Thread.sleep(fill.of(request.order()).toMillis());
      return new Answer(200, enter(request));
    } finally {
      open.remove(request);
    }
  }

  private synchronized BookEntry enter(OrderRequest request) {
    BookEntry known = byKey.get(request.key());
    if (known != null) {
      log.append(LogLine.now(LogLine.Event.KNOWN, request));
      return known;
    }
    BigDecimal price = priceOf(request.order().symbol());
    BookEntry entry = new BookEntry(request.key(), request.order(), price, Instant.now());
    book.append(entry);
    byKey.put(entry.key(), entry);
    log.append(LogLine.now(LogLine.Event.BOOKED, request));
    return entry;
  }

  private record Answer(int status, Object body) {}

  private interface Handler {
    Answer handle(HttpExchange http) throws IOException, InterruptedException;
  }

  private void handle(String path, Handler handler) {
    server.createContext(
        path,
        http -> {
          try (http) {
            send(http, answer(handler, http));
          }
        });
  }

  private static Answer answer(Handler handler, HttpExchange http) throws IOException {
    try {
      return handler.handle(http);
    } catch (RuntimeException e) {
      return new Answer(500, "the exchange failed: " + Failure.inWords(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Answer(503, "the exchange is closing");
    }
  }

  private static void send(HttpExchange http, Answer answer) throws IOException {
    byte[] body = Json.MAPPER.writeValueAsBytes(answer.body());
    http.getResponseHeaders().set("Content-Type", "application/json");
    http.sendResponseHeaders(answer.status(), body.length);
    http.getResponseBody().write(body);
  }
}
