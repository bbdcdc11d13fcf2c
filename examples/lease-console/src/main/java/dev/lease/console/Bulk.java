package dev.lease.console;

import dev.lease.console.live.BulkRun;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The acts on many jobs: one at a time, the last ones remembered. */
final class Bulk implements AutoCloseable {

  private static final int REMEMBERED = 20;

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

  /** Lets what runs end after its piece; its log says how far it came. */
  @Override
  public synchronized void close() {
    runs.values().forEach(BulkRun::stop);
    thread.shutdown();
  }
}
