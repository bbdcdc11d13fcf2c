package dev.lease.examples.recipes;

import dev.lease.KeyLimit;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Outcome;
import dev.lease.worker.Worker;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Books what happens on an account in the order in which it was enqueued. An entry that fails keeps
 * its place: the next one waits until it is done, or has failed for good. Other accounts go on.
 */
final class InOrder {

  record Entry(String account, String what) {}

  static final JobType<Entry> BOOK =
      JobType.of("entries", "book", Entry.class).withKey(Entry::account);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file))) {
      // Once, by a program or by hand: lease limit entries --slots 1 --in-order
      backend.admission().limit("entries", null, KeyLimit.of(1).inOrder());
      List<String> booked = Collections.synchronizedList(new ArrayList<>());
      CountDownLatch all = new CountDownLatch(3);
      CountDownLatch other = new CountDownLatch(1);
      try (Worker worker =
          Worker.builder(backend)
              .handle(
                  BOOK,
                  (entry, context) -> {
                    if (entry.account().equals("savings")) {
                      other.countDown();
                      return;
                    }
                    if (entry.what().equals("open") && context.attempt() == 1) {
                      other.await(); // The other account does not wait for this one.
                      throw Outcome.retryAfter(Duration.ofMillis(50)).because("no answer");
                    }
                    booked.add(entry.what() + " (attempt " + context.attempt() + ")");
                    all.countDown();
                  })
              .build()) {
        JobClient client = JobClient.of(backend);
        for (String what : List.of("open", "pay in", "close")) {
          client.enqueue(BOOK, new Entry("current", what));
        }
        client.enqueue(BOOK, new Entry("savings", "open"));
        worker.start();
        all.await();
      }
      booked.forEach(System.out::println);
    }
  }
}
