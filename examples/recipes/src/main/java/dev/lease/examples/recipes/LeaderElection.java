package dev.lease.examples.recipes;

import dev.lease.jdbc.JdbcBackend;
import dev.lease.jdbc.JdbcConfig;
import dev.lease.worker.HeldLease;
import dev.lease.worker.Leader;
import dev.lease.worker.Leases;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * Lets one of several processes be the leader. Each is told when it begins and when it ends to
 * lead. When the leader closes, or dies, another takes over. Two candidates of one program play two
 * processes here.
 */
final class LeaderElection {

  /** What a leader does: here it says so. */
  record Feed(String process, CountDownLatch begun) implements Leader.Listener {

    @Override
    public void begin(HeldLease lease) {
      System.out.println(process + " begins to read prices");
      begun.countDown();
    }

    @Override
    public void end() {
      System.out.println(process + " ends to read prices");
    }
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Leases leases =
            Leases.builder(backend.leaseStore()).pollInterval(Duration.ofMillis(50)).build()) {
      var one = new Feed("one", new CountDownLatch(1));
      var two = new Feed("two", new CountDownLatch(1));

      Leader first = Leader.start(leases, "price-feed", one);
      one.begun().await();
      try (Leader second = Leader.start(leases, "price-feed", two)) {
        System.out.println("two leads: " + second.isLeader());
        // As when its process stops. If it were killed, two would lead when the lease expires.
        first.close();
        two.begun().await();
        System.out.println("one leads: " + first.isLeader());
      }
    }
  }
}
