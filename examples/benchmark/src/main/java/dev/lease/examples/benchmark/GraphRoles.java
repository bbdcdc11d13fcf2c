package dev.lease.examples.benchmark;

import dev.lease.Backend;
import dev.lease.ClaimRequest;
import dev.lease.ClaimedJob;
import dev.lease.GraphAnswer;
import dev.lease.GraphPart;
import dev.lease.GraphPiece;
import dev.lease.NewJob;
import dev.lease.OnFailure;
import dev.lease.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Many jobs and one that waits for them; or only the many. */
final class GraphRoles {

  private static final Duration LEASE = Duration.ofSeconds(30);

  /** How many jobs a caller claims at once. */
  private static final int CLAIM = 10;

  private GraphRoles() {}

  static void setUp(JavaPeer peer, Target target, Lines lines) {
    LeaseBackend.migrate(target);
    lines.done(Map.of());
  }

  private static boolean isGraph(Target target) {
    return queue(target).equals("graph");
  }

  /** Each case has a queue of its own. */
  private static String queue(Target target) {
    return target.settings().text("what", "jobs");
  }

  static void enqueue(JavaPeer peer, Target target, Lines lines) throws Exception {
    int jobs = target.settings().number("jobs", 0);
    int batch = target.settings().number("batch", Settings.BATCH);
    AtomicInteger stored = new AtomicInteger();
    try (Backend backend = LeaseBackend.open(target)) {
      lines.tick(stored::get);
      lines.ready();
      long start = System.nanoTime();
      for (int from = 0; from < jobs; from += batch) {
        int to = Math.min(jobs, from + batch);
        if (isGraph(target)) {
          add(backend, piece(queue(target), from, to));
        } else {
          backend.jobQueue().enqueue(batch(queue(target), from, to));
        }
        stored.set(to);
      }
      if (isGraph(target)) {
        add(backend, last(queue(target), jobs));
      }
      lines.done(result(jobs, start));
    }
    lines.closed();
  }

  private static List<NewJob> batch(String queue, int from, int to) {
    List<NewJob> jobs = new ArrayList<>(to - from);
    for (int i = from; i < to; i++) {
      jobs.add(NewJob.builder(queue, "job-" + i, "job", Raw.payload(i)).build());
    }
    return jobs;
  }

  private static GraphPiece piece(String queue, int from, int to) {
    GraphPiece.Builder piece = GraphPiece.builder(queue, "graph").part(GraphPart.of("many"));
    batch(queue, from, to).forEach(job -> piece.job("many", job));
    return piece.build();
  }

  private static GraphPiece last(String queue, int jobs) {
    return GraphPiece.builder(queue, "graph")
        .part(GraphPart.of("one").after("many", OnFailure.CANCEL))
        .job("one", NewJob.builder(queue, "one", "job", Raw.payload(jobs)).build())
        .last(2, jobs + 1)
        .build();
  }

  private static void add(Backend backend, GraphPiece piece) {
    GraphAnswer answer = backend.jobGraphs().add(piece);
    if (answer.kind() != GraphAnswer.Kind.STORED) {
      throw new IllegalStateException("a piece was not stored: " + answer);
    }
  }

  /** Callers claim some jobs each and settle them one by one, until all have run. */
  static void settle(JavaPeer peer, Target target, Lines lines) throws Exception {
    int jobs = target.settings().number("jobs", 0) + (isGraph(target) ? 1 : 0);
    long cap = target.settings().number("cap", 120) * 1_000_000_000L;
    long[] nanos = new long[jobs];
    AtomicInteger settled = new AtomicInteger();
    try (Backend backend = LeaseBackend.open(target)) {
      lines.tick(settled::get);
      lines.ready();
      long start = System.nanoTime();
      Crew.of(
          target.settings().number("threads", 1),
          thread -> {
            var request = ClaimRequest.of(queue(target), "caller " + thread, CLAIM, LEASE);
            while (settled.get() < jobs && System.nanoTime() - start < cap) {
              for (ClaimedJob job : backend.jobQueue().claim(request).jobs()) {
                long before = System.nanoTime();
                backend.jobQueue().settle(List.of(Settlement.done(job.lease())));
                nanos[settled.getAndIncrement()] = System.nanoTime() - before;
              }
            }
          });
      Map<String, Object> result = result(settled.get(), start);
      long[] sorted = Arrays.copyOf(nanos, settled.get());
      Arrays.sort(sorted);
      result.put("p50", Statistics.rounded(Statistics.percentile(sorted, 50) / 1e6));
      result.put("p99", Statistics.rounded(Statistics.percentile(sorted, 99) / 1e6));
      lines.done(result);
    }
    lines.closed();
  }

  private static Map<String, Object> result(int jobs, long start) {
    double seconds = (System.nanoTime() - start) / 1e9;
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("ran", jobs);
    result.put("seconds", Statistics.rounded(seconds));
    result.put("rate", Statistics.rounded(jobs / seconds));
    return result;
  }
}
