package dev.lease.examples.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What Linux reports about this process. */
@EnabledOnOs(OS.LINUX)
class CpuTest {

  private static final long SELF = ProcessHandle.current().pid();

  @Test
  @DisplayName("a process has used processor time, and not less with its children")
  void self() {
    Double alone = Cpu.of(SELF);
    assertThat(alone).isPositive();
    assertThat(Cpu.ofTree(SELF)).isGreaterThanOrEqualTo(alone);
  }

  @Test
  @DisplayName("nothing is known about a process that does not exist")
  void nobody() {
    assertThat(Cpu.of(Long.MAX_VALUE)).isNull();
  }

  @Test
  @DisplayName("a server is found by its port")
  void server() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(Listening.at("redis://127.0.0.1:" + socket.getLocalPort())).hasValue(SELF);
    }
  }
}
