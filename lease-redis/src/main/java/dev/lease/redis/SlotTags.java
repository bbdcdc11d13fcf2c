package dev.lease.redis;

import io.lettuce.core.cluster.SlotHash;
import java.util.Arrays;

/**
 * A number for each slot of a cluster: a key that has it in braces is in that slot. What is stored
 * depends on it.
 */
final class SlotTags {

  private static final int[] TAGS = smallest();

  private SlotTags() {}

  /** The number for the slot of a key. */
  static int of(String key) {
    return TAGS[SlotHash.getSlot(key)];
  }

  private static int[] smallest() {
    int[] tags = new int[SlotHash.SLOT_COUNT];
    Arrays.fill(tags, -1);
    int missing = tags.length;
    for (int tag = 0; missing > 0; tag++) {
      int slot = SlotHash.getSlot(Integer.toString(tag));
      if (tags[slot] < 0) {
        tags[slot] = tag;
        missing--;
      }
    }
    return tags;
  }
}
