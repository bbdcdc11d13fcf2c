package dev.lease.examples.benchmark;

import dev.lease.Backend;
import dev.lease.KeyLimit;
import org.jspecify.annotations.Nullable;

/**
 * Which jobs have a key, and how many slots each key has.
 *
 * @param keys how many keys there are, or 0 for none
 * @param every one job in so many has a key
 * @param slots the slots of each key, or -1 for no limit
 */
record Keys(int keys, int every, int slots) {

  static Keys of(Settings settings) {
    return new Keys(
        settings.number("keys", 0),
        settings.number("keyed-every", 1),
        settings.number("slots", -1));
  }

  /** Neighbours have different keys, as orders of many customers do. */
  @Nullable String key(long id) {
    return keys == 0 || id % every != 0 ? null : "key-" + id / every % keys;
  }

  void limit(Backend backend, String queue) {
    if (keys > 0 && slots >= 0) {
      backend.admission().limit(queue, null, KeyLimit.of(slots));
    }
  }
}
