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
 * What a child and its parent say to each other: lines that begin with a word. The child ends when
 * its parent ends, even by a kill, because its input is closed then.
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
      // As if the input had ended.
    }
    Runtime.getRuntime().halt(1);
  }

  synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** Reports that the measurement can begin, and waits for the start. */
  void ready() throws InterruptedException {
    say("READY");
    await("GO");
  }

  /** Reports the result. */
  void done(Map<String, ?> result) {
    say("DONE " + Json.MAPPER.writeValueAsString(result));
  }

  /** Reports that all work has ended, and waits: the parent reads the counters of this process. */
  void closed() throws InterruptedException {
    say("CLOSED");
    await("END");
  }

  /** Reports its progress every second. */
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
      // A parent says nothing else to its child.
    }
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, "benchmark-" + name);
    thread.setDaemon(true);
    thread.start();
  }
}
