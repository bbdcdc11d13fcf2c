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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sends no more mails through a provider than it takes: ten a second, evenly spread, and two more
 * at once after a rest. When the provider says "too many requests" all the same, the handler closes
 * the key for the time that it names, so that no other mail goes there meanwhile.
 */
final class RateLimit {

  record Mail(String provider, int number) {}

  static final JobType<Mail> SEND = JobType.of("mails", "send", Mail.class).withKey(Mail::provider);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file))) {
      // Once, by a program or by hand: lease limit mails --slots 4 --rate 10/1s --burst 2
      KeyLimit limit = KeyLimit.of(4).withRate(10, Duration.ofSeconds(1), 2);
      backend.admission().limit("mails", null, limit);
      CountDownLatch sent = new CountDownLatch(6);
      AtomicBoolean isPatient = new AtomicBoolean();
      try (Worker worker =
          Worker.builder(backend)
              .handle(
                  SEND,
                  (mail, context) -> {
                    if (mail.number() == 6 && !isPatient.getAndSet(true)) {
                      System.out.println("429: no mail goes there for 200 ms");
                      throw Outcome.closeKey(Duration.ofMillis(200)).because("429");
                    }
                    sent.countDown();
                  })
              .build()) {
        JobClient client = JobClient.of(backend);
        long begun = System.nanoTime();
        for (int number = 1; number <= 6; number++) {
          client.enqueue(SEND, new Mail("post.example", number));
        }
        worker.start();
        sent.await();
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        // Three at once, three more in 300 ms, and the pause.
        System.out.println("six mails took 500 ms or more: " + (took.toMillis() >= 500));
      }
    }
  }
}
