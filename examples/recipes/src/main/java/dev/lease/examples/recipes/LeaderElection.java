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
 * Lets one of several processes be the leader. A process is told when it starts and when it stops
 * leading. When the leader closes or dies, another process takes over. Here, two candidates in one
 * program stand for two processes.
 */
final class LeaderElection {

  /** What a leader does; this one only prints. */
  record Feed(String process, CountDownLatch begun) implements Leader.Listener {

    @Override
    public void begin(HeldLease lease) {
      System.out.println(process + " starts reading prices");
      begun.countDown();
    }

    @Override
    public void end() {
      System.out.println(process + " stops reading prices");
    }
  }

  public static void main(String[] args) throws Exception {
    String file = args.length > 0 ? args[0] : Files.createTempFile("lease-", ".db").toString();
    try (JdbcBackend backend = JdbcBackend.open(JdbcConfig.of("jdbc:sqlite:" + file));
        Leases leases = Leases.builder(backend).pollInterval(Duration.ofMillis(50)).build()) {
      var one = new Feed("one", new CountDownLatch(1));
      var two = new Feed("two", new CountDownLatch(1));

      Leader first = Leader.start(leases, "price-feed", one);
      one.begun().await();
      try (Leader second = Leader.start(leases, "price-feed", two)) {
        System.out.println("two leads: " + second.isLeader());
        // The same happens when its process stops. If it is killed, two leads once the lease
        // expires.
        first.close();
        two.begun().await();
        System.out.println("one leads: " + first.isLeader());
      }
    }
  }
}
