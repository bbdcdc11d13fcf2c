package dev.lease.redis;

import java.util.List;

/** A script, with the keys and arguments to run it with. */
record ScriptCall(Script script, ScriptArgs.EncodedKeys keys, List<String> args) {

  /**
   * The most that is sent to a server at a time: a script blocks it while it runs, and its
   * arguments are held in memory.
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
