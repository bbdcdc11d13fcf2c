package dev.lease.worker;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The header of a job whose end somebody awaits: it names the queue under which the worker gives a
 * hint when the job has ended. No job is ever in that queue.
 */
final class EndHint {

  private static final String HEADER = "lease-end-hint";

  private EndHint() {}

  /** A name that no other client has. */
  static String newQueue() {
    return "lease:end:" + JobIds.next();
  }

  static Map<String, String> header(String queue) {
    return Map.of(HEADER, queue);
  }

  static @Nullable String queueOf(Map<String, String> headers) {
    return headers.get(HEADER);
  }
}
