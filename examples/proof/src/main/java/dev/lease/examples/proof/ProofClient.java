package dev.lease.examples.proof;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;

/**
 * A worker's side of the {@link ProofWorld}. It waits in a way that no interrupt ends: who wakes up
 * after its lease was lost goes on as if nothing had been.
 */
final class ProofClient {

  private final URI world;
  private final String worker;

  ProofClient(URI world, String worker) {
    this.world = world;
    this.worker = worker;
  }

  /** Announces a point of the job that is to be struck there, and waits until it may go on. */
  void reach(ProofPoint point, String job, long token) {
    if (job.equals(point.name())) {
      post("/reached", new ProofWorld.Reached(worker, point, token));
      Thread.interrupted();
    }
  }

  void effect(ProofWorld.Effect effect) {
    if (post("/effects", effect) != HttpURLConnection.HTTP_OK) {
      throw new IllegalStateException("the world refuses " + effect);
    }
  }

  private int post(String path, Object body) {
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
