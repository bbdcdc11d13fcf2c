package dev.lease.examples.recipes;

import dev.lease.JobQueue;
import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.JobClient;
import dev.lease.worker.JobType;
import dev.lease.worker.Worker;
import dev.lease.worker.WorkerConfig;
import dev.lease.worker.codec.EncryptingCodec;
import dev.lease.worker.codec.JacksonCodec;
import java.nio.file.Files;
import java.security.SecureRandom;
import java.util.concurrent.CountDownLatch;

/**
 * Encrypts payloads, and changes to another key while a job waits. The store sees which key a text
 * needs, and nothing else of it.
 */
final class EncryptPayloads {

  record Payment(String card, int cents) {}

  static final JobType<Payment> PAY = JobType.of("payments", "pay", Payment.class);

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    byte[] may = newKey();
    byte[] june = newKey();
    EncryptingCodec before = EncryptingCodec.of(JacksonCodec.DEFAULT, "may", may);
    EncryptingCodec now =
        EncryptingCodec.of(JacksonCodec.DEFAULT, "june", june).withOldKey("may", may);
    CountDownLatch paid = new CountDownLatch(2);
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Worker worker =
            Worker.builder(backend)
                .config(WorkerConfig.builder().concurrency(1).build())
                .codec(now)
                .handle(
                    PAY,
                    (payment, context) -> {
                      System.out.println(payment);
                      paid.countDown();
                    })
                .build()) {
      JobQueue jobs = backend.jobQueue();
      String first = client(backend, before).enqueue(PAY, new Payment("4111", 500)).id();
      String second = client(backend, now).enqueue(PAY, new Payment("5500", 700)).id();
      System.out.println("the first begins with " + begin(jobs, first));
      System.out.println("the second begins with " + begin(jobs, second));

      worker.start();
      paid.await();
    }
  }

  /** A program would read its keys from where it keeps its secrets. */
  private static byte[] newKey() {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    return key;
  }

  private static JobClient client(JdbcBackend backend, EncryptingCodec codec) {
    return JobClient.builder(backend).codec(codec).build();
  }

  private static String begin(JobQueue jobs, String id) {
    String text = jobs.find("payments", id).orElseThrow().payload();
    return text.substring(0, text.lastIndexOf(':'));
  }
}
