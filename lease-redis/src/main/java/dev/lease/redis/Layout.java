package dev.lease.redis;

import dev.lease.StoreException;
import io.lettuce.core.SetArgs;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which keys there are, and what they mean, as a number in Redis [Q52]. It grows when an older
 * version could not work with what it finds any more; a row has a version of its own. Where there
 * is none nothing was stored yet, or by the first layout, which this one reads.
 */
final class Layout {

  private static final Logger log = LoggerFactory.getLogger(Layout.class);
  private static final int VERSION = 2;

  private Layout() {}

  /**
   * Notes the layout with the first store that opens.
   *
   * @throws IllegalStateException if there is a later one; nothing was changed
   */
  static void check(ScriptRunner runner, Keys keys) {
    try {
      String found = read(runner, keys);
      if (found == null) {
        runner.command(
            "note the layout",
            keys.layout(),
            commands ->
                commands.set(keys.layout(), Integer.toString(VERSION), SetArgs.Builder.nx()));
        found = read(runner, keys);
      }
      if (found != null && !isKnown(found)) {
        throw new IllegalStateException(
            "the layout of %s is %s, which a later version of Lease has written; this one knows %d. Use that version, or another prefix"
                .formatted(keys.layout(), found, VERSION));
      }
    } catch (StoreException e) {
      // Its node may be down and those of the queues not; and a full memory is to be worked off.
      log.warn(
          "the layout of the store is not known, and taken for {}: {}", VERSION, e.getMessage());
    }
  }

  private static @Nullable String read(ScriptRunner runner, Keys keys) {
    return runner.command(
        "read the layout", keys.layout(), commands -> commands.get(keys.layout()));
  }

  private static boolean isKnown(String layout) {
    try {
      return Integer.parseInt(layout) <= VERSION;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
