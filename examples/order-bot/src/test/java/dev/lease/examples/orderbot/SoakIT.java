package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A soak on SQLite for a minute, unless the system properties {@code soak.stores}, {@code
 * soak.minutes} and {@code soak.seed} say otherwise.
 */
@Tag("slow")
@Execution(ExecutionMode.CONCURRENT)
class SoakIT {

  private static final int CUSTOMERS = 200;

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path directory;

  static Stream<String> stores() {
    return Stream.of(System.getProperty("soak.stores", "sqlite").split(","));
  }

  @ParameterizedTest
  @MethodSource("stores")
  void everyOrderIsPlacedOnceAndNoLeaseIsLostWithoutAReason(String store) throws Exception {
    try (SoakServer server = SoakServer.of(name(store))) {
      int minutes = Integer.getInteger("soak.minutes", 1);
      long seed = Long.getLong("soak.seed", 1);

      SoakReport report =
          new Soak(server, CUSTOMERS, minutes, seed, OrderBot.class, directory, System.out).run();

      System.out.println(Json.MAPPER.writeValueAsString(report.counts()));
      assertThat(report.failures()).as("logs in " + directory).isEmpty();
      assertThat(report.counts().orders()).isPositive();
      assertThat(report.counts().customers()).isEqualTo(CUSTOMERS);
      assertThat(report.counts().limitChanges()).isGreaterThan(2);
      assertThat(report.counts().mostAtOnce()).isGreaterThan(1);
      assertThat(report.counts().faults().values()).anyMatch(count -> count > 0);
      if (!server.store().isFile() && WrongClock.library().isPresent()) {
        assertThat(report.counts().faults().get(Fault.CLOCK)).isPositive();
        assertThat(report.counts().faults().get(Fault.JUMP)).isPositive();
      }
    }
  }

  private String name(String store) {
    return store.equals("sqlite") ? "sqlite:" + directory.resolve("soak.db") : store;
  }
}
