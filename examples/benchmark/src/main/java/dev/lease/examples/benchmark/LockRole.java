package dev.lease.examples.benchmark;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Threads that acquire and release a lock, each a lock of its own or all the same. */
final class LockRole {

  private LockRole() {}

  static void play(JavaPeer peer, Target target, Lines lines) throws Exception {
    Settings settings = target.settings();
    boolean contended = settings.has("contended");
    long nanos = settings.number("seconds", 2) * 1_000_000_000L;
    AtomicLong pairs = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    try (Locks locks = peer.locks(target)) {
      for (int i = 0; i < settings.number("warm", 1000); i++) {
        locks.pair("warm");
      }
      lines.tick(pairs::get);
      lines.ready();
      long start = System.nanoTime();
      Crew.of(
          settings.number("threads", 1),
          thread -> {
            String name = contended ? "one" : "lock-" + thread;
            while (System.nanoTime() - start < nanos) {
              (locks.pair(name) ? pairs : refused).incrementAndGet();
            }
          });
      double seconds = (System.nanoTime() - start) / 1e9;
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("ran", pairs.get());
      result.put("seconds", Statistics.rounded(seconds));
      result.put("rate", Statistics.rounded(pairs.get() / seconds));
      result.put("refused", refused.get());
      lines.done(result);
    }
    lines.closed();
  }
}
