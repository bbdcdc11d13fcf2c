package dev.lease.examples.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * A worker's connection to the {@link ProofWorld}. No interrupt ends its waits, so a worker that
 * wakes up after it has lost its lease goes on as if nothing had happened.
 */
final class ProofClient {

  private static final Executor THREADS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "to-the-world");
            thread.setDaemon(true);
            return thread;
          });

  private final URI world;
  private final String worker;

  ProofClient(URI world, String worker) {
    this.world = world;
    this.worker = worker;
  }

  /** Announces a point, if this job is to be struck there, and waits until it may go on. */
  void reach(ProofPoint point, String job, long token) {
    if (job.equals(point.name())) {
      announce(point, token);
    }
  }

  /** Announces a point, and waits until this attempt may go on. */
  void announce(ProofPoint point, long token) {
    post("/reached", new ProofWorld.Reached(worker, point, token));
    Thread.interrupted();
  }

  void effect(ProofWorld.Effect effect) {
    if (post("/effects", effect) != HttpURLConnection.HTTP_OK) {
      throw new IllegalStateException("the world refuses " + effect);
    }
  }

  /** Reports what the store has answered. */
  void answered(boolean isClaim, List<ProofAnswers.Hold> holds) {
    post("/answers", new ProofAnswers.Answer(worker, isClaim, holds));
  }

  /** On a platform thread: an interrupt closes the socket on which a virtual one waits. */
  private int post(String path, Object body) {
    return CompletableFuture.supplyAsync(() -> send(path, body), THREADS).join();
  }

  private int send(String path, Object body) {
    try {
      HttpURLConnection http = (HttpURLConnection) world.resolve(path).toURL().openConnection();
      http.setDoOutput(true);
      http.getOutputStream().write(ProofWorld.JSON.writeValueAsBytes(body));
      return http.getResponseCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
