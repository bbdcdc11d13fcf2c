package dev.lease.console.live;

import dev.lease.worker.WorkerReport;
import dev.lease.worker.WorkerReports;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The workers that the console has seen since somebody looked. For one thread at a time. */
public final class SeenWorkers {

  /** So many workers that are gone are remembered: those that spoke last. */
  private static final int MOST_GONE = 50;

  /** A report lasts so long [W33]: if it is gone before, its worker has released it. */
  private static final Duration LASTS = Duration.ofSeconds(30);

  /** Two workers may have the same name. */
  private record Identity(
      String worker, @Nullable String host, long pid, @Nullable Instant startedAt) {
    static Identity of(WorkerReport report) {
      return new Identity(report.worker(), report.host(), report.pid(), report.startedAt());
    }
  }

  /** What a worker said, and the clock of this machine before that was read. */
  private record Said(WorkerReport report, long nanos, boolean stopped) {
    Duration age(long now) {
      return report.age().plusNanos(now - nanos);
    }

    Said gone(long now) {
      return new Said(report, nanos, age(now).compareTo(LASTS) < 0);
    }
  }

  private final Map<Identity, Said> alive = new HashMap<>();
  private final Map<Identity, Said> gone = new HashMap<>();

  /**
   * Notes what the workers say now.
   *
   * @param reports what they say
   * @param begun the monotonic clock of this machine before that was read
   * @param read the same clock after it
   * @return those that say nothing more, the last to speak first
   */
  public List<GoneWorker> add(WorkerReports reports, long begun, long read) {
    // Where a part of the store does not answer, nobody knows who is gone.
    if (reports.missing().isEmpty()) {
      alive.forEach((who, said) -> gone.put(who, said.gone(read)));
      alive.clear();
    }
    for (WorkerReport report : reports.reports()) {
      Identity who = Identity.of(report);
      alive.put(who, new Said(report, begun, false));
      gone.remove(who);
    }
    List<Map.Entry<Identity, Said>> latest = new ArrayList<>(gone.entrySet());
    latest.sort(Comparator.comparing(each -> each.getValue().age(read)));
    latest.stream().skip(MOST_GONE).forEach(each -> gone.remove(each.getKey()));
    return latest.stream()
        .limit(MOST_GONE)
        .map(Map.Entry::getValue)
        .map(said -> new GoneWorker(said.report(), said.age(read), said.stopped()))
        .toList();
  }
}
