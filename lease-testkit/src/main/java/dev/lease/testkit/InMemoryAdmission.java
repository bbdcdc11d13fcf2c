package dev.lease.testkit;

import dev.lease.Admission;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The limits of keys as the contract defines them. Each call is one atomic operation. */
class InMemoryAdmission implements Admission {

  final InMemorySession session;

  InMemoryAdmission(InMemorySession session) {
    this.session = session;
  }

  @Override
  public void limit(String queue, @Nullable String key, @Nullable KeyLimit limit) {
    Limits.name("queue", queue);
    if (key != null) {
      Limits.name("key", key);
    }
    session.run(
        (data, now) -> {
          InMemoryLimits limits = data.limits(queue);
          if (key == null) {
            limits.everyKey = limit;
          } else if (limit == null) {
            limits.own.remove(key);
          } else {
            limits.own.put(key, limit);
          }
          return queue;
        });
  }

  @Override
  public void limitQueue(String queue, @Nullable Integer slots) {
    Limits.name("queue", queue);
    if (slots != null) {
      Limits.between("slots", slots, 0, KeyLimit.MAX_SLOTS);
    }
    session.run(
        (data, now) -> {
          data.limits(queue).queueSlots = slots;
          return queue;
        });
  }

  @Override
  public void closeKey(String queue, String key, Duration delay) {
    Limits.name("queue", queue);
    Limits.name("key", key);
    Limits.delay("delay", delay);
    session.run(
        (data, now) -> {
          data.limits(queue).close(key, now.plus(delay));
          return queue;
        });
  }

  @Override
  public int apply(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    return session.run((data, now) -> apply(data, now, queue, limit));
  }

  int apply(InMemoryData data, Instant now, String queue, int limit) {
    data.wake(queue);
    return data.limits(queue).apply(limit, now);
  }

  @Override
  public KeyPage keys(String queue, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    if (after != null) {
      Limits.name("after", after);
    }
    Limits.limit(limit);
    return session.run((data, now) -> keys(data, now, queue, after, limit));
  }

  KeyPage keys(InMemoryData data, Instant now, String queue, @Nullable String after, int limit) {
    InMemoryLimits limits = data.limits(queue);
    NavigableSet<String> keys = new TreeSet<>(Utf8.ORDER);
    keys.addAll(limits.keys());
    keys.addAll(limits.own.keySet());
    NavigableSet<String> rest = after == null ? keys : keys.tailSet(after, false);
    var page =
        rest.stream()
            .limit(limit)
            .map(
                key ->
                    KeyState.builder(key)
                        .limit(limits.own.get(key))
                        .admitted(limits.admitted(key))
                        .held(limits.held(key))
                        .heldBack(limits.heldBack(key, now))
                        .nextStart(limits.nextStart(key))
                        .build())
            .toList();
    String next = rest.size() > limit ? page.get(limit - 1).key() : null;
    return KeyPage.of(page, next).withLimits(limits.everyKey, limits.queueSlots);
  }
}
