package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.JobState;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The names of the keys. All keys of a queue carry its name in braces, so that they lie in one slot
 * of a Redis Cluster; the name is encoded, so that no brace or colon in it can end it early [Q51].
 */
final class Keys {

  private static final List<String> OF_QUEUE =
      List.of(
          "jobs",
          "bodies",
          "meta",
          "taken",
          "held",
          "expired",
          "done",
          "kept",
          "failed",
          "cancelled",
          "kept-until",
          "errors",
          "results",
          "progress",
          "steps",
          "step-names",
          "waiting-0",
          "waiting-1",
          "waiting-2",
          "waiting-3",
          "waiting-4",
          "waiting-5",
          "waiting-6",
          "waiting-7",
          "waiting-8",
          "waiting-9",
          "work");

  /** Where the sorted sets of jobs stand among the keys of a queue, counted from 1 as Lua does. */
  private static final Map<JobState, List<Integer>> SETS =
      Map.of(
          JobState.PENDING, List.of(26, 25, 24, 23, 22, 21, 20, 19, 18, 17),
          JobState.RETRY, List.of(26, 25, 24, 23, 22, 21, 20, 19, 18, 17),
          JobState.PROCESSING, List.of(5, 6),
          JobState.DONE, List.of(7, 8),
          JobState.FAILED, List.of(9),
          JobState.CANCELLED, List.of(10));

  private static final int MOST_CACHED = 10_000;

  private final String prefix;
  private final Map<String, List<String>> ofQueues = new ConcurrentHashMap<>();

  Keys(String prefix) {
    this.prefix = prefix;
  }

  /** The keys of a queue, in the order in which the scripts name them. */
  List<String> ofQueue(String queue) {
    if (ofQueues.size() > MOST_CACHED) {
      ofQueues.clear();
    }
    return ofQueues.computeIfAbsent(
        queue, q -> OF_QUEUE.stream().map(kind -> ofQueue(q, kind)).toList());
  }

  /** The sorted sets that have the jobs in these states, or in any where none is given. */
  static List<Integer> setsOf(Set<JobState> states) {
    return Arrays.stream(JobState.values())
        .filter(state -> states.isEmpty() || states.contains(state))
        .flatMap(state -> SETS.getOrDefault(state, List.of()).stream())
        .distinct()
        .toList();
  }

  private String ofQueue(String queue, String kind) {
    return prefix + ":queue:{" + encoded(queue) + "}:" + kind;
  }

  /** The channel on which hints of work go. */
  String channel(String queue) {
    return ofQueue(queue, "work");
  }

  /** The names of all queues that ever had a job. */
  String queues() {
    return prefix + ":queues";
  }

  String lease(String name) {
    return ofLeases("named:" + name);
  }

  String leasesByExpiry() {
    return ofLeases("by-expiry");
  }

  String leasesByName() {
    return ofLeases("by-name");
  }

  String lastLeaseToken() {
    return ofLeases("token");
  }

  private String ofLeases(String kind) {
    return prefix + ":{leases}:" + kind;
  }

  /** Letters, digits and {@code . _ -} as they are, every other byte as in a URL. */
  private static String encoded(String name) {
    var encoded = new StringBuilder();
    for (byte b : name.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append(String.format("%%%02X", (int) c));
      }
    }
    return encoded.toString();
  }
}
