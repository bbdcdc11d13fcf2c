package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.testkit.server.RedisProcess;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the first program of the README with Redis in the place of SQLite. */
class ReadmeIT {

  @Test
  void theFirstLinesOfJavaRunOnRedis(@TempDir Path directory) throws Exception {
    try (RedisProcess redis = RedisProcess.start()) {
      assertThat(ReadmeTest.outputOf(ReadmeTest.onRedis(redis.uri()), directory))
          .contains("placing Order[product=tea, quantity=3] under key lease:");
      assertThat(directory.resolve("orders.db")).doesNotExist();
    }
  }
}
