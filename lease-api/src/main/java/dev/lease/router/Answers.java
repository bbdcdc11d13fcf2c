package dev.lease.router;

import dev.lease.StoreException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What several stores answered that were called at the same time. Each has the time that it says
 * its calls may last; then it counts as one that failed.
 */
final class Answers<T> {

  private final Map<RoutedStore, T> values = new LinkedHashMap<>();
  private final Map<RoutedStore, StoreException> failures = new LinkedHashMap<>();

  private Answers() {}

  /**
   * Calls the stores, and waits for all of them.
   *
   * @param calls the call of each store
   * @param most how long the call of a store may last
   * @throws RuntimeException what a store threw, if that is not that it could not answer
   */
  static <T> Answers<T> to(
      Map<RoutedStore, Supplier<T>> calls, Function<RoutedStore, Duration> most) {
    long begun = System.nanoTime();
    Map<RoutedStore, FutureTask<T>> underWay = new LinkedHashMap<>();
    calls.forEach((store, call) -> underWay.put(store, store.begin(call)));
    var answers = new Answers<T>();
    RuntimeException refusal = null;
    for (Map.Entry<RoutedStore, FutureTask<T>> each : underWay.entrySet()) {
      RoutedStore store = each.getKey();
      try {
        long left = most.apply(store).toNanos() - (System.nanoTime() - begun);
        answers.values.put(store, await(store, each.getValue(), left));
      } catch (StoreException e) {
        answers.failures.put(store, e);
      } catch (RuntimeException e) {
        refusal = refusal == null ? e : refusal;
      }
    }
    if (refusal != null) {
      throw refusal;
    }
    return answers;
  }

  /** Waits for a call. An interrupt does not end the wait, which ends soon, and is kept. */
  private static <T> T await(RoutedStore store, FutureTask<T> call, long nanos) {
    long end = System.nanoTime() + nanos;
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return call.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (TimeoutException | CancellationException e) {
      store.giveUp(call);
      throw StoreException.outcomeUnknown("the store " + store + " has not answered in time", e);
    } catch (ExecutionException e) {
      throw rethrown(store, e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException rethrown(RoutedStore store, @Nullable Throwable cause) {
    if (cause instanceof StoreException e) {
      String message = "the store " + store + ": " + e.getMessage();
      if (e.isOutcomeUnknown()) {
        return StoreException.outcomeUnknown(message, e);
      }
      return e.isBusy() ? StoreException.busy(message, e) : StoreException.notDone(message, e);
    }
    if (cause instanceof Error e) {
      throw e;
    }
    return cause instanceof RuntimeException e ? e : new IllegalStateException(cause);
  }

  /** What the stores answered that did answer. */
  Map<RoutedStore, T> values() {
    return values;
  }

  /** The names of the stores that did not answer. */
  List<String> missing() {
    return failures.keySet().stream().map(RoutedStore::name).toList();
  }

  /** The stores that did not answer. */
  Set<RoutedStore> failed() {
    return failures.keySet();
  }

  /** Throws if no store answered: there is nothing to give a part of. */
  Answers<T> orThrowIfNone() {
    return values.isEmpty() ? orThrow() : this;
  }

  /** Throws if one of the stores did not answer. */
  Answers<T> orThrow() {
    if (failures.isEmpty()) {
      return this;
    }
    String message =
        failures.values().stream().map(Throwable::getMessage).collect(Collectors.joining("; "));
    StoreException first = failures.values().iterator().next();
    if (!values.isEmpty()) {
      throw StoreException.outcomeUnknown(
          message + "; done by: " + values.keySet().stream().map(RoutedStore::name).toList(),
          first);
    }
    if (failures.values().stream().anyMatch(StoreException::isOutcomeUnknown)) {
      throw StoreException.outcomeUnknown(message, first);
    }
    throw failures.values().stream().allMatch(StoreException::isBusy)
        ? StoreException.busy(message, first)
        : StoreException.notDone(message, first);
  }
}
