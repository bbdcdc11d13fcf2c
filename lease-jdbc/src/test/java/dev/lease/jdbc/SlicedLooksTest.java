package dev.lease.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lease.Micros;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a full look finds that is made of slices. The test says how long each look took. */
class SlicedLooksTest {

  private static final long SEED = 20_261_129;
  private static final int JOBS = 400;
  private static final long SLOW = Duration.ofMillis(600).toNanos();

  @ParameterizedTest
  @EnumSource(names = {"SQLITE", "POSTGRESQL"})
  @DisplayName("Q11 Q13 a series of looks finds each older job once, and each look is in order")
  void each(TestDatabase kind) throws SQLException {
    String url = kind.newUrl();
    var random = new Random(SEED);
    try (var backend = JdbcBackend.open(TestDatabase.config(url))) {
      var marks =
          new Watermarks(Duration.ofMinutes(1), Duration.ofSeconds(10), false, System::nanoTime);
      look(backend, marks, 10, SLOW);
      marks.drop("q");
      List<String> rows = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        long due = Math.max(1, Math.round(1_600_000_000_000_000L * random.nextDouble()));
        int priority = random.nextInt(10);
        long held = i % 4 == 0 ? 0 : 6_000_000_000_000_000L;
        // Some are due at the same time, where a slice may end.
        rows.add(
            "('q', 'j%d', 't', 'p', '', %d, 3, 1, %d, %d, %s)"
                .formatted(
                    i, priority, i % 3 == 0 ? 1_000_000 : due, held, held == 0 ? "null" : "'o'"));
      }
      TestDatabase.execute(
          url,
          "insert into lease_job (queue, id, type, payload, headers, priority, max_crashes,"
              + " created_at, due_at, expires_at, owner) values "
              + String.join(",", rows));

      List<String> found = new ArrayList<>();
      int looks = 0;
      do {
        // A full one first: it has to come back for what is behind its last job.
        int limit = 1 + random.nextInt(20);
        long took = random.nextInt(4) == 0 ? SLOW / 2 : 1;
        List<ClaimedRow> met = look(backend, marks, limit, took);
        assertThat(met).isSortedAccordingTo(ClaimedRow.ORDER);
        met.forEach(row -> found.add(Objects.requireNonNull(row.job()).lease().jobId()));
        looks++;
      } while (marks.of("q").isFull() && looks < 1_000);

      assertThat(found).hasSize(JOBS / 4).doesNotHaveDuplicates();
    }
  }

  private static List<ClaimedRow> look(
      JdbcBackend backend, Watermarks marks, int limit, long took) {
    Watermarks.Levels from = marks.of("q");
    var claiming =
        new ClaimLook.Request("q", "w", limit, 4 << 20, true, Micros.of(Duration.ofMinutes(30)), 1);
    Database database = backend.database;
    ClaimLook look =
        database.run(
            "claim",
            Sql.JOB_CLAIM,
            session -> database.statements().claim(session, claiming, from));
    List<ClaimedRow> met = look.met();
    met.sort(ClaimedRow.ORDER);
    marks.seen("q", from, look, met.size() == limit, System.nanoTime(), took, true);
    return met;
  }
}
