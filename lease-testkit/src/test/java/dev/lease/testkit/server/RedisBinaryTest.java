package dev.lease.testkit.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.embedded.core.ExecutableProvider;

class RedisBinaryTest {

  @Test
  void theLibraryHasABinaryForEachMachineThatIsNamed() {
    for (String machine :
        new String[] {"Linux amd64", "Linux aarch64", "Mac OS X x86_64", "Mac OS X aarch64"}) {
      assertThat(ExecutableProvider.class.getResource(RedisBinary.resource(machine)))
          .as(machine)
          .isNotNull();
    }
  }

  @Test
  void aMachineWithoutABinaryIsNamed() {
    assertThatIllegalStateException()
        .isThrownBy(() -> RedisBinary.resource("Linux ppc64le"))
        .withMessageContaining("Linux ppc64le");
  }

  @Test
  void theBinaryIsUnpackedOnce(@TempDir Path home) throws IOException {
    Path binary = RedisBinary.unpacked(home);
    assertThat(binary).isExecutable();
    Object file = Files.readAttributes(binary, "unix:ino").get("ino");

    assertThat(RedisBinary.unpacked(home)).isEqualTo(binary);

    assertThat(Files.readAttributes(binary, "unix:ino").get("ino")).isEqualTo(file);
    try (Stream<Path> files = Files.list(home)) {
      assertThat(files).containsExactly(binary);
    }
  }
}
