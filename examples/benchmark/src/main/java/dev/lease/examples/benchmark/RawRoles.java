package dev.lease.examples.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Bare loops: what the store can do when nothing else slows it down. */
final class RawRoles {

  private interface Turns {
    Raw.Turn of(Raw raw, int batch) throws Exception;
  }

  private RawRoles() {}

  static void setUp(JavaPeer peer, Target target, Lines lines) throws Exception {
    try (Raw raw = raw(target)) {
      raw.setUp();
    }
    lines.done(Map.of());
  }

  static void enqueue(JavaPeer peer, Target target, Lines lines) throws Exception {
    loop(target, lines, Raw::enqueue);
  }

  static void drain(JavaPeer peer, Target target, Lines lines) throws Exception {
    loop(target, lines, Raw::drain);
  }

  private static Raw raw(Target target) {
    if (target.settings().text("level", "bare").equals("store")) {
      return new RawStore(target);
    }
    return switch (target.kind()) {
      case SQLITE -> new RawSqlite(target);
      case POSTGRESQL -> new RawPostgresql(target);
      case MARIADB -> new RawMariadb(target);
      case REDIS -> new RawRedis(target);
    };
  }

  private static void loop(Target target, Lines lines, Turns turns) throws Exception {
    Settings settings = target.settings();
    int warm = settings.number("warm", 0);
    int jobs = warm + settings.number("jobs", 0);
    int threads = settings.number("threads", 1);
    int batch = settings.number("batch", 100);
    try (Raw raw = raw(target)) {
      List<Raw.Turn> crew = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        crew.add(turns.of(raw, batch));
      }
      Moves moves = new Moves(warm, jobs, () -> lines.say("WARM"));
      lines.tick(moves::count);
      lines.ready();
      moves.begin();
      Crew.of(
          threads,
          thread -> {
            int moved = 1;
            while (moved > 0 && moves.count() < jobs) {
              moved = crew.get(thread).once();
              moves.add(moved);
            }
          });
      lines.done(moves.result());
    }
    lines.closed();
  }

  /** When each job was moved. All jobs of a batch are moved at the same time. */
  private static final class Moves {

    private final int warm;
    private final Runnable onWarm;
    private final long[] stamps;
    private final AtomicInteger moved = new AtomicInteger();

    Moves(int warm, int jobs, Runnable onWarm) {
      this.warm = warm;
      this.onWarm = onWarm;
      stamps = new long[jobs];
    }

    /** The first job stands for the beginning: nobody knows when its batch began. */
    void begin() {
      stamps[0] = System.nanoTime();
    }

    int count() {
      return moved.get();
    }

    void add(int count) {
      int from = moved.getAndAdd(count);
      long now = System.nanoTime();
      for (int i = Math.max(1, from); i < Math.min(from + count, stamps.length); i++) {
        stamps[i] = now;
      }
      if (warm > 0 && from < warm && from + count >= warm) {
        onWarm.run();
      }
    }

    Map<String, Object> result() {
      long[] counted = Arrays.copyOfRange(stamps, warm, Math.min(moved.get(), stamps.length));
      Arrays.sort(counted);
      Map<String, Object> result = Rates.of(counted);
      result.put("ran", counted.length);
      return result;
    }
  }
}
