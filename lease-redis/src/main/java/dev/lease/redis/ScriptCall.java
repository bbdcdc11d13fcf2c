package dev.lease.redis;

import java.util.List;

/** A script, with the keys and arguments to run it with. */
record ScriptCall(Script script, ScriptArgs.EncodedKeys keys, List<String> args) {

  /**
   * The largest arguments that a server gets at a time: it holds them in memory, and a script
   * blocks it while it runs.
   */
  static final int MAX_CHARS = 4 << 20;

  /** The size of the arguments. */
  long chars() {
    long chars = 0;
    for (String arg : args) {
      chars += arg.length();
    }
    return chars;
  }
}
