package dev.lease.examples.benchmark;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Producers that enqueue as fast as they can. */
final class EnqueueRoles {

  /** The first number of the warm-up jobs; no measured job has it. */
  private static final long WARM = 1L << 30;

  private EnqueueRoles() {}

  /** One job in each call. */
  static void single(JavaPeer peer, Target target, Lines lines) throws Exception {
    Settings settings = target.settings();
    int jobs = settings.number("jobs", 0);
    long cap = settings.number("cap", 120) * 1_000_000_000L;
    AtomicLong next = new AtomicLong();
    AtomicLong done = new AtomicLong();
    try (Subject subject = peer.jobs(target)) {
      subject.openClient();
      for (int i = 0; i < settings.number("warm", 200); i++) {
        subject.enqueue(WARM + i, 0);
      }
      lines.tick(done::get);
      lines.ready();
      long start = System.nanoTime();
      Crew.of(
          settings.number("threads", 8),
          thread -> {
            for (long id = next.getAndIncrement();
                id < jobs && System.nanoTime() - start < cap;
                id = next.getAndIncrement()) {
              subject.enqueue(id, 0);
              done.incrementAndGet();
            }
          });
      lines.done(result(done.get(), start));
    }
    lines.closed();
  }

  /** Many jobs in each call, one call at a time. */
  static void bulk(JavaPeer peer, Target target, Lines lines) throws Exception {
    Settings settings = target.settings();
    int jobs = settings.number("jobs", 0);
    int batch = settings.number("batch", Settings.BATCH);
    long cap = settings.number("cap", 120) * 1_000_000_000L;
    AtomicLong done = new AtomicLong();
    try (Subject subject = peer.jobs(target)) {
      subject.openClient();
      int warm = settings.number("warm", batch);
      for (int i = 0; i < warm; i += batch) {
        subject.enqueueAll(WARM + i, Math.min(batch, warm - i), 0);
      }
      lines.tick(done::get);
      lines.ready();
      long start = System.nanoTime();
      while (done.get() < jobs && System.nanoTime() - start < cap) {
        int count = (int) Math.min(batch, jobs - done.get());
        subject.enqueueAll(done.get(), count, 0);
        done.addAndGet(count);
      }
      lines.done(result(done.get(), start));
    }
    lines.closed();
  }

  private static Map<String, Object> result(long done, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("ran", done);
    result.put("seconds", Statistics.rounded(seconds));
    result.put("rate", Statistics.rounded(done / seconds));
    return result;
  }
}
