package dev.lease.testkit.server;

import static dev.lease.testkit.server.RedisChecks.call;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RedisClusterIT {

  private static final int SLOTS = 16_384;

  private RedisCluster cluster;

  @BeforeAll
  void start() {
    cluster = RedisCluster.start("--appendonly", "yes", "--appendfsync", "no");
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  @Test
  void eachSlotAnswersWhereItBelongsAndEachNodeKnowsAllOfThem() throws IOException {
    assertThat(cluster.uri()).isEqualTo(cluster.nodes().get(0).uri());
    Set<Integer> answered = new HashSet<>();
    try (var low = new RedisConnection(cluster.nodes().get(0).port());
        var middle = new RedisConnection(cluster.nodes().get(1).port());
        var high = new RedisConnection(cluster.nodes().get(2).port())) {
      for (int i = 0; answered.size() < SLOTS; i++) {
        int slot = slot("key" + i);
        if (answered.add(slot)) {
          RedisConnection node = slot < 5_461 ? low : slot < 10_922 ? middle : high;
          assertThat(node.call("EXISTS", "key" + i)).isEqualTo(0L);
        }
      }
    }
    for (RedisProcess node : cluster.nodes()) {
      assertThat(call(node.uri(), "CLUSTER", "INFO"))
          .asString()
          .contains("cluster_state:ok", "cluster_slots_assigned:16384", "cluster_known_nodes:3");
    }
  }

  @Test
  void aSlotIsMovedWithItsKeysAndComesBack() throws IOException {
    String bytes = "{away}\u0000\u00ff\r\n";
    int slot = slot("{away}");
    assertThat(slot).isBetween(5_461, 10_921);
    RedisProcess from = cluster.nodes().get(1);
    RedisProcess to = cluster.nodes().get(2);
    for (int i = 0; i < 250; i++) {
      call(from.uri(), "SET", "{away}" + i, "value" + i);
    }
    call(from.uri(), "SET", bytes, bytes);

    assertThat(cluster.placeOf("{away}*")).isEqualTo(new RedisCluster.Place(1, slot));

    cluster.moveSlot(slot, 1, 2);

    assertThat(cluster.placeOf("{away}*")).isEqualTo(new RedisCluster.Place(2, slot));
    assertThat(call(to.uri(), "CLUSTER", "COUNTKEYSINSLOT", "" + slot)).isEqualTo(251L);
    assertThat(call(to.uri(), "GET", "{away}249")).isEqualTo("value249");
    assertThat(call(to.uri(), "GET", bytes)).isEqualTo(bytes);
    assertThat(call(from.uri(), "CLUSTER", "COUNTKEYSINSLOT", "" + slot)).isEqualTo(0L);
    assertMoved(cluster.nodes().get(0), "{away}249", 2);
    assertMoved(from, "{away}249", 2);

    cluster.moveSlot(slot, 2, 1);

    assertThat(call(from.uri(), "GET", "{away}249")).isEqualTo("value249");
  }

  @Test
  void aKeyThatIsNowhereHasNoPlace() {
    assertThatIllegalStateException().isThrownBy(() -> cluster.placeOf("{nowhere}"));
  }

  @Test
  void aSlotThatIsElsewhereIsNotMoved() throws IOException {
    assertThatThrownBy(() -> cluster.moveSlot(slot("{elsewhere}"), 0, 1))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void aNodeThatWasKilledComesBackWithItsSlots() throws IOException, InterruptedException {
    RedisProcess node = cluster.nodes().get(0);
    assertThat(slot("{kept}")).isBetween(0, 5_460);
    call(node.uri(), "SET", "{kept}", "value");

    node.kill();
    node.restart();

    ServerChecks.await("it serves again", () -> answers(node, "{kept}"));
    assertThat(call(node.uri(), "GET", "{kept}")).isEqualTo("value");
  }

  private void assertMoved(RedisProcess asked, String key, int to) {
    assertThatThrownBy(() -> call(asked.uri(), "GET", key))
        .hasMessage("MOVED " + slot(key) + " 127.0.0.1:" + cluster.nodes().get(to).port());
  }

  private static boolean answers(RedisProcess node, String key) {
    try {
      call(node.uri(), "GET", key);
      return true;
    } catch (IOException e) {
      return false; // CLUSTERDOWN, until the node has heard of the others
    }
  }

  /** The CRC-16 of the hashed part of a key, as Redis Cluster defines it. */
  private static int slot(String key) {
    String hashed = key.startsWith("{") ? key.substring(1, key.indexOf('}')) : key;
    int crc = 0;
    for (byte b : hashed.getBytes(StandardCharsets.ISO_8859_1)) {
      crc ^= (b & 0xff) << 8;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 0x8000) == 0 ? crc << 1 : crc << 1 ^ 0x1021;
      }
      crc &= 0xffff;
    }
    return crc % SLOTS;
  }
}
