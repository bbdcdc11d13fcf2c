package dev.lease.redis;

import dev.lease.Admission;
import dev.lease.KeyLimit;
import dev.lease.KeyPage;
import dev.lease.KeyState;
import dev.lease.Limits;
import dev.lease.Micros;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Limits by key. The scripts keep them, see lua/lib/slots.lua. */
final class RedisAdmission implements Admission {

  /** The fields of limits that are not of a key, see lua/lib/slots.lua. */
  private static final String EVERY_KEY = "";

  private static final String QUEUE = "\0";

  private static final String FIRST_STEP = "take ";

  private final ScriptRunner runner;
  private final QueueNames queues;

  RedisAdmission(ScriptRunner runner, QueueNames queues) {
    this.runner = runner;
    this.queues = queues;
  }

  @Override
  public void limit(String queue, @Nullable String key, @Nullable KeyLimit limit) {
    Limits.name("queue", queue);
    if (key != null) {
      Limits.name("key", key);
    }
    write(queue, Objects.requireNonNullElse(key, EVERY_KEY), limit == null ? "" : text(limit));
  }

  @Override
  public void limitQueue(String queue, @Nullable Integer slots) {
    Limits.name("queue", queue);
    if (slots != null) {
      Limits.between("slots", slots, 0, KeyLimit.MAX_SLOTS);
    }
    write(queue, QUEUE, slots == null ? "" : slots.toString());
  }

  private void write(String queue, String field, String text) {
    runner.checkOpen();
    runner.inOneCall(
        () -> {
          queues.write(List.of(queue));
          return runner.run("set a limit", runner.onQueue(queue, Script.LIMIT, field, text));
        });
  }

  @Override
  public void closeKey(String queue, String key, Duration delay) {
    Limits.name("queue", queue);
    Limits.name("key", key);
    String first = "+" + Micros.ofDelay(Limits.delay("delay", delay));
    runner.checkOpen();
    runner.inOneCall(
        () -> {
          queues.write(List.of(queue));
          Reply reply = runner.run("close a key", closing(queue, key, first, ""));
          String until = reply.text();
          String rest = reply.text();
          while (!rest.isEmpty()) {
            reply = runner.goOn("close a key", closing(queue, key, until, rest));
            reply.text();
            rest = reply.text();
          }
          return queue;
        });
  }

  private ScriptCall closing(String queue, String key, String until, String from) {
    return runner.onQueue(queue, Script.CLOSE_KEY, key, until, from);
  }

  @Override
  public int apply(String queue, int limit) {
    Limits.name("queue", queue);
    Limits.limit(limit);
    runner.checkOpen();
    return runner.inOneCall(
        () -> {
          int changed = 0;
          String rest = FIRST_STEP;
          while (changed < limit && !rest.isEmpty()) {
            ScriptCall piece = runner.onQueue(queue, Script.APPLY, limit - changed, rest);
            String what = "apply limits";
            Reply reply = changed == 0 ? runner.run(what, piece) : runner.goOn(what, piece);
            changed += reply.integer();
            rest = reply.text();
          }
          return changed;
        });
  }

  @Override
  public KeyPage keys(String queue, @Nullable String after, int limit) {
    Limits.name("queue", queue);
    String first = after == null ? "" : Limits.name("after", after);
    Limits.limit(limit);
    runner.checkOpen();
    return runner.inOneCall(() -> page(queue, first, limit));
  }

  private KeyPage page(String queue, String after, int limit) {
    List<KeyState> keys = new ArrayList<>();
    String next = after;
    while (true) {
      Reply reply =
          runner.run("list keys", runner.onQueue(queue, Script.KEYS, next, limit - keys.size()));
      next = reply.text();
      KeyLimit everyKey = limit(reply.text());
      String slots = reply.text();
      Reply found = reply.part();
      while (found.hasMore()) {
        keys.add(state(found));
      }
      if (next.isEmpty() || keys.size() == limit) {
        return KeyPage.of(keys, next.isEmpty() ? null : next)
            .withLimits(everyKey, slots.isEmpty() ? null : Integer.valueOf(slots));
      }
    }
  }

  private static KeyState state(Reply reply) {
    KeyState.Builder state =
        KeyState.builder(reply.text())
            .limit(limit(reply.text()))
            .admitted(reply.number())
            .held(reply.number())
            .heldBack(reply.number());
    long start = reply.number();
    return state.nextStart(start <= 0 ? null : Micros.instant(start)).build();
  }

  /** A limit as lua/lib/slots.lua reads it: slots, 1 if in order, starts, period and burst. */
  private static String text(KeyLimit limit) {
    KeyLimit.Rate rate = limit.rate();
    return "%d %d %d %d %d"
        .formatted(
            limit.slots(),
            limit.isInOrder() ? 1 : 0,
            rate == null ? 0 : rate.starts(),
            rate == null ? 0 : Micros.of(rate.period()),
            rate == null ? 0 : rate.burst());
  }

  private static @Nullable KeyLimit limit(String text) {
    if (text.isEmpty()) {
      return null;
    }
    String[] parts = text.split(" ", -1);
    KeyLimit limit = KeyLimit.of(Integer.parseInt(parts[0]));
    if (parts[1].equals("1")) {
      limit = limit.inOrder();
    }
    int starts = Integer.parseInt(parts[2]);
    return starts == 0
        ? limit
        : limit.withRate(
            starts, Micros.duration(Long.parseLong(parts[3])), Integer.parseInt(parts[4]));
  }
}
