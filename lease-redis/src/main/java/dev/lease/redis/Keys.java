package dev.lease.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.lease.JobState;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The names of the keys. All keys of a queue carry its name in braces, so that they are in one slot
 * of a Redis Cluster. The name is encoded, so that a brace or colon in it cannot end it early
 * [Q51].
 */
final class Keys {

  private static final String WAITING = "waiting";

  /** The sorted set of jobs that wait for parts of their graphs, see lua/lib/graphs.lua. */
  private static final String WAITS = "waits";

  /**
   * The kind that the queues of a slot have together, so that it can outlive a queue: there are few
   * slots, however many queues there were.
   */
  private static final String FLOOR = "floor";

  /** The kind that is no key but the channel of hints. */
  private static final String WORK = "work";

  /**
   * The hashes of bodies. What is stored depends on it. Each key costs each script something: with
   * 64, a claim that finds nothing took a sixth longer.
   */
  private static final int BODIES = 16;

  /** The kinds that stand for several keys. */
  private static final Map<String, List<String>> SEVERAL =
      Map.of(
          WAITING,
          numbered(WAITING, 10).toList(),
          "bodies",
          numbered("bodies", BODIES).toList(),
          "keyed",
          List.of("admitted", "shelf", "line", "coming", "limits"),
          "graphed",
          List.of("graphs", "members", "graphTimes", WAITS));

  /** The sorted sets of jobs with keys that are not open, see lua/lib/slots.lua. */
  private static final List<String> ORDERED_BY_MEMBER = List.of("shelf", "line");

  private static final int MAX_CACHED = 10_000;

  private final String prefix;
  private final String work;
  private final Map<String, String> encoded = new ConcurrentHashMap<>();

  Keys(String prefix) {
    this(prefix, 0);
  }

  /**
   * @param database its number: Redis keeps the keys of databases apart, but not the channels
   */
  Keys(String prefix, int database) {
    this.prefix = prefix;
    this.work = database == 0 ? WORK : WORK + "-" + database;
  }

  private static Stream<String> numbered(String kind, int number) {
    return IntStream.range(0, number).mapToObj(i -> kind + "-" + i);
  }

  /** The kinds of keys as the server gets them, with ten for {@code waiting}. */
  static List<String> spread(Collection<String> kinds) {
    return kinds.stream().flatMap(kind -> keysOf(kind).stream()).toList();
  }

  private static List<String> keysOf(String kind) {
    return SEVERAL.getOrDefault(kind, List.of(kind));
  }

  /** Lua that gives names to the keys of a script; a table to several keys. */
  static String named(Collection<String> kinds) {
    var lua = new StringBuilder();
    int next = 1;
    for (String kind : kinds) {
      int last = next + keysOf(kind).size() - 1;
      lua.append(
          last == next
              ? "local " + kind + " = KEYS[" + next + "]\n"
              : "local " + kind + " = {unpack(KEYS, " + next + ", " + last + ")}\n");
      next = last + 1;
    }
    return lua.toString();
  }

  List<String> ofQueue(String queue, List<String> kinds) {
    String base = base(queue);
    return kinds.stream()
        .map(
            kind ->
                switch (kind) {
                  case WORK -> base + work;
                  case FLOOR -> prefix + ":floor:{" + SlotTags.of(base) + "}";
                  default -> base + kind;
                })
        .toList();
  }

  /** The channel for hints of work. */
  String channel(String queue) {
    return base(queue) + work;
  }

  private String base(String queue) {
    if (encoded.size() > MAX_CACHED) {
      encoded.clear();
    }
    return encoded.computeIfAbsent(queue, q -> prefix + ":queue:{" + encoded(q) + "}:");
  }

  /** The sorted sets of the jobs in these states, or of all jobs if no state is given. */
  static List<String> setsOf(Set<JobState> states) {
    return Arrays.stream(JobState.values())
        .filter(state -> states.isEmpty() || states.contains(state))
        .flatMap(state -> setsOf(state).stream())
        .distinct()
        .toList();
  }

  private static List<String> setsOf(JobState state) {
    return switch (state) {
      case PENDING, RETRY ->
          Stream.of(keysOf(WAITING), ORDERED_BY_MEMBER, List.of(WAITS))
              .flatMap(List::stream)
              .toList();
      case PROCESSING -> List.of("held", "expired");
      case DONE -> List.of("done", "kept");
      case FAILED -> List.of("failed", "broken");
      case CANCELLED -> List.of("cancelled");
    };
  }

  /** Whether jobs of a sorted set can be claimed only once they are in another one. */
  static boolean isBehindOthers(String kind) {
    return ORDERED_BY_MEMBER.contains(kind) || kind.equals(WAITS);
  }

  /** Whether the members of a sorted set have no scores. */
  static boolean isOrderedByMember(String kind) {
    return ORDERED_BY_MEMBER.contains(kind);
  }

  /** The key of the set of the names of all queues in use. */
  String queues() {
    return prefix + ":queues";
  }

  String layout() {
    return prefix + ":layout";
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

  /** Keeps letters, digits and {@code . _ -}, and writes every other byte as in a URL. */
  private static String encoded(String name) {
    var encoded = new StringBuilder();
    for (byte b : name.getBytes(UTF_8)) {
      char c = (char) (b & 0xff);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || "._-".indexOf(c) >= 0)) {
        encoded.append(c);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", (int) c));
      }
    }
    return encoded.toString();
  }
}
