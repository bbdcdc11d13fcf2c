package dev.lease.worker;

import dev.lease.ClaimedJob;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The handlers of a worker, by the queue and the name of their type. In a queue that no type names,
 * which the worker takes on while it runs, each type has the handler that was added first.
 */
final class HandlerRegistry {

  private final Map<String, Map<String, HandlerRegistration<?>>> byQueue = new LinkedHashMap<>();
  private final Map<String, HandlerRegistration<?>> inOtherQueues = new HashMap<>();

  void add(HandlerRegistration<?> registration) {
    JobType<?> type = registration.type();
    var byName = byQueue.computeIfAbsent(type.queue(), queue -> new LinkedHashMap<>());
    if (byName.putIfAbsent(type.name(), registration) != null) {
      throw new IllegalArgumentException(
          "type " + type.name() + " of queue " + type.queue() + " has a handler already");
    }
    inOtherQueues.putIfAbsent(type.name(), registration);
  }

  /** The same handlers, each with the options of the worker and its interceptors around it. */
  HandlerRegistry complete(
      HandlerOptions defaults, Function<JobType<?>, List<HandlerInterceptor>> interceptors) {
    var registry = new HandlerRegistry();
    byQueue.values().stream()
        .flatMap(ofQueue -> ofQueue.values().stream())
        .map(
            registration ->
                registration.complete(defaults, interceptors.apply(registration.type())))
        .forEach(registry::add);
    return registry;
  }

  boolean contains(JobType<?> type) {
    return byQueue.getOrDefault(type.queue(), Map.of()).containsKey(type.name());
  }

  boolean isEmpty() {
    return byQueue.isEmpty();
  }

  List<String> queues() {
    return List.copyOf(byQueue.keySet());
  }

  /** The names of the types that have a handler in a queue. */
  Set<String> types(String queue) {
    return Set.copyOf(byQueue.getOrDefault(queue, inOtherQueues).keySet());
  }

  @Nullable HandlerRegistration<?> find(ClaimedJob job) {
    return find(job.lease().queue(), job.type());
  }

  @Nullable HandlerRegistration<?> find(String queue, String type) {
    return byQueue.getOrDefault(queue, inOtherQueues).get(type);
  }
}
