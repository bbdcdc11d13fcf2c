package dev.lease.examples.benchmark;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.LongSupplier;

/**
 * What a child and its parent say to each other, a word at the beginning of each line. The child
 * ends with its parent, even if that was killed: its input ends then.
 */
final class Lines {

  private static final long TICK_MILLIS = 1000;

  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

  Lines() {
    daemon("input", this::listen);
  }

  private void listen() {
    try (var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        heard.add(line);
      }
    } catch (IOException e) {
      // As if it had ended.
    }
    Runtime.getRuntime().halt(1);
  }

  synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Says that all is ready to be measured, and waits until it is to begin. */
  void ready() throws InterruptedException {
    say("READY");
    await("GO");
  }

  /** Says how it went. */
  void done(Map<String, ?> result) {
    say("DONE " + Json.MAPPER.writeValueAsString(result));
  }

  /** Says that nothing is under way any more, and stays to be looked at. */
  void closed() throws InterruptedException {
    say("CLOSED");
    await("END");
  }

  /** Says each second how far it is. */
  void tick(LongSupplier count) {
    daemon(
        "tick",
        () -> {
          while (true) {
            try {
              Thread.sleep(TICK_MILLIS);
            } catch (InterruptedException e) {
              return;
            }
            say("TICK " + count.getAsLong());
          }
        });
  }

  private void await(String word) throws InterruptedException {
    while (!heard.take().equals(word)) {
      // Nothing else is said to a child.
    }
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, "benchmark-" + name);
    thread.setDaemon(true);
    thread.start();
  }
}
