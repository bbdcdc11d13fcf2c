package dev.lease.redis;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes the calls of scripts, and remembers the keys of queues: they are the same in every call.
 */
final class ScriptCallFactory {

  /** The most queues whose keys are remembered. */
  private static final int MAX_QUEUES = 1_000;

  private final Scripts scripts;
  private final Keys keys;
  private final Map<Script, Map<String, ScriptArgs.EncodedKeys>> keysByQueue =
      new EnumMap<>(Script.class);

  ScriptCallFactory(Scripts scripts, Keys keys) {
    this.scripts = scripts;
    this.keys = keys;
    for (Script script : Script.values()) {
      keysByQueue.put(script, new ConcurrentHashMap<>());
    }
  }

  ScriptCall onQueue(String queue, Script script, List<String> args) {
    return new ScriptCall(script, keysOf(queue, script), args);
  }

  static ScriptCall onLeases(Script script, List<String> keys, Object... args) {
    return new ScriptCall(script, new ScriptArgs.EncodedKeys(keys), texts(args));
  }

  private ScriptArgs.EncodedKeys keysOf(String queue, Script script) {
    Map<String, ScriptArgs.EncodedKeys> byQueue = Objects.requireNonNull(keysByQueue.get(script));
    ScriptArgs.EncodedKeys known = byQueue.get(queue);
    if (known == null) {
      if (byQueue.size() >= MAX_QUEUES) {
        byQueue.clear();
      }
      known = new ScriptArgs.EncodedKeys(keys.ofQueue(queue, scripts.keys(script)));
      byQueue.put(queue, known);
    }
    return known;
  }

  static List<String> texts(Object[] args) {
    List<String> texts = new ArrayList<>(args.length);
    for (Object arg : args) {
      texts.add(arg.toString());
    }
    return texts;
  }
}
