package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class MigrationFileTest {

  @Test
  @DisplayName("Q52 a store opens though another class loader of the process has the lock file")
  void lockedHere() throws Exception {
    String url = TestDatabase.SQLITE.newUrl();
    Path file = Path.of(url.substring("jdbc:sqlite:".length()) + "-migration");
    try (var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        var lock = channel.lock()) {
      assertThat(lock.isValid()).isTrue();
      JdbcBackend.open(TestDatabase.config(url)).close();
    }
    assertThat(file).exists();
    // Another thread, since the lock of the process does not stop the thread that has it.
    CompletableFuture.runAsync(() -> JdbcBackend.open(TestDatabase.SQLITE.newConfig()).close())
        .get(2, TimeUnit.MINUTES);
  }
}
