package dev.lease.examples.benchmark;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a run does, as {@code key=value}: the same text for a child in Java and for one in Node. A
 * setting that is not there has the default of its reader.
 */
record Settings(Map<String, String> values) {

  /** How many jobs a bulk call takes by default. */
  static final int BATCH = 1000;

  static Settings parse(List<String> arguments) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String argument : arguments) {
      String[] parts = argument.split("=", 2);
      values.put(parts[0], parts[1]);
    }
    return new Settings(values);
  }

  /** Settings from which others follow come first. */
  private static final List<String> POSITIVE =
      List.of(
          "rate",
          "batch",
          "threads",
          "jobs",
          "cap",
          "concurrency",
          "pool",
          "replicas",
          "lease",
          "poll",
          "every",
          "seconds",
          "queues",
          "stores",
          "keys",
          "keyed-every",
          "busy",
          "backlog");

  private static final List<String> NOT_NEGATIVE =
      List.of("warm", "look-ahead", "keep-done", "sleep", "slots", "open");

  private static final List<String> CONFIGS = List.of("default", "tuned", "quick");

  /**
   * Refuses wrong settings, before anything is started.
   *
   * @throws IllegalArgumentException with the option, its value and the allowed values
   */
  void check() {
    if (!CONFIGS.contains(text("config", CONFIGS.get(0)))) {
      throw new IllegalArgumentException(
          "--config must be one of "
              + String.join(", ", CONFIGS)
              + ", was "
              + values.get("config"));
    }
    POSITIVE.forEach(key -> checkAtLeast(1, key));
    NOT_NEGATIVE.forEach(key -> checkAtLeast(0, key));
  }

  private void checkAtLeast(int least, String key) {
    if (number(key, least) < least) {
      throw new IllegalArgumentException(
          "--%s must be %d or more, was %s".formatted(key, least, values.get(key)));
    }
  }

  /** These settings and one more; unchanged if the value is null. */
  Settings with(String key, @Nullable Object value) {
    if (value == null) {
      return this;
    }
    Map<String, String> more = new LinkedHashMap<>(values);
    more.put(key, value.toString());
    return new Settings(more);
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  String text(String key, String otherwise) {
    return values.getOrDefault(key, otherwise);
  }

  int number(String key, int otherwise) {
    String value = values.get(key);
    return value == null ? otherwise : Integer.parseInt(value);
  }

  /** The names of the queues. */
  List<String> queues() {
    String queue = text("queue", "benchmark");
    return IntStream.range(0, number("queues", 1))
        .mapToObj(i -> i == 0 ? queue : queue + "-" + i)
        .toList();
  }

  boolean isTuned() {
    return text("config", "default").equals("tuned");
  }

  /** Whether new jobs and dead workers are noticed as soon as makes sense. */
  boolean isQuick() {
    return text("config", "default").equals("quick");
  }

  List<String> arguments() {
    return values.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }
}
