package dev.lease.examples.proof;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * The world outside of the workers. They make their effects here, report what the store answers,
 * and announce the points that they reach. The first attempts that reach a point wait there until
 * they may go on; later ones do not.
 */
final class ProofWorld implements AutoCloseable {

  /** A worker has reached a point. */
  record Reached(String worker, ProofPoint point, long token) {}

  /**
   * A request for an effect.
   *
   * @param key the idempotency key under which the effect is made once; null to make it each time
   * @param fenced whether the effect is refused after it was made under a larger token
   */
  record Effect(String job, String step, @Nullable String key, long token, boolean fenced) {}

  static final JsonMapper JSON = new JsonMapper();

  private static final int DONE = 200;
  private static final int REFUSED = 409;

  private final Queue<Reached> reached = new ConcurrentLinkedQueue<>();
  private final int waiting;
  private final ProofEffects effects = new ProofEffects();
  private final ProofAnswers answers = new ProofAnswers();
  private final Set<String> keys = new HashSet<>(); // Guarded by this, as those below.
  private final Map<String, Long> largestTokens = new HashMap<>();
  private final Map<ProofPoint, Map<Long, CompletableFuture<@Nullable Void>>> gates =
      new HashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  /**
   * @param waiting how many attempts wait at each point
   */
  ProofWorld(int waiting) throws IOException {
    this.waiting = waiting;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
    server.setExecutor(threads);
    server.createContext("/reached", this::reached);
    server.createContext("/effects", this::effect);
    server.createContext("/answers", this::answered);
    server.start();
  }

  URI url() {
    return URI.create("http://localhost:" + server.getAddress().getPort());
  }

  /** The next worker that has reached a point; null if there is none. */
  @Nullable Reached next() {
    return reached.poll();
  }

  /** Lets the attempt that has reached a point go on. */
  void open(Reached reached) {
    gate(reached).complete(null);
  }

  ProofEffects effects() {
    return effects;
  }

  ProofAnswers answers() {
    return answers;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  private synchronized CompletableFuture<@Nullable Void> gate(Reached here) {
    Map<Long, CompletableFuture<@Nullable Void>> attempts =
        gates.computeIfAbsent(here.point(), p -> new HashMap<>());
    CompletableFuture<@Nullable Void> known = attempts.get(here.token());
    if (known != null) {
      return known;
    }
    if (attempts.size() == waiting) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<@Nullable Void> gate = new CompletableFuture<>();
    attempts.put(here.token(), gate);
    reached.add(here);
    return gate;
  }

  private void reached(HttpExchange http) throws IOException {
    try (http) {
      gate(JSON.readValue(http.getRequestBody(), Reached.class)).join();
      http.sendResponseHeaders(DONE, -1);
    }
  }

  private void effect(HttpExchange http) throws IOException {
    try (http) {
      Effect effect = JSON.readValue(http.getRequestBody(), Effect.class);
      http.sendResponseHeaders(make(effect) ? DONE : REFUSED, -1);
    }
  }

  private void answered(HttpExchange http) throws IOException {
    try (http) {
      answers.add(JSON.readValue(http.getRequestBody(), ProofAnswers.Answer.class));
      http.sendResponseHeaders(DONE, -1);
    }
  }

  private synchronized boolean make(Effect effect) {
    if (effect.key() != null && !keys.add(effect.key())) {
      return true;
    }
    if (effect.fenced()) {
      String resource = effect.job() + "/" + effect.step();
      long largest = largestTokens.merge(resource, effect.token(), Math::max);
      if (effect.token() < largest) {
        return false;
      }
    }
    effects.add(effect.job(), effect.step(), effect.token());
    return true;
  }
}
