package dev.lease.worker;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The headers that Lease writes for one job, and that are not passed on to another. */
final class OwnHeaders {

  /** The version of the payload; version 1 has none. */
  static final String PAYLOAD_VERSION = "lease-payload-version";

  /**
   * Of a job that somebody awaits: the queue under which the worker gives a hint when the job has
   * finished. No job is ever in that queue.
   */
  private static final String FINISH_HINT = "lease-finish-hint";

  private static final Set<String> NAMES = Set.of(PAYLOAD_VERSION, FINISH_HINT);

  /** So many queues of hints has a client, for a store keeps something of each name. */
  private static final int QUEUES = 64;

  private OwnHeaders() {}

  /** The other headers, unmodifiable if those are. */
  static Map<String, String> without(Map<String, String> headers) {
    if (Collections.disjoint(headers.keySet(), NAMES)) {
      return headers;
    }
    Map<String, String> others = new HashMap<>(headers);
    others.keySet().removeAll(NAMES);
    return Map.copyOf(others);
  }

  /** What the names of a client's queues of hints begin with. */
  static String newHintQueue() {
    return "lease:finish:" + JobIds.next();
  }

  /** Names the queue of a job. Whoever awaits one of many jobs is woken by few of the others. */
  static Map<String, String> finishHint(String queue, String jobId) {
    return Map.of(FINISH_HINT, queue + ":" + Math.floorMod(jobId.hashCode(), QUEUES));
  }

  static @Nullable String hintQueueOf(Map<String, String> headers) {
    return headers.get(FINISH_HINT);
  }
}
