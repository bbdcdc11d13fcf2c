package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.HeldLease;
import dev.lease.worker.Leases;
import java.nio.file.Files;
import java.time.Duration;

/**
 * Runs a nightly report in one process only, however many processes start it. The lease is renewed
 * for as long as the report takes, and work that loses its lease is interrupted. Here, two {@code
 * Leases} stand for two processes.
 */
final class NamedLease {

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Leases one = Leases.builder(backend).owner("one").build();
        Leases two = Leases.builder(backend).owner("two").build()) {

      // Whoever holds the lease runs; nobody waits for it.
      boolean ran =
          one.tryRun(
              "nightly-report",
              lease -> {
                System.out.println("one writes the report");
                boolean other = two.tryRun("nightly-report", same -> {});
                System.out.println("two wrote it as well: " + other);
                // Throws if the lease is lost. Call it before every side effect.
                lease.checkHeld();
              });
      System.out.println("one wrote it: " + ran);

      // Keeps the name taken for a while: a process whose clock is late would clean up again.
      one.tryRun("cleanup", Duration.ofMinutes(10), lease -> System.out.println("one cleans up"));
      System.out.println("two cleaned up: " + two.tryRun("cleanup", lease -> {}));

      // For work that is not in one block. The token grows with each holder.
      try (HeldLease lease = one.tryAcquire("device-7").orElseThrow()) {
        lease.onLost(() -> System.out.println("device-7 is lost: stop"));
        System.out.println("one holds " + lease.name() + ": " + lease.isHeld());
      }
      System.out.println("device-7 is free: " + backend.leaseStore().find("device-7").isEmpty());
    }
  }
}
