package dev.lease.examples.benchmark;

import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What comes before and after the measurement. */
final class FillRoles {

  private FillRoles() {}

  static void setUp(JavaPeer peer, Target target, Lines lines) throws Exception {
    try (Subject subject = peer.jobs(target)) {
      subject.setUp();
    }
    lines.done(Map.of());
  }

  static void seed(JavaPeer peer, Target target, Lines lines) throws Exception {
    try (Subject subject = peer.jobs(target)) {
      subject.openClient();
      fill(target, lines, subject::enqueueAll);
    }
    lines.done(Map.of());
  }

  static void obstruct(JavaPeer peer, Target target, Lines lines) throws Exception {
    String kind = target.settings().text("kind", "").toUpperCase(Locale.ROOT);
    Subject.Obstacle obstacle = Subject.Obstacle.valueOf(kind);
    try (Subject subject = peer.jobs(target)) {
      subject.openClient();
      fill(target, lines, (first, count, stamp) -> subject.obstruct(obstacle, count));
    }
    lines.done(Map.of());
  }

  static void left(JavaPeer peer, Target target, Lines lines) throws Exception {
    try (Subject subject = peer.jobs(target)) {
      lines.done(Map.of("left", subject.left()));
    }
  }

  private interface Batch {
    void put(long first, int count, long stamp) throws Exception;
  }

  private static void fill(Target target, Lines lines, Batch batch) throws Exception {
    int jobs = target.settings().number("jobs", 0);
    AtomicLong put = new AtomicLong();
    lines.tick(put::get);
    while (put.get() < jobs) {
      int count = (int) Math.min(Settings.BATCH, jobs - put.get());
      batch.put(put.get(), count, 0);
      put.addAndGet(count);
    }
  }
}
