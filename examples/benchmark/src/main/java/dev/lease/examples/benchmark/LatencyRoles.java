package dev.lease.examples.benchmark;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A worker that has little to do, with a producer in its own process or in another one. */
final class LatencyRoles {

  /** How long a worker takes to come to rest after its start. */
  private static final int REST_MILLIS = 2000;

  private static final int PRODUCERS = 8;
  private static final int LATE_NANOS = 100_000_000;

  private LatencyRoles() {}

  /** Producer and worker in one process, one job at a time. */
  static void latency(JavaPeer peer, Target target, Lines lines) throws Exception {
    Settings settings = target.settings();
    int warm = settings.number("warm", 50);
    int jobs = settings.number("jobs", 500);
    long every = settings.number("every", 20) * 1_000_000L;
    Latencies latencies = new Latencies(jobs);
    try (Subject subject = peer.jobs(target)) {
      subject.openClient();
      subject.prepareWorker(latencies);
      subject.startWorker();
      Thread.sleep(REST_MILLIS);
      lines.tick(latencies::ran);
      lines.ready();
      long start = System.nanoTime();
      for (int i = 0; i < warm + jobs; i++) {
        Clock.await(start + i * every);
        if (i == warm && warm > 0) {
          lines.say("WARM");
        }
        subject.enqueue(i, i < warm ? 0 : Clock.micros());
      }
      latencies.await(settings.number("cap", 30));
      lines.done(latencies.result());
    }
    lines.closed();
  }

  /** The worker, for a producer in another process. */
  static void work(JavaPeer peer, Target target, Lines lines) throws Exception {
    Settings settings = target.settings();
    Latencies latencies = new Latencies(settings.number("jobs", 0));
    try (Subject subject = peer.jobs(target)) {
      subject.prepareWorker(latencies);
      subject.startWorker();
      Thread.sleep(REST_MILLIS);
      lines.tick(latencies::ran);
      lines.ready();
      latencies.await(settings.number("cap", 120));
      lines.done(latencies.result());
    }
    lines.closed();
  }

  /** The producer: a fixed number of jobs a second, however the worker keeps up. */
  static void produce(JavaPeer peer, Target target, Lines lines) throws Exception {
    Settings settings = target.settings();
    int warm = settings.number("warm", 2000);
    int jobs = warm + settings.number("jobs", 0);
    long every = 1_000_000_000L / settings.number("rate", 1000);
    AtomicLong late = new AtomicLong();
    try (Subject subject = peer.jobs(target)) {
      subject.openClient();
      lines.ready();
      long start = System.nanoTime();
      Crew.of(
          PRODUCERS,
          thread -> {
            for (int i = thread; i < jobs; i += PRODUCERS) {
              if (Clock.await(start + i * every) > LATE_NANOS) {
                late.incrementAndGet();
              }
              if (i == warm && warm > 0) {
                lines.say("WARM");
              }
              subject.enqueue(i, i < warm ? 0 : Clock.micros());
            }
          });
      double seconds = (System.nanoTime() - start) / 1e9;
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("producer_rate", Statistics.rounded(jobs / seconds));
      result.put("late", late.get());
      lines.done(result);
    }
    lines.closed();
  }
}
