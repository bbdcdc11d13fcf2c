package dev.lease.worker;

import dev.lease.ClaimedJob;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The handlers of a worker, by the queue and the name of their type. */
final class HandlerRegistry {

  private final Map<String, Map<String, HandlerRegistration<?>>> byQueue = new LinkedHashMap<>();

  void add(HandlerRegistration<?> registration) {
    JobType<?> type = registration.type();
    var byName = byQueue.computeIfAbsent(type.queue(), queue -> new HashMap<>());
    if (byName.putIfAbsent(type.name(), registration) != null) {
      throw new IllegalArgumentException(
          "type " + type.name() + " of queue " + type.queue() + " has a handler already");
    }
  }

  boolean isEmpty() {
    return byQueue.isEmpty();
  }

  List<String> queues() {
    return List.copyOf(byQueue.keySet());
  }

  @Nullable HandlerRegistration<?> find(ClaimedJob job) {
    return byQueue.getOrDefault(job.lease().queue(), Map.of()).get(job.type());
  }
}
