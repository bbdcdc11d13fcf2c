package dev.lease.worker;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header of a job whose end somebody awaits: it names the queue under which the worker gives a
 * hint when the job has ended. No job is ever in that queue.
 */
final class EndHint {

  private static final String HEADER = "lease-end-hint";

  /** So many queues of hints has a client, for a store keeps something of each name. */
  private static final int QUEUES = 64;

  private EndHint() {}

  /** What the names of a client's queues begin with. */
  static String newQueue() {
    return "lease:end:" + JobIds.next();
  }

  /** The header of a job. Whoever awaits one of many jobs is woken by few of the others. */
  static Map<String, String> header(String queue, String jobId) {
    return Map.of(HEADER, queue + ":" + Math.floorMod(jobId.hashCode(), QUEUES));
  }

  static @Nullable String queueOf(Map<String, String> headers) {
    return headers.get(HEADER);
  }
}
