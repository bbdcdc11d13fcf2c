package dev.lease.examples.orderbot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashTestIT {

  @TempDir private Path directory;

  @Test
  void everyOrderIsPlacedOnceOnSqlite() throws Exception {
    CrashReport report = crashTest(sqlite(), 40, 5, OrderBot.class);

    assertThat(report.failures()).isEmpty();
    CrashReport.Counts counts = report.counts();
    assertThat(counts.kills()).isEqualTo(5);
    assertThat(counts.killedInFlight()).isGreaterThanOrEqualTo(5);
    assertThat(counts.done()).isEqualTo(40);
    assertThat(counts.orders()).isEqualTo(40);
    assertThat(counts.maxRecoveryS()).isBetween(1.0, 20.0);
  }

  @Test
  void aStoreThatHandsJobsOutTwiceFailsThoughTheBookIsRight() throws Exception {
    CrashReport report = crashTest(sqlite(), 20, 3, BrokenBot.Hasty.class);

    assertThat(report.counts().duplicates()).isZero();
    assertThat(report.counts().overlaps()).isPositive();
    assertThat(report.failures()).anyMatch(failure -> failure.contains("live worker"));
  }

  @Test
  void aStoreThatForgetsWhatIsDoneFailsThoughTheBookIsRight() throws Exception {
    CrashReport report = crashTest(sqlite(), 20, 1, BrokenBot.Forgetful.class);

    assertThat(report.counts().duplicates()).isZero();
    assertThat(report.counts().overlaps()).isZero();
    assertThat(report.failures()).anyMatch(failure -> failure.contains("requests"));
  }

  private StoreName sqlite() {
    return new StoreName("sqlite:" + directory.resolve("orders.db"));
  }

  private CrashReport crashTest(StoreName store, int jobs, int kills, Class<?> program)
      throws IOException, InterruptedException {
    return new CrashTest(store, jobs, kills, 1, program, directory, System.out).run();
  }
}
