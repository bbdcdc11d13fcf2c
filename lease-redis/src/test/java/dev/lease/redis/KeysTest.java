package dev.lease.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.cluster.SlotHash;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeysTest {

  private static final List<String> NAMES =
      List.of(
          "a",
          "A",
          "a:b",
          "a}b",
          "{a}",
          "}{",
          "{}",
          "{",
          "}",
          "a ",
          "%7B",
          "é",
          "e\u0301",
          "😀",
          "a\nb",
          "leases",
          "queues",
          "a%b",
          "日".repeat(66));

  private static final List<String> KINDS =
      Keys.spread(List.of("jobs", "waiting", "held", "done", "work"));

  private final Keys keys = new Keys("p");

  @Test
  @DisplayName("all keys of a queue lie in one slot, whatever its name")
  void oneSlot() {
    for (String name : NAMES) {
      assertThat(keys.ofQueue(name, KINDS).stream().map(SlotHash::getSlot).distinct())
          .as(name)
          .hasSize(1);
    }
  }

  @Test
  @DisplayName("policy 2 what outlives a queue lies in its slot, in one key for all of a slot")
  void floors() {
    assertThat(floor("orders")).isEqualTo("p:floor:{1835}");
    Set<String> floors = new HashSet<>();
    for (int i = 0; i < 200_000; i++) {
      String queue = "q" + i;
      floors.add(floor(queue));
      assertThat(SlotHash.getSlot(floor(queue))).isEqualTo(SlotHash.getSlot(keys.channel(queue)));
    }
    assertThat(floors).hasSizeLessThanOrEqualTo(SlotHash.SLOT_COUNT);
  }

  private String floor(String queue) {
    return keys.ofQueue(queue, List.of("floor")).get(0);
  }

  @Test
  @DisplayName("all keys of the named leases lie in one slot, whatever their names")
  void oneSlotOfLeases() {
    for (String name : NAMES) {
      assertThat(
              List.of(
                      keys.lease(name),
                      keys.leasesByExpiry(),
                      keys.leasesByName(),
                      keys.lastLeaseToken())
                  .stream()
                  .map(SlotHash::getSlot)
                  .distinct())
          .as(name)
          .hasSize(1);
    }
  }

  @Test
  @DisplayName("Q51 no two keys meet, of queues, of leases, or of stores with other prefixes")
  void apart() {
    List<String> all = new ArrayList<>();
    for (Keys some : List.of(keys, new Keys("p.q"), new Keys("P"))) {
      for (String name : NAMES) {
        all.addAll(some.ofQueue(name, KINDS));
        all.add(some.lease(name));
      }
      all.add(some.queues());
      all.add(some.leasesByExpiry());
      all.add(some.leasesByName());
      all.add(some.lastLeaseToken());
    }
    assertThat(all).doesNotHaveDuplicates();
  }

  @Test
  @DisplayName("what is sent to the server has digits that it knows, whatever the user's language")
  void anyLanguage() {
    Locale usual = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertThat(String.format("%d", 12)).as("digits of the language").isNotEqualTo("12");
      assertThat(Keys.named(List.of("jobs", "waiting", "held")))
          .contains("jobs = KEYS[1]", "unpack(KEYS, 2, 11)", "held = KEYS[12]");
      assertThat(keys.ofQueue("\u0001", List.of("jobs"))).containsExactly("p:queue:{%01}:jobs");
    } finally {
      Locale.setDefault(usual);
    }
  }
}
