package dev.lease.worker;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header of a job that somebody awaits: it names the queue under which the worker gives a hint
 * when the job has finished. No job is ever in that queue.
 */
final class FinishHint {

  private static final String HEADER = "lease-finish-hint";

  /** So many queues of hints has a client, for a store keeps something of each name. */
  private static final int QUEUES = 64;

  private FinishHint() {}

  /** What the names of a client's queues begin with. */
  static String newQueue() {
    return "lease:finish:" + JobIds.next();
  }

  /** The header of a job. Whoever awaits one of many jobs is woken by few of the others. */
  static Map<String, String> header(String queue, String jobId) {
    return Map.of(HEADER, queue + ":" + Math.floorMod(jobId.hashCode(), QUEUES));
  }

  static @Nullable String queueOf(Map<String, String> headers) {
    return headers.get(HEADER);
  }
}
