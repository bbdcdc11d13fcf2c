package dev.lease.examples.benchmark;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A worker whose handlers do not return: it reports which jobs have begun, and keeps the leases.
 */
final class HoldRole {

  private static final long LONG_MILLIS = 3_600_000;

  private HoldRole() {}

  static void play(JavaPeer peer, Target target, Lines lines) throws Exception {
    Settings settings = target.settings();
    int jobs = settings.number("jobs", 0);
    boolean tells = settings.has("tells");
    AtomicInteger held = new AtomicInteger();
    AtomicInteger lost = new AtomicInteger();
    CountDownLatch all = new CountDownLatch(jobs);
    Handling handling =
        (id, stamp) -> {
          if (tells) {
            lines.say("START " + id + " " + Clock.micros());
          }
          held.incrementAndGet();
          all.countDown();
          try {
            Thread.sleep(LONG_MILLIS);
          } catch (InterruptedException e) {
            // If it returned, a late settlement would make the job done.
            lost.incrementAndGet();
            throw e;
          }
        };
    Subject subject = peer.jobs(target);
    subject.prepareWorker(handling);
    lines.tick(held::get);
    subject.startWorker();
    if (!tells) {
      all.await(settings.number("cap", 120), TimeUnit.SECONDS);
    }
    lines.ready();
    lines.done(Map.of("held", held.get(), "lost", lost.get()));
    lines.closed();
    Runtime.getRuntime().halt(0);
  }
}
