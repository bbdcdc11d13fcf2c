package dev.lease.console;

import dev.lease.console.live.BulkRun;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The acts on many jobs: one at a time, the last ones remembered. */
final class Bulk implements AutoCloseable {

  private static final int REMEMBERED = 20;

  /** A piece is one call to the store. */
  private static final int PATIENCE_SECONDS = 15;

  private final Map<Integer, BulkRun> runs =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, BulkRun> eldest) {
          return size() > REMEMBERED;
        }
      };
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          run -> {
            Thread made = new Thread(run, "lease-console-bulk");
            made.setDaemon(true);
            return made;
          });
  private int last;

  /**
   * Starts an act.
   *
   * @return its number
   * @throws Refusal if another one runs
   */
  synchronized int start(BulkRun run) {
    BulkRun before = runs.get(last);
    if (before != null && before.end() == BulkRun.End.RUNNING) {
      throw new Refusal(
          409, "Another act on many jobs is under way: stop it, or wait. Nothing was done.");
    }
    last++;
    runs.put(last, run);
    thread.execute(run);
    return last;
  }

  synchronized @Nullable BulkRun find(int number) {
    return runs.get(number);
  }

  /** Lets what runs end after its piece, and waits for that; its log says how far it came. */
  @Override
  public void close() {
    synchronized (this) {
      runs.values().forEach(BulkRun::stop);
      thread.shutdown();
    }
    try {
      thread.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
