package dev.lease.router;

import dev.lease.Limits;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Which store has a queue: the one that names it, else that of the longest pattern. */
final class QueueMap {

  private record Pattern(String prefix, RoutedStore store) {}

  private final Map<String, RoutedStore> names = new HashMap<>();
  private final List<Pattern> longestFirst = new ArrayList<>();

  /** Adds queues and patterns of a store: all, or none if one is refused. */
  void putAll(List<String> queues, RoutedStore store) {
    QueueMap more = copy();
    queues.forEach(queue -> more.put(queue, store));
    queues.forEach(queue -> put(queue, store));
  }

  private void put(String queue, RoutedStore store) {
    Limits.name("queue", queue);
    int star = queue.indexOf('*');
    if (star < 0) {
      refuseSecond(queue, names.putIfAbsent(queue, store));
      return;
    }
    if (star < queue.length() - 1) {
      throw new IllegalArgumentException(
          "queue must have a * at its end only, was " + Limits.oneLine(queue));
    }
    String prefix = queue.substring(0, star);
    longestFirst.stream()
        .filter(pattern -> pattern.prefix().equals(prefix))
        .forEach(pattern -> refuseSecond(queue, pattern.store()));
    longestFirst.add(new Pattern(prefix, store));
    longestFirst.sort(Comparator.comparing(pattern -> -pattern.prefix().length()));
  }

  private static void refuseSecond(String queue, @Nullable RoutedStore first) {
    if (first != null) {
      throw new IllegalArgumentException(
          "queue must be in one store, but %s is in %s already"
              .formatted(Limits.oneLine(queue), first));
    }
  }

  /** Whether each queue has a store. */
  boolean isComplete() {
    return longestFirst.stream().anyMatch(pattern -> pattern.prefix().isEmpty());
  }

  QueueMap copy() {
    var copy = new QueueMap();
    copy.names.putAll(names);
    copy.longestFirst.addAll(longestFirst);
    return copy;
  }

  RoutedStore of(String queue) {
    RoutedStore named = names.get(Limits.notNull("queue", queue));
    if (named != null) {
      return named;
    }
    for (Pattern pattern : longestFirst) {
      if (queue.startsWith(pattern.prefix())) {
        return pattern.store();
      }
    }
    throw new IllegalStateException("no store has the queue " + Limits.oneLine(queue));
  }
}
