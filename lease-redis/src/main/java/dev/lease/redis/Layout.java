package dev.lease.redis;

import dev.lease.StoreException;
import io.lettuce.core.SetArgs;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The version of the layout: which keys there are, and what they mean [Q52]. Redis keeps it as a
 * number. A change that other versions of Lease cannot work with gets a new number; rows have
 * versions of their own. If there is no number, the store is empty.
 */
final class Layout {

  private static final Logger log = LoggerFactory.getLogger(Layout.class);
  private static final int VERSION = 1;

  private Layout() {}

  /**
   * Checks the layout. The first store that opens writes it.
   *
   * @param migrate whether to write it where there is none
   * @throws IllegalStateException if the layout is of another version, or if there is none and it
   *     is not to be written; nothing was changed
   */
  static void check(ScriptRunner runner, Keys keys, boolean migrate) {
    try {
      String found = read(runner, keys);
      if (found == null && !migrate) {
        throw new IllegalStateException(
            "there is no store: the key %s is missing and RedisConfig.withMigrate is false. Check the prefix, or let a store open with withMigrate(true) first"
                .formatted(keys.layout()));
      }
      if (found == null) {
        runner.command(
            "write the layout version",
            keys.layout(),
            commands ->
                commands.set(keys.layout(), Integer.toString(VERSION), SetArgs.Builder.nx()));
        found = read(runner, keys);
      }
      if (found != null && !found.equals(Integer.toString(VERSION))) {
        throw new IllegalStateException(
            "the layout version in %s is %s, written by another version of Lease; this version knows %d. Use that version of Lease, or another prefix"
                .formatted(keys.layout(), found, VERSION));
      }
    } catch (StoreException e) {
      // Work must go on if only the node of this key is down, or if the memory is full.
      log.warn(
          "Cannot check the layout version of the store, assuming {}: {}",
          VERSION,
          RedisErrors.reason(e));
    }
  }

  private static @Nullable String read(ScriptRunner runner, Keys keys) {
    return runner.command(
        "read the layout version", keys.layout(), commands -> commands.get(keys.layout()));
  }
}
