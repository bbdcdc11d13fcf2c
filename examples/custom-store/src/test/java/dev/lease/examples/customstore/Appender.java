package dev.lease.examples.customstore;

import dev.lease.Enqueued;
import dev.lease.NewJob;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;

/** Enqueues large jobs until it is killed, and prints the id of each stored job. */
final class Appender {

  private static final String PAYLOAD = "x".repeat(1 << 18);

  private Appender() {}

  public static void main(String[] args) {
    try (var store = new LogStore(Path.of(args[0]), InstantSource.system())) {
      while (!System.out.checkError()) { // true once nobody reads the output
        String id = UUID.randomUUID().toString();
        NewJob job = NewJob.builder("queue", id, "type", PAYLOAD).build();
        for (Enqueued enqueued : store.enqueue(List.of(job))) {
          System.out.println(enqueued.id());
        }
      }
    }
  }
}
