package dev.lease.router;

import dev.lease.Backend;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** The same part of each store, such as its queues. */
final class Parts<P> {

  private final QueueMap map;
  private final Map<RoutedStore, P> parts;

  private Parts(QueueMap map, Map<RoutedStore, P> parts) {
    this.map = map;
    this.parts = parts;
  }

  static <P> Parts<P> of(QueueMap map, List<RoutedStore> stores, Function<Backend, P> part) {
    Map<RoutedStore, P> parts = new LinkedHashMap<>();
    stores.forEach(store -> parts.put(store, part.apply(store.backend())));
    return new Parts<>(map, parts);
  }

  /** The same stores, with another part of each. */
  Parts<P> map(UnaryOperator<P> other) {
    Map<RoutedStore, P> mapped = new LinkedHashMap<>();
    parts.forEach((store, part) -> mapped.put(store, other.apply(part)));
    return new Parts<>(map, mapped);
  }

  /** All stores, in the order of the builder. */
  Collection<RoutedStore> stores() {
    return parts.keySet();
  }

  RoutedStore storeOf(String queue) {
    return map.of(queue);
  }

  /** A call that is about one queue. */
  <T> T at(String queue, Function<P, T> call) {
    return in(map.of(queue), call);
  }

  /** A call that is about one queue, and has no answer. */
  void run(String queue, Consumer<P> call) {
    boolean unused =
        at(
            queue,
            part -> {
              call.accept(part);
              return true;
            });
  }

  /** A call to one store. */
  <T> T in(RoutedStore store, Function<P, T> call) {
    return store.call(() -> call.apply(Objects.requireNonNull(parts.get(store))));
  }

  /** A call to each of some stores, at the same time. */
  <T> Answers<T> inEach(Collection<RoutedStore> some, BiFunction<RoutedStore, P, T> call) {
    return inEach(some, call, store -> store.backend().longestCall());
  }

  /**
   * A call to each of some stores, at the same time.
   *
   * @param most how long a store may take
   */
  <T> Answers<T> inEach(
      Collection<RoutedStore> some,
      BiFunction<RoutedStore, P, T> call,
      Function<RoutedStore, Duration> most) {
    Map<RoutedStore, Supplier<T>> calls = new LinkedHashMap<>();
    some.forEach(store -> calls.put(store, () -> in(store, part -> call.apply(store, part))));
    return Answers.to(calls, most);
  }
}
